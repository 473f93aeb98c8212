import type { IncludeDirective } from '../../include/directive.ts';

/** An empty line. */
export interface BlankEntry {
  /** The kind of the entry. */
  readonly kind: 'blank';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that contains only a comment. */
export interface CommentEntry {
  /** The kind of the entry. */
  readonly kind: 'comment';
  /** The text of the comment, after the `#`. */
  readonly comment: string;
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that includes another file, or the files of a directory (16+). */
export interface IncludeEntry {
  /** The kind of the entry. */
  readonly kind: 'include';
  /** The directive. */
  readonly directive: IncludeDirective;
  /** The path as written; a relative path starts from the directory of this file. */
  readonly path: string;
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/**
 * A line that takes words from an `@file` outside of a list of names, so that the type, the address or another column
 * depends on the content of this file.
 */
export interface IndirectEntry {
  /** The kind of the entry. */
  readonly kind: 'indirect';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that the server refuses. The diagnostics of the file say why. */
export interface InvalidEntry {
  /** The kind of the entry. */
  readonly kind: 'invalid';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** The entries that every authentication file can have, apart from its records. */
export type CommonEntry = BlankEntry | CommentEntry | IncludeEntry | IndirectEntry | InvalidEntry;

/** The entry of a record: a rule, a mapping, a record of pg_hosts.conf. */
export interface RecordEntry {
  /** The kind of the entry. */
  readonly kind: string;
  /** The text after the `#` on the record's line. */
  readonly comment?: string | undefined;
  /** The exact text of the line, line end included. */
  readonly text: string;
}
