import { assertMethods } from '../arguments.ts';
import type { FileState, Owner } from './file-state.ts';

/** Facts about a directory. */
export interface DirectoryFacts {
  /** The owner, if the system has owners. */
  readonly owner?: Owner;
}

/**
 * The functions that read files: from this machine's disk, from a container, over SSH, or in a test. Every method
 * rejects as `node:fs` does, with an `Error` that has a `code` (`EACCES`, `EISDIR`, …).
 */
export interface ReadingPort {
  /** The file at a path, after following symbolic links; `undefined` if there is no file. */
  read(path: string): Promise<FileState | undefined>;
  /** The names in a directory, in any order. Rejects with `ENOENT` if there is no such directory. */
  list(path: string): Promise<readonly string[]>;
  /** The directory at a path; `undefined` if there is no directory. */
  statDirectory(path: string): Promise<DirectoryFacts | undefined>;
  /** The path without symbolic links. All its directories are followed, too. The file at the end need not exist. */
  realPath(path: string): Promise<string>;
}

const methodNames: Readonly<Record<keyof ReadingPort, true>> = {
  read: true,
  list: true,
  statDirectory: true,
  realPath: true,
};

/**
 * @internal Checks that a value has the methods of a port. A caller without type checks may pass another value. A
 * missing port is valid.
 */
export function assertReadingPort(files: ReadingPort | undefined, what: string): void {
  if (files !== undefined) assertMethods(files, Object.keys(methodNames), what);
}
