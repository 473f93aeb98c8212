import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Owner } from '../../disk/file-state.ts';
import type { NodeModules, NodeReader } from '../../disk/node-reader.ts';
import type { CreatedFile, EntryFacts, NewFile, Replacement, TlsFiles } from './files.ts';

/** What writing to a disk takes from its surroundings beside what reading does. */
export interface WritingModules extends NodeModules {
  /** The module `node:child_process`. */
  readonly childProcess: typeof import('node:child_process');
}

/**
 * Files of the machine that it runs on.
 *
 * The function refers to nothing outside itself, because a child process that runs as another account is given its text.
 */
export function nodeFiles({ fs, path: paths, isUnix, childProcess }: WritingModules, reader: NodeReader): TlsFiles {
  const { chmod, lstat, mkdir, open, readFile, realpath, rm, rmdir, unlink } = fs.promises;
  const { read, list, statDirectory, realPath } = reader;

  async function inspect(path: string): Promise<EntryFacts | undefined> {
    try {
      const facts = await lstat(path, { bigint: true });
      const id = `${facts.dev}:${facts.ino}`;
      const owner = { uid: Number(facts.uid), gid: Number(facts.gid) };
      const mounted = facts.isFile() && (await isMounted(path));
      return {
        kind: kindOf(facts),
        id,
        ...(isUnix && { mode: Number(facts.mode) & 0o7777, owner }),
        ...(mounted && { mounted }),
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  function kindOf(facts: BigIntStats): EntryFacts['kind'] {
    if (facts.isFile()) return 'file';
    if (facts.isDirectory()) return 'directory';
    return facts.isSymbolicLink() ? 'link' : 'other';
  }

  async function makeDirectory(path: string, { mode, owner }: { mode: number; owner?: Owner }): Promise<void> {
    await mkdir(path, { mode });
    const handle = isUnix ? await open(path, 'r') : undefined;
    try {
      // The mode that mkdir is given is cut by the umask.
      await handle?.chmod(mode);
      if (owner !== undefined) await giveTo(handle, owner, mode);
    } catch (error) {
      await rmdir(path);
      throw error;
    } finally {
      await handle?.close();
    }
  }

  async function create(file: NewFile): Promise<CreatedFile> {
    const handle = await open(file.path, 'wx', 0o600);
    let carriedOver = true;
    try {
      if (file.like !== undefined) carriedOver = await carryOver(file.like, file.path, (file.mode & 0o077) === 0);
      const { owner, mode } = file;
      if (owner !== undefined) await giveTo(handle, owner, mode);
      // After chown, which clears some bits, and not by open, whose mode is cut by the umask.
      if (isUnix) await handle.chmod(mode);
      await handle.writeFile(file.content());
      if (file.isTemporary !== true) await handle.sync();
    } catch (error) {
      await handle.close();
      await rm(file.path, { force: true });
      throw error;
    }
    await handle.close();
    return { carriedOver };
  }

  /**
   * Sets the owner. A group that this account is not in cannot be set; then its own group stays, if the mode gives the group
   * nothing that it does not give to all.
   */
  async function giveTo(handle: FileHandle | undefined, owner: Owner, mode: number): Promise<void> {
    if (!isUnix || handle === undefined) return;
    const { uid, gid } = await handle.stat();
    if (uid === owner.uid && gid === owner.gid) return;
    try {
      await handle.chown(owner.uid, owner.gid);
    } catch (error) {
      const groupAlone = (mode >> 3) & 7 & ~mode;
      if (uid !== owner.uid || groupAlone !== 0) throw error;
    }
  }

  /**
   * Copies access control list, extended attributes and security label, by the one program that can: GNU's cp. For a
   * private file it does not copy mode and access control list: who opens the file while it is empty reads it later, too.
   */
  function carryOver(from: string, to: string, isPrivate: boolean): Promise<boolean> {
    const what = isPrivate ? ['--preserve=all', '--no-preserve=mode'] : ['--preserve=all'];
    // Versions of cp give the file the usual mode then, less the umask.
    const program = ['-c', 'umask 077; exec /bin/cp "$@"', 'cp', '--attributes-only', ...what, '--', from, to];
    if (process.platform !== 'linux') return Promise.resolve(false);
    return new Promise((resolve) => {
      childProcess.execFile('/bin/sh', program, { cwd: '/', env: {}, timeout: 10_000 }, (error) => {
        resolve(error === null);
      });
    }).then(async (copied) => {
      await chmod(to, 0o600);
      return copied === true;
    });
  }

  /** Not asynchronous inside: nothing of this process comes between a call and its caller. */
  async function link(path: string, name: string): Promise<void> {
    fs.linkSync(path, name);
  }

  async function rename(from: string, to: string): Promise<void> {
    fs.renameSync(from, to);
  }

  async function replace({ target, by, keep }: Replacement): Promise<void> {
    fs.linkSync(target, keep);
    fs.renameSync(by, target);
  }

  async function sync(directory: string): Promise<void> {
    if (!isUnix) return;
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } catch (error) {
      // Where a directory cannot be flushed there is nothing better.
      if (!['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    } finally {
      await handle.close();
    }
  }

  /** Whether a file is a mount point by itself, as containers have single files. Linux alone tells (proc(5), `mountinfo`). */
  async function isMounted(path: string): Promise<boolean> {
    if (process.platform !== 'linux') return false;
    const target = paths.join(await realpath(paths.dirname(path)), paths.basename(path));
    const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
    return mounts.split('\n').some((line) => octalDecoded(line.split(' ')[4] ?? '') === target);
  }

  /** Blanks, tabs, line ends and backslashes stand there in octal. */
  function octalDecoded(text: string): string {
    return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  }

  return {
    ...{ read, list, statDirectory, realPath, inspect },
    ...{ makeDirectory, removeDirectory: rmdir, create, link, rename, replace, remove: unlink, sync },
  };
}
