import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  access,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { withSecret } from '../../secret.ts';
import type { FileState, Owner } from '../state.ts';
import type { DirectoryFacts, NewFile, StagedFile, TlsFiles } from './files.ts';
import { isMounted } from './mount.ts';

/** Files of this machine. */
export const diskFiles: TlsFiles = { read, readDirectory, makeDirectory, removeDirectory: rmdir, stage };

const isUnix = process.platform !== 'win32';

async function read(path: string): Promise<FileState | undefined> {
  const facts = await statIfThere(path);
  if (facts === undefined) return undefined;
  // Before it is opened: opening a named pipe would wait for ever.
  if (!facts.isFile()) throw systemError('EISDIR', `${path} is no regular file`);
  // A plain array of bytes: a Buffer is one with other ways to print and compare.
  const content = new Uint8Array(await readFile(path));
  const mode = isUnix ? { mode: facts.mode & 0o7777 } : {};
  return withSecret({ path, ...mode, ...ownerOf(facts) }, 'content', content);
}

async function readDirectory(path: string): Promise<DirectoryFacts | undefined> {
  const facts = await statIfThere(path);
  if (facts === undefined) return undefined;
  if (!facts.isDirectory()) throw systemError('ENOTDIR', `${path} is no directory`);
  return ownerOf(facts);
}

async function makeDirectory(path: string, options: { readonly mode: number; readonly owner?: Owner }): Promise<void> {
  await mkdir(path, { mode: options.mode });
  const handle = isUnix ? await open(path, 'r') : undefined;
  try {
    await handle?.chmod(options.mode);
    if (options.owner !== undefined) await giveTo(handle, options.owner);
  } catch (error) {
    await rmdir(path);
    throw error;
  } finally {
    await handle?.close();
  }
}

async function stage(file: NewFile): Promise<StagedFile> {
  const target = await linkTarget(file.path);
  const current = await statIfThere(target);
  if (current !== undefined && !current.isFile()) throw systemError('EISDIR', `${target} is no regular file`);
  if (await isMounted(target)) throw systemError('EBUSY', `${target} is mounted by itself`);
  const folder = dirname(target);
  // A file that may not be written could still be renamed over where the directory allows it; as root, both always.
  await access(folder, constants.W_OK);
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    const owner = file.owner ?? (current === undefined ? undefined : ownerOf(current).owner);
    if (owner !== undefined) await giveTo(handle, owner);
    // Beside chown, since that would clear some bits, and beside open, whose mode is cut by the umask.
    if (isUnix) await handle.chmod(file.mode ?? (current === undefined ? 0o600 : current.mode & 0o7777));
    await handle.writeFile(file.content);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await handle.close();
  return {
    commit: async () => {
      await rename(temporary, target);
      await syncDirectory(folder);
    },
    discard: () => rm(temporary, { force: true }),
  };
}

/** Where a path leads through symbolic links, also where there is nothing at the end: Debian links its configuration. */
async function linkTarget(path: string): Promise<string> {
  let target = resolve(path);
  for (let hops = 0; (await statIfThere(target, lstat))?.isSymbolicLink(); hops++) {
    if (hops === 40) throw systemError('ELOOP', `${path} is a loop of symbolic links`);
    target = resolve(dirname(target), await readlink(target));
  }
  return target;
}

async function statIfThere(path: string, read: (path: string) => Promise<Stats> = stat): Promise<Stats | undefined> {
  try {
    return await read(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function giveTo(handle: FileHandle | undefined, owner: Owner): Promise<void> {
  if (!isUnix || handle === undefined) return;
  const { uid, gid } = await handle.stat();
  if (uid !== owner.uid || gid !== owner.gid) await handle.chown(owner.uid, owner.gid);
}

/** Makes the new name last through a power cut; where a directory cannot be synced there is nothing better. */
async function syncDirectory(folder: string): Promise<void> {
  if (!isUnix) return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!hasCode(error, 'EINVAL') && !hasCode(error, 'ENOTSUP')) throw error;
  } finally {
    await handle.close();
  }
}

function ownerOf(facts: Stats): { readonly owner?: Owner } {
  return isUnix ? { owner: { uid: facts.uid, gid: facts.gid } } : {};
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
