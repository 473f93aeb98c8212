import { assertMethods } from '../arguments.ts';
import type { WithContent } from '../with-content.ts';
import type { Owner } from './file-state.ts';
import type { ReadingPort } from './reading-port.ts';

/** A file to create. */
export interface NewFile extends WithContent {
  /** The path of the new file. Nothing may exist at the path. */
  readonly path: string;
  /** The permission bits. */
  readonly mode: number;
  /** The owner; the account of the process if not given. */
  readonly owner?: Owner;
  /** The path of a file whose access control list, extended attributes and security label the new file gets. */
  readonly like?: string;
  /** Whether the file may be lost in a power cut. If so, it is not flushed to the disk. */
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

/** Facts about what is at a path. If this is a symbolic link, the facts are about the link itself. */
export interface EntryFacts {
  /** The kind of entry. */
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** The identity of the file. Two paths have the same identity only if they are names of the same file. */
  readonly id: string;
  /** The permission bits, if the system has them. */
  readonly mode?: number;
  /** The owner, if the system has owners. */
  readonly owner?: Owner;
  /** Whether the file is a mount point. A rename cannot replace such a file. */
  readonly mounted?: boolean;
}

/**
 * The parameters of {@link TlsFiles.replace}: a new file replaces a file, and the old file stays under another name.
 */
export interface Replacement {
  /** The path of the file to replace. */
  readonly target: string;
  /** The path of the new file. After the replacement, nothing is at this path. */
  readonly by: string;
  /** A free path in the same directory, at which the old file stays. */
  readonly keep: string;
}

/**
 * All file operations that are needed to apply a plan. With your own implementation, a plan can be applied to a
 * container, to another machine over SSH, or to the files of a test. {@link checkTlsFiles} tests an implementation.
 * Every method rejects as `node:fs` does, with an `Error` that has a `code`. A call that rejects should have changed
 * nothing; a transaction nevertheless checks the files after a failed call.
 */
export interface TlsFiles extends ReadingPort {
  /** Returns facts about what is at a path; `undefined` if the path does not exist. A symbolic link is not followed. */
  inspect(path: string): Promise<EntryFacts | undefined>;
  /** Makes a directory in an existing directory. Rejects with `EEXIST` if the path exists. */
  makeDirectory(path: string, options: { readonly mode: number; readonly owner?: Owner | undefined }): Promise<void>;
  /**
   * Removes an empty directory. Rejects with `ENOENT` if the directory does not exist, and with `ENOTEMPTY` if it is
   * not empty.
   */
  removeDirectory(path: string): Promise<void>;
  /**
   * Creates a file. An implementation must set mode and owner before it writes the content, and must flush the file to
   * the disk. Rejects with `EEXIST` if the path exists. If the call rejects, it leaves no file.
   */
  create(file: NewFile): Promise<CreatedFile>;
  /** Gives a file another name in the same directory (a hard link). Rejects with `EEXIST` if that name exists. */
  link(path: string, name: string): Promise<void>;
  /** Renames a file within its directory, in one atomic step. A file at the new path is replaced. */
  rename(from: string, to: string): Promise<void>;
  /**
   * Gives the target file a second name, `keep`, by a hard link, then renames `by` to the target path. The two system
   * calls follow each other at once, so that another program is unlikely to save the file between them. Rejects with
   * `EEXIST` if `keep` exists.
   */
  replace(replacement: Replacement): Promise<void>;
  /** Removes a file. Rejects with `ENOENT` if the file does not exist. */
  remove(path: string): Promise<void>;
  /** Flushes the names in a directory to the disk, if the system can. */
  sync(directory: string): Promise<void>;
  /**
   * Appends text to a file and flushes the file to the disk. If the file does not exist, or does not end with a line
   * end, the call changes nothing and resolves with `false`. Only `fileLedgerStore` needs this method. If an
   * implementation lacks it, `fileLedgerStore` writes the whole file.
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
 * @internal Checks that a value has the methods of {@link TlsFiles}. A caller without type checks may pass another
 * value. `undefined` is valid.
 */
export function assertTlsFiles(files: TlsFiles | undefined, what: string): void {
  if (files !== undefined) assertMethods(files, Object.keys(methodNames), what);
}
