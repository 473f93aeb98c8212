import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Owner } from './file-state.ts';
import type { NodeModules } from './node-reader.ts';
import type { ReadingPort } from './reading-port.ts';
import type { AppendedText, CreatedFile, EntryFacts, NewFile, Replacement, TlsFiles } from './tls-files.ts';

/** The modules that are needed to write to a disk. */
export interface WritingModules extends NodeModules {
  /** The module `node:child_process`. */
  readonly childProcess: typeof import('node:child_process');
}

/**
 * Creates {@link TlsFiles} that read and write the files of the machine that runs this code.
 *
 * The function uses no variables from outside, because its source text is sent to a child process of another account.
 */
export function nodeFiles({ fs, path: paths, isUnix, childProcess }: WritingModules, reader: ReadingPort): TlsFiles {
  const { chmod, lstat, mkdir, open, realpath, rm, rmdir, unlink } = fs.promises;

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
    let handle: FileHandle | undefined;
    try {
      if (isUnix) handle = await open(path, 'r');
      // mkdir removes the bits of the umask from the mode, so the mode is set again.
      await handle?.chmod(mode);
      if (owner !== undefined) await giveTo(handle, owner, mode);
    } catch (error) {
      // Another process may have removed the directory, and a third may have created it again with a file in it. The
      // caller needs the first error.
      await rmdir(path).catch(() => undefined);
      throw error;
    } finally {
      await handle?.close();
    }
  }

  async function create(file: NewFile): Promise<CreatedFile> {
    const handle = await open(file.path, 'wx', 0o600);
    let carriedOver = true;
    try {
      if (file.like !== undefined) carriedOver = await carryOver(file.like, file);
      const { owner, mode } = file;
      if (owner !== undefined) await giveTo(handle, owner, mode);
      // chown clears some bits of the mode, and open removes the bits of the umask, so the mode is set again.
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
   * Sets the owner of a file. An account cannot set a group to which it does not belong. In that case, the file keeps
   * the group of the account, provided that the mode gives the group no more rights than all others.
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
   * Copies the access control list, the extended attributes and the security label of a file with GNU cp, because Node
   * has no function for this. For a private file, mode and access control list are not copied. Otherwise another
   * account could open the new file while it is empty, and read the key later.
   */
  function carryOver(from: string, { path: to, mode }: NewFile): Promise<boolean> {
    const isPrivate = (mode & 0o077) === 0;
    const what = isPrivate ? ['--preserve=all', '--no-preserve=mode'] : ['--preserve=all'];
    // In spite of `--no-preserve=mode`, some versions of cp set the default mode. With this umask, the default mode
    // gives no rights to group and others.
    const files = [from, to].map((file) => paths.resolve(file));
    const program = ['-c', 'umask 077; exec /bin/cp "$@"', 'cp', '--attributes-only', ...what, '--', ...files];
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

  async function append(text: AppendedText): Promise<boolean> {
    const { O_RDWR, O_APPEND, O_NOFOLLOW = 0 } = fs.constants;
    const handle = await open(text.path, O_RDWR | O_APPEND | O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (handle === undefined) return false;
    try {
      const facts = await handle.stat();
      if (!facts.isFile() || facts.size === 0) return false;
      const { buffer } = await handle.read(new Uint8Array(1), 0, 1, facts.size - 1);
      if (buffer[0] !== 10) return false;
      try {
        await handle.writeFile(text.content());
        await handle.sync();
      } catch (error) {
        // An error of truncating is ignored, because the caller needs the first error. The file may then end with some
        // of the new lines, or with part of a line.
        await handle.truncate(facts.size).catch(() => undefined);
        throw error;
      }
      return true;
    } finally {
      await handle.close();
    }
  }

  /**
   * Makes a hard link with a synchronous call, so that no other work of this process comes between two system calls.
   */
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
      // Some file systems cannot flush a directory. Their error is ignored.
      if (!['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    } finally {
      await handle.close();
    }
  }

  /** Whether a file is a mount point, as it may be in a container. Only Linux tells this (`mountinfo` in proc(5)). */
  async function isMounted(path: string): Promise<boolean> {
    const name = paths.basename(path);
    const points = mountPoints().filter((point) => paths.basename(point) === name);
    return points.length > 0 && points.includes(paths.join(await realpath(paths.dirname(path)), name));
  }

  /** The paths of all mount points. The kernel makes the text, so reading it never waits for a disk. */
  function mountPoints(): readonly string[] {
    if (process.platform !== 'linux') return [];
    try {
      const lines = fs.readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
      return lines.map((line) => octalDecoded(line.split(' ')[4] ?? ''));
    } catch {
      return [];
    }
  }

  /** Decodes the octal numbers with which `mountinfo` escapes spaces, tabs, line ends and backslashes. */
  function octalDecoded(text: string): string {
    return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  }

  return {
    ...reader,
    inspect,
    makeDirectory,
    removeDirectory: rmdir,
    create,
    link,
    rename,
    replace,
    remove: unlink,
    sync,
    append,
  };
}
