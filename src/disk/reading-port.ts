import { assertMethods } from '../arguments.ts';
import type { FileState, Owner } from './file-state.ts';

/** Facts about a directory. */
export interface DirectoryFacts {
  /** The owner, if the system has owners. */
  readonly owner?: Owner;
}

/**
 * The functions with which this library reads files. An implementation may read the disk of this machine, a container,
 * another machine over SSH, or the files of a test. Every method rejects as `node:fs` does, with an `Error` that has a
 * `code` (`EACCES`, `EISDIR`, …).
 */
export interface ReadingPort {
  /**
   * Reads the file at a path, after following symbolic links. The result is `undefined` if there is no file. The caller
   * may change the bytes of the result, so an implementation that keeps files in memory returns a copy.
   */
  read(path: string): Promise<FileState | undefined>;
  /** Returns the names in a directory, in any order. Rejects with `ENOENT` if the directory does not exist. */
  list(path: string): Promise<readonly string[]>;
  /**
   * Returns the facts about the directory at a path; `undefined` if nothing is at the path. Rejects with `ENOTDIR` for
   * a file.
   */
  statDirectory(path: string): Promise<DirectoryFacts | undefined>;
  /**
   * Returns the path with all symbolic links resolved, including those in its directories. The last components need not
   * exist.
   */
  realPath(path: string): Promise<string>;
}

const methodNames: Readonly<Record<keyof ReadingPort, true>> = {
  read: true,
  list: true,
  statDirectory: true,
  realPath: true,
};

/**
 * @internal Checks that a value has the methods of a {@link ReadingPort}. A caller without type checks may pass another
 * value. `undefined` is valid.
 */
export function assertReadingPort(files: ReadingPort | undefined, what: string): void {
  if (files !== undefined) assertMethods(files, Object.keys(methodNames), what);
}
