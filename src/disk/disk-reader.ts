import type { Stats } from 'node:fs';
import { lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { withContent } from './content.ts';
import type { FileState, Owner } from './file-state.ts';
import type { DirectoryFacts, ReadingPort } from './reading-port.ts';
import { hasCode, systemError } from './system-error.ts';

/** Reads files of this machine. */
export const diskReader: ReadingPort = { read, list: readdir, statDirectory, realPath };

const isUnix = process.platform !== 'win32';

async function read(path: string): Promise<FileState | undefined> {
  const facts = await statIfThere(path);
  if (facts === undefined) return undefined;
  // Checked before opening, because opening a named pipe would wait for ever.
  if (!facts.isFile()) throw systemError('EISDIR', `${path} is not a regular file`);
  const mode = isUnix ? { mode: facts.mode & 0o7777 } : {};
  // Not the Buffer itself, which prints and compares in another way than a Uint8Array.
  return withContent({ path, ...mode, ...ownerOf(facts) }, new Uint8Array(await readFile(path)));
}

async function statDirectory(path: string): Promise<DirectoryFacts | undefined> {
  const facts = await statIfThere(path);
  if (facts === undefined) return undefined;
  if (!facts.isDirectory()) throw systemError('ENOTDIR', `${path} is not a directory`);
  return ownerOf(facts);
}

async function realPath(path: string): Promise<string> {
  const target = await followLinks(resolve(path));
  const folder = dirname(target);
  // Only the last component may be missing in what a server or client names; a missing directory has no links.
  const isThere = (await statIfThere(folder)) !== undefined;
  return isThere ? join(await realpath(folder), basename(target)) : target;
}

/** Follows the links of the last component, which may dangle: Debian links its configuration files. */
async function followLinks(path: string): Promise<string> {
  let target = path;
  for (let hops = 0; (await statIfThere(target, lstat))?.isSymbolicLink(); hops++) {
    if (hops === 40) throw systemError('ELOOP', `${path} is a loop of symbolic links`);
    target = resolve(dirname(target), await readlink(target));
  }
  return target;
}

/** The facts about a path; undefined if there is nothing. */
export async function statIfThere(
  path: string,
  read: (path: string) => Promise<Stats> = stat,
): Promise<Stats | undefined> {
  try {
    return await read(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The owner of a file or directory, on systems that have owners. */
export function ownerOf(facts: Stats): { readonly owner?: Owner } {
  return isUnix ? { owner: { uid: facts.uid, gid: facts.gid } } : {};
}
