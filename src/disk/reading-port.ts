import { assertMethods } from '../arguments.ts';
import type { FileState, Owner } from './file-state.ts';

/** Facts about a directory. */
export interface DirectoryFacts {
  /** Its owner, where the system has one. */
  readonly owner?: Owner;
}

/**
 * How files are read: from this machine's disk, or from a container, over SSH, in a test. Every method rejects as
 * `node:fs` does, with an `Error` that has a `code` (`EACCES`, `EISDIR`, …).
 */
export interface ReadingPort {
  /** The file at a path, symbolic links followed; undefined if there is none. */
  read(path: string): Promise<FileState | undefined>;
  /** The names in a directory, in any order. Rejects with `ENOENT` if there is no such directory. */
  list(path: string): Promise<readonly string[]>;
  /** The directory at a path; undefined if there is none. */
  statDirectory(path: string): Promise<DirectoryFacts | undefined>;
  /** Where a path leads through symbolic links, those of its directories included, also if there is no file at the end. */
  realPath(path: string): Promise<string>;
}

const methodNames: Readonly<Record<keyof ReadingPort, true>> = {
  read: true,
  list: true,
  statDirectory: true,
  realPath: true,
};

/** @internal Checks a port that a caller without type checks may have passed; a missing port is valid. */
export function assertReadingPort(files: ReadingPort | undefined, what: string): void {
  if (files !== undefined) assertMethods(files, Object.keys(methodNames), what);
}
