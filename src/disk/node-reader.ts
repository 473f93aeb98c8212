import type { Stats } from 'node:fs';
import type { WithContent } from '../with-content.ts';
import type { FileState, Owner } from './file-state.ts';
import type { ReadingPort } from './reading-port.ts';

/** The modules and facts that are needed to read a disk. */
export interface NodeModules {
  /** The module `node:fs`. */
  readonly fs: typeof import('node:fs');
  /** The module `node:path`. */
  readonly path: typeof import('node:path');
  /** Whether files have a mode and an owner on this system. */
  readonly isUnix: boolean;
  /** Adds the content of a file to facts about the file. */
  readonly withContent: <T extends object>(facts: T, content: Uint8Array) => T & WithContent;
}

/**
 * Reads the files of the machine that runs this code.
 *
 * The function uses no variables from outside, because its source text is sent to a child process of another account.
 */
export function nodeReader({ fs, path: paths, isUnix, withContent }: NodeModules): ReadingPort {
  const { lstat, readdir, readFile, readlink, realpath, stat } = fs.promises;
  // Node can make no string of a file of 512 MiB. A file of this size takes seconds to read and to decode.
  const mostBytes = 256 * 1024 * 1024;

  /** Returns the path, or throws if the path is not UTF-8, because Node would open another path. */
  function openable(path: string): string {
    if (path.isWellFormed()) return path;
    throw systemError('EILSEQ', 'Node cannot open a path that is not UTF-8');
  }

  async function read(path: string): Promise<FileState | undefined> {
    const facts = await unlessMissing(stat(openable(path)));
    if (facts === undefined) return undefined;
    // The check comes before opening the file, because opening a named pipe would wait for ever.
    if (!facts.isFile()) throw systemError('EISDIR', `${path} is not a regular file`);
    if (facts.size > mostBytes) throw systemError('EFBIG', `${path} is larger than 256 MiB`);
    const mode = isUnix ? { mode: facts.mode & 0o7777 } : {};
    // Another process may have removed the file since.
    const content = await unlessMissing(readFile(path));
    // The content is copied from the Buffer into a Uint8Array, because a Buffer and a Uint8Array print and compare
    // differently.
    return content && withContent({ path, ...mode, ...ownerOf(facts) }, new Uint8Array(content));
  }

  async function statDirectory(path: string): Promise<{ readonly owner?: Owner } | undefined> {
    const facts = await unlessMissing(stat(openable(path)));
    if (facts === undefined) return undefined;
    if (!facts.isDirectory()) throw systemError('ENOTDIR', `${path} is not a directory`);
    return ownerOf(facts);
  }

  async function realPath(path: string): Promise<string> {
    return realOf(paths.resolve(openable(path)));
  }

  async function realOf(path: string): Promise<string> {
    const target = await followLinks(path);
    return paths.join(await realFolder(paths.dirname(target)), paths.basename(target));
  }

  /**
   * Resolves the symbolic links of a directory. Neither a file that a server or client names nor its directory need
   * exist, but a directory further up may be a link.
   */
  function realFolder(folder: string): Promise<string> {
    return realpath(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return realOf(folder);
    });
  }

  /** Follows the symbolic links of the last component of a path, even to a file that does not exist. */
  async function followLinks(path: string): Promise<string> {
    let target = withoutSlashes(path);
    for (let hops = 0; (await unlessMissing(lstat(target)))?.isSymbolicLink(); hops++) {
      if (hops === 40) throw systemError('ELOOP', `${path} is a loop of symbolic links`);
      const next = await readlink(target);
      // The path is not normalized: if `..` follows a link, the system takes the parent of the link's target.
      target = withoutSlashes(paths.isAbsolute(next) ? next : `${paths.dirname(target)}/${next}`);
    }
    return target;
  }

  /** Removes the slashes at the end of a path, with which lstat follows a link. */
  function withoutSlashes(path: string): string {
    let end = path.length;
    while (end > 1 && path[end - 1] === '/') end -= 1;
    return path.slice(0, end);
  }

  async function unlessMissing<T>(result: Promise<T>): Promise<T | undefined> {
    try {
      return await result;
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

  return { read, list: async (path) => readdir(openable(path)), statDirectory, realPath };
}
