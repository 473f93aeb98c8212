import { type IncludeDirective, includeDirectives } from '../../include/directive.ts';
import { type Field, isRefused, type ScannedLine } from '../scan/token.ts';
import type { AuthLine } from './line.ts';

/** An empty line. */
export interface BlankEntry {
  /** What kind of entry it is. */
  readonly kind: 'blank';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that holds nothing but a comment. */
export interface CommentEntry {
  /** What kind of entry it is. */
  readonly kind: 'comment';
  /** The text behind the `#`. */
  readonly comment: string;
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that takes in another file, or the files of a directory (16+). */
export interface IncludeEntry {
  /** What kind of entry it is. */
  readonly kind: 'include';
  /** Which of the three directives. */
  readonly directive: IncludeDirective;
  /** The path as the file has it; relative ones count from the directory of this file. */
  readonly path: string;
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that takes words from an `@file` in a place where they decide what the line is. */
export interface IndirectEntry {
  /** What kind of entry it is. */
  readonly kind: 'indirect';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** A line that the server refuses. The diagnostics say why. */
export interface InvalidEntry {
  /** What kind of entry it is. */
  readonly kind: 'invalid';
  /** The exact text of the line, line end included. */
  readonly text: string;
}

/** The entries that every file of this family can have, whatever its records are. */
export type CommonEntry = BlankEntry | CommentEntry | IncludeEntry | IndirectEntry | InvalidEntry;

/** The entry of a line that is no record; undefined for one that may be. */
export function entryBesidesRecords(line: AuthLine, scanned: ScannedLine): CommonEntry | undefined {
  const { text } = line;
  if (isRefused(scanned)) return { kind: 'invalid', text };
  const { fields } = scanned;
  const comment = fields.length === 0 ? line.commentOf(scanned) : undefined;
  if (fields.length === 0) return comment === undefined ? { kind: 'blank', text } : { kind: 'comment', comment, text };
  const include = line.how.rules.includes ? includeOf(fields) : undefined;
  return include === undefined ? undefined : { kind: 'include', ...include, text };
}

/** The directive of a line of exactly two columns, whose first word is one; only the first words are looked at. */
export function includeOf(fields: readonly Field[]): Pick<IncludeEntry, 'directive' | 'path'> | undefined {
  const [first, second] = fields;
  if (first === undefined || second === undefined || fields.length !== 2) return undefined;
  const directive = includeDirectives.find((word) => word === first[0].value);
  return directive === undefined ? undefined : { directive, path: second[0].value };
}
