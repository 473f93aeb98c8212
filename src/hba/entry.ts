import type { HbaRule } from './rule.ts';

/** An empty line. */
export interface HbaBlank {
  /** What kind of entry it is. */
  readonly kind: 'blank';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that holds nothing but a comment. */
export interface HbaComment {
  /** What kind of entry it is. */
  readonly kind: 'comment';
  /** The text behind the `#`. */
  readonly comment: string;
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** The directives that take in other files (16+). */
export const includeDirectives = ['include', 'include_if_exists', 'include_dir'] as const;

/** A line that takes in another file, or the files of a directory (16+). */
export interface HbaInclude {
  /** What kind of entry it is. */
  readonly kind: 'include';
  /** Which of the three directives. */
  readonly directive: (typeof includeDirectives)[number];
  /** The path as the file has it; relative ones count from the directory of this file. */
  readonly path: string;
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line whose meaning hangs on an `@file` in a column other than those of databases and users. */
export interface HbaIndirect {
  /** What kind of entry it is. */
  readonly kind: 'indirect';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that the server refuses. The diagnostics say why. */
export interface HbaInvalid {
  /** What kind of entry it is. */
  readonly kind: 'invalid';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A logical line of a file, as data. */
export type HbaEntry = HbaRule | HbaComment | HbaBlank | HbaInclude | HbaIndirect | HbaInvalid;
