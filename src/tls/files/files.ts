import type { WithContent } from '../../disk/content.ts';
import type { Owner } from '../../disk/file-state.ts';
import type { ReadingPort } from '../../disk/reading-port.ts';

/** A file to be put in place of another, or where none is. */
export interface NewFile extends WithContent {
  /** The path; a symbolic link there is followed, and stays. */
  readonly path: string;
  /** Permission bits; those of the file that is there, else 0600, if not given. */
  readonly mode?: number;
  /** Owner; that of the file that is there, else of this process, if not given. */
  readonly owner?: Owner;
}

/** A new file that lies beside its target, complete and on the disk. */
export interface StagedFile {
  /** Moves it over its target, in one step. */
  commit(): Promise<void>;
  /** Removes it; the target stays as it is. */
  discard(): Promise<void>;
}

/**
 * The few things that are done with files, so that a plan can also be applied elsewhere: in a container, over SSH, in a
 * test. Every method throws as `node:fs` does (an Error with `code`).
 */
export interface TlsFiles extends ReadingPort {
  /** Makes a directory below one that exists. */
  makeDirectory(path: string, options: { readonly mode: number; readonly owner?: Owner }): Promise<void>;
  /** Removes an empty directory. */
  removeDirectory(path: string): Promise<void>;
  /**
   * Puts a file beside its target: created exclusively, with its mode and owner before it has content. Fails where the
   * target could not be replaced with that mode and owner, and leaves nothing behind then.
   */
  stage(file: NewFile): Promise<StagedFile>;
}
