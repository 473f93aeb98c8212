import { assertMethods } from '../arguments.ts';
import type { WithContent } from './content.ts';
import type { Owner } from './file-state.ts';
import type { ReadingPort } from './reading-port.ts';

/** A file to create. */
export interface NewFile extends WithContent {
  /** The path. There must be nothing at it. */
  readonly path: string;
  /** The permission bits. */
  readonly mode: number;
  /** The owner; the account of the process if not given. */
  readonly owner?: Owner;
  /** The path of a file. The new file gets its access control list, extended attributes and security label. */
  readonly like?: string;
  /** Whether the file may get lost in a power cut. If so, it is not flushed to the disk. */
  readonly isTemporary?: boolean;
}

/** The result of creating a file. */
export interface CreatedFile {
  /**
   * Whether the access control list, the extended attributes and the security label of the file `like` were copied, as
   * far as the system allows it. `false` if the system has no program that copies them.
   */
  readonly carriedOver: boolean;
}

/** Text to append to a file. */
export interface AppendedText extends WithContent {
  /** The path of the file. */
  readonly path: string;
}

/** Facts about a directory entry. A symbolic link is not followed. */
export interface EntryFacts {
  /** The kind of entry. */
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** The identity of the file. Two paths have the same identity only if they are names of the same file. */
  readonly id: string;
  /** The permission bits, if the system has them. */
  readonly mode?: number;
  /** The owner, if the system has owners. */
  readonly owner?: Owner;
  /** Whether the file is itself a mount point. No other file can then be renamed to its path. */
  readonly mounted?: boolean;
}

/** The replacement of a file. The old file stays under another name. */
export interface Replacement {
  /** The path of the file to replace. */
  readonly target: string;
  /** The path of the new file. After the replacement there is nothing at it. */
  readonly by: string;
  /** A free path in the same directory. The old file stays under it. */
  readonly keep: string;
}

/**
 * All operations on files that are needed to apply a plan. With a port of your own, a plan can be applied elsewhere: in
 * a container, over SSH, in a test. {@link checkTlsFiles} tests a port. Every method rejects as `node:fs` does, with an
 * `Error` that has a `code`. A call that rejects should have changed nothing, but a transaction checks the files again
 * in any case.
 */
export interface TlsFiles extends ReadingPort {
  /** The entry at a path; `undefined` if there is nothing. A symbolic link is not followed. */
  inspect(path: string): Promise<EntryFacts | undefined>;
  /** Makes a directory in an existing directory. Rejects with `EEXIST` if there is anything at the path. */
  makeDirectory(path: string, options: { readonly mode: number; readonly owner?: Owner }): Promise<void>;
  /** Removes an empty directory. Rejects with `ENOENT` or `ENOTEMPTY`. */
  removeDirectory(path: string): Promise<void>;
  /**
   * Creates a file. It sets mode and owner before it writes the content, and flushes the file to the disk. Rejects with
   * `EEXIST` if there is anything at the path. If it rejects, it leaves no file.
   */
  create(file: NewFile): Promise<CreatedFile>;
  /** Gives a file another name in the same directory (a hard link). Rejects with `EEXIST` if that name exists. */
  link(path: string, name: string): Promise<void>;
  /** Renames a file within its directory, in one step. A file at the new path is replaced. */
  rename(from: string, to: string): Promise<void>;
  /**
   * Links the target to `keep`, then renames `by` to the target. Nothing happens between the two calls, so that another
   * program is unlikely to save the file between them. Rejects with `EEXIST` if `keep` exists.
   */
  replace(replacement: Replacement): Promise<void>;
  /** Removes a file. Rejects with `ENOENT`. */
  remove(path: string): Promise<void>;
  /** Flushes the names in a directory to the disk, if the system can. */
  sync(directory: string): Promise<void>;
  /**
   * Appends to a file and flushes it to the disk. Resolves with `false`, and changes nothing, if there is no file, or
   * if the file does not end with a line end. A plan does not need this method. If a port lacks it, `fileLedgerStore`
   * writes the whole file.
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

/**
 * @internal Checks that a value has the methods of a port. A caller without type checks may pass another value. A
 * missing port is valid.
 */
export function assertTlsFiles(files: TlsFiles | undefined, what: string): void {
  if (files !== undefined) assertMethods(files, Object.keys(methodNames), what);
}
