import type { IncludeDirective } from '../../include/directive.ts';

/** An empty line. */
export interface BlankEntry {
  /** Kind of the entry. */
  readonly kind: 'blank';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that holds nothing but a comment. */
export interface CommentEntry {
  /** Kind of the entry. */
  readonly kind: 'comment';
  /** The text behind the `#`. */
  readonly comment: string;
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that includes another file, or the files of a directory (16+). */
export interface IncludeEntry {
  /** Kind of the entry. */
  readonly kind: 'include';
  /** Which of the three directives. */
  readonly directive: IncludeDirective;
  /** The path as written; a relative path starts from the directory of this file. */
  readonly path: string;
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that takes words from an `@file` in a place where they decide what the line is. */
export interface IndirectEntry {
  /** Kind of the entry. */
  readonly kind: 'indirect';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that the server refuses. The diagnostics of the file say why. */
export interface InvalidEntry {
  /** Kind of the entry. */
  readonly kind: 'invalid';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** The entries that every authentication file can have beside its records. */
export type CommonEntry = BlankEntry | CommentEntry | IncludeEntry | IndirectEntry | InvalidEntry;

/** The entry of a record: a rule, a mapping, a record of pg_hosts.conf. */
export interface RecordEntry {
  /** Kind of the entry. */
  readonly kind: string;
  /** The text behind the `#` of the record's own line. */
  readonly comment?: string;
  /** The exact text of the line, line end included. */
  readonly text: string;
}
