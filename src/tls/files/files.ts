import type { WithContent } from '../../disk/content.ts';
import type { Owner } from '../../disk/file-state.ts';
import type { ReadingPort } from '../../disk/reading-port.ts';

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

/** What creating a file could not do. */
export interface CreatedFile {
  /**
   * Whether access control list, extended attributes and security label of the file `like` were carried over, as far as
   * the system lets this account. False where no program of the system does it.
   */
  readonly carriedOver: boolean;
}

/** Facts about a directory entry; a symbolic link is not followed. */
export interface EntryFacts {
  /** What it is. */
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** Equal for two names of one file, and only then. */
  readonly id: string;
  /** Permission bits, where the system has them. */
  readonly mode?: number;
  /** Owner, where the system has one. */
  readonly owner?: Owner;
  /** Whether it is a mount point by itself, so that nothing can be moved over it. */
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
 * The few things that are done with files, so that a plan can also be applied elsewhere: in a container, over SSH, in a
 * test. Every method rejects as `node:fs` does, with an `Error` that has a `code`. A call that rejects has changed nothing,
 * as far as the port can tell; a transaction looks again in any case.
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
  /** Moves a file within its directory, in one step; a file that is at the other path is gone afterwards. */
  rename(from: string, to: string): Promise<void>;
  /**
   * Links the target to `keep`, then renames `by` to the target. Nothing is done between the two calls, so that another
   * program's save rarely falls between them. Rejects with `EEXIST` if `keep` is taken.
   */
  replace(replacement: Replacement): Promise<void>;
  /** Removes a file. Rejects with `ENOENT`. */
  remove(path: string): Promise<void>;
  /** Flushes the names in a directory to the disk, where the system can. */
  sync(directory: string): Promise<void>;
}
