import type { Stats } from 'node:fs';
import type { WithContent } from './content.ts';
import type { FileState, Owner } from './file-state.ts';
import type { ReadingPort } from './reading-port.ts';

/** What reading a disk takes from its surroundings. */
export interface NodeModules {
  /** The module `node:fs`. */
  readonly fs: typeof import('node:fs');
  /** The module `node:path`. */
  readonly path: typeof import('node:path');
  /** Whether files have a mode and an owner here. */
  readonly isUnix: boolean;
  /** Joins facts about a file and its content. */
  readonly withContent: <T extends object>(facts: T, content: Uint8Array) => T & WithContent;
}

/** A reading port for `node:fs`, and what a writing port builds on. */
export interface NodeReader extends ReadingPort {
  /** The facts about a path, links followed; undefined if there is nothing. */
  statIfThere(path: string): Promise<Stats | undefined>;
  /** An error as `node:fs` gives it. */
  systemError(code: string, message: string): Error;
}

/**
 * Reads files of the machine that it runs on.
 *
 * The function refers to nothing outside itself, because a child process that runs as another account is given its text.
 */
export function nodeReader({ fs, path: paths, isUnix, withContent }: NodeModules): NodeReader {
  const { lstat, readdir, readFile, readlink, realpath, stat } = fs.promises;

  async function read(path: string): Promise<FileState | undefined> {
    const facts = await statIfThere(path);
    if (facts === undefined) return undefined;
    // Checked before opening, because opening a named pipe would wait for ever.
    if (!facts.isFile()) throw systemError('EISDIR', `${path} is not a regular file`);
    const mode = isUnix ? { mode: facts.mode & 0o7777 } : {};
    // Not the Buffer itself, which prints and compares in another way than a Uint8Array.
    return withContent({ path, ...mode, ...ownerOf(facts) }, new Uint8Array(await readFile(path)));
  }

  async function statDirectory(path: string): Promise<{ readonly owner?: Owner } | undefined> {
    const facts = await statIfThere(path);
    if (facts === undefined) return undefined;
    if (!facts.isDirectory()) throw systemError('ENOTDIR', `${path} is not a directory`);
    return ownerOf(facts);
  }

  async function realPath(path: string): Promise<string> {
    const target = await followLinks(paths.resolve(path));
    const folder = paths.dirname(target);
    // Only the last component may be missing in what a server or client names; a missing directory has no links.
    const isThere = (await statIfThere(folder)) !== undefined;
    return isThere ? paths.join(await realpath(folder), paths.basename(target)) : target;
  }

  /** Follows the links of the last component, which may dangle: Debian links its configuration files. */
  async function followLinks(path: string): Promise<string> {
    let target = path;
    for (let hops = 0; (await unlessMissing(lstat(target)))?.isSymbolicLink(); hops++) {
      if (hops === 40) throw systemError('ELOOP', `${path} is a loop of symbolic links`);
      target = paths.resolve(paths.dirname(target), await readlink(target));
    }
    return target;
  }

  function statIfThere(path: string): Promise<Stats | undefined> {
    return unlessMissing(stat(path));
  }

  async function unlessMissing(facts: Promise<Stats>): Promise<Stats | undefined> {
    try {
      return await facts;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  function ownerOf(facts: Stats): { readonly owner?: Owner } {
    return isUnix ? { owner: { uid: facts.uid, gid: facts.gid } } : {};
  }

  function systemError(code: string, message: string): Error {
    return Object.assign(new Error(`${code}: ${message}`), { code });
  }

  return { read, list: readdir, statDirectory, realPath, statIfThere, systemError };
}
