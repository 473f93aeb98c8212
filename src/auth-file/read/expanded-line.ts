import type { FileEncoding } from '../../text/bytes.ts';
import type { Field, ScannedLine } from '../scan/token.ts';
import type { RecordEntry } from './entry.ts';
import type { AuthLine } from './line.ts';
import type { LineDiagnostic } from './line-diagnostic.ts';
import type { LineReading } from './refusal.ts';
import type { ShownLine } from './shown-line.ts';

/** A line of the parsed file or of an included file as the server reads it, with each `@file` replaced by its words. */
export interface ExpandedLine<R, E extends RecordEntry> {
  /** The line itself. It can be a line of an included file. */
  readonly line: AuthLine<R, E>;
  /** The tokens of the line. */
  readonly scanned: ScannedLine;
  /** The path of the line's file, if known. */
  readonly file: string | undefined;
  /** `true` if the line is in an included file. */
  readonly isIncluded: boolean;
  /** The 1-based physical line at which the line starts. */
  readonly firstLine: number;
  /** The line number that the server reports. */
  readonly serverLine: number;
  /** Returns the line in the form that diagnostics show, with stars instead of secrets. */
  readonly shownLine: () => ShownLine;
  /** The fields with the words of each `@file`. If the line names no file, this is the line's own array. */
  readonly fields: readonly Field[];
  /** The encoding of the line's file. It is `bytes` also if an `@file` with words of the line is not UTF-8. */
  readonly encoding: FileEncoding;
  /** The reason why the server refuses the line before it reads the fields as a record. */
  readonly error: LineDiagnostic | undefined;
  /** Warnings about included files that could not be read. */
  readonly warnings: readonly LineDiagnostic[];
}

/**
 * Reads a line as the server does; returns `undefined` for a line without fields, such as a comment or an include line.
 * If an `@file` was not read, the result is also `undefined`, unless the `@file` is an element of a list of names.
 */
export function readExpanded<R, E extends RecordEntry>({
  line,
  fields,
  error,
  warnings,
}: ExpandedLine<R, E>): LineReading<R> | undefined {
  if (error !== undefined) return { error, warnings: [] };
  const { format } = line.context;
  if (fields.length === 0 || (isUnread(warnings) && line.entry.kind !== format.kind)) return undefined;
  return format.readRecord(fields, line.context);
}

/** Returns whether the warnings of a line say that a file was not read. */
export function isUnread(warnings: readonly LineDiagnostic[]): boolean {
  return warnings.some(({ code }) => code === 'include-not-followed');
}
