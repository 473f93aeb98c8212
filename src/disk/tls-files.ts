import { assertMethods } from '../arguments.ts';
import type { WithContent } from './content.ts';
import type { Owner } from './file-state.ts';
import type { ReadingPort } from './reading-port.ts';

/** A file to be created. */
export interface NewFile extends WithContent {
  /** The path, at which there is nothing yet. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** Owner; the account of the process if not given. */
  readonly owner?: Owner;
  /** A file whose access control list, extended attributes and security label the new file shall have. */
  readonly like?: string;
  /** Whether the file need not survive a power cut, so that it is not flushed. */
  readonly isTemporary?: boolean;
}

/** The result of creating a file. */
export interface CreatedFile {
  /**
   * Whether the access control list, the extended attributes and the security label of the file `like` were copied, as far
   * as the system lets this account. False if no program of the system copies them.
   */
  readonly carriedOver: boolean;
}

/** Text to be appended to a file. */
export interface AppendedText extends WithContent {
  /** The path of the file. */
  readonly path: string;
}

/** Facts about a directory entry; a symbolic link is not followed. */
export interface EntryFacts {
  /** What it is. */
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** The identity of the file. Two paths have the same one only if they are names of one file. */
  readonly id: string;
  /** Permission bits, where the system has them. */
  readonly mode?: number;
  /** Owner, where the system has one. */
  readonly owner?: Owner;
  /** Whether the file is a mount point by itself, so that no other file can be renamed to its path. */
  readonly mounted?: boolean;
}

/** A file that takes the place of another one, which stays under a further name. */
export interface Replacement {
  /** The path of the file to be replaced. */
  readonly target: string;
  /** The path of the file that takes its place; afterwards there is nothing. */
  readonly by: string;
  /** A free path in the same directory: a further name for the file that is replaced. */
  readonly keep: string;
}

/**
 * All operations on files that applying a plan needs. A port of your own applies plans elsewhere: in a container, over SSH,
 * in a test. {@link checkTlsFiles} tests it. Every method rejects as `node:fs` does, with an `Error` that has a `code`. A call
 * that rejects should have changed nothing; a transaction looks at the files again in any case.
 */
export interface TlsFiles extends ReadingPort {
  /** The entry at a path, a symbolic link not followed; undefined if there is none. */
  inspect(path: string): Promise<EntryFacts | undefined>;
  /** Makes a directory below one that exists. Rejects with `EEXIST` if there is anything at the path. */
  makeDirectory(path: string, options: { readonly mode: number; readonly owner?: Owner }): Promise<void>;
  /** Removes an empty directory. Rejects with `ENOENT` or `ENOTEMPTY`. */
  removeDirectory(path: string): Promise<void>;
  /**
   * Creates a file where there is none, with mode and owner before it has content, and flushes it to the disk. Rejects with
   * `EEXIST` if there is anything at the path, and leaves nothing behind if it rejects.
   */
  create(file: NewFile): Promise<CreatedFile>;
  /** Gives a file a further name in the same directory (a hard link). Rejects with `EEXIST` if that name is taken. */
  link(path: string, name: string): Promise<void>;
  /** Moves a file within its directory, in one step. It replaces a file that is at the other path. */
  rename(from: string, to: string): Promise<void>;
  /**
   * Links the target to `keep`, then renames `by` to the target, with nothing between the two calls: the save of another
   * program rarely falls between them then. Rejects with `EEXIST` if `keep` is taken.
   */
  replace(replacement: Replacement): Promise<void>;
  /** Removes a file. Rejects with `ENOENT`. */
  remove(path: string): Promise<void>;
  /** Flushes the names in a directory to the disk, where the system can. */
  sync(directory: string): Promise<void>;
  /**
   * Appends to a file and flushes it to the disk. Resolves with false, and changes nothing, if there is no file, or if the
   * file does not end with a line end. A plan does not need this method; `fileLedgerStore` writes the whole file
   * where a port lacks it.
   */
  append?(text: AppendedText): Promise<boolean>;
}

const methodNames: Readonly<Record<Exclude<keyof TlsFiles, 'append'>, true>> = {
  read: true,
  list: true,
  statDirectory: true,
  realPath: true,
  inspect: true,
  makeDirectory: true,
  removeDirectory: true,
  create: true,
  link: true,
  rename: true,
  replace: true,
  remove: true,
  sync: true,
};

/** @internal Checks a port that a caller without type checks may have passed; a missing port is valid. */
export function assertTlsFiles(files: TlsFiles | undefined, what: string): void {
  if (files !== undefined) assertMethods(files, Object.keys(methodNames), what);
}
