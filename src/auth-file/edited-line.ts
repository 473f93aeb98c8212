import { PgHostsslError } from '../errors.ts';
import { toFileText } from '../text/bytes.ts';
import { applyChanges } from '../text/pieces.ts';
import type { TextChange } from '../text/span.ts';
import { shownMessage } from './check/place-diagnostics.ts';
import type { AuthFormat, RecordInput } from './format.ts';
import type { LineInsertion } from './insertion.ts';
import { type LineList, readbackMismatch } from './line-list.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';
import type { AuthLine } from './read/line.ts';
import { type AnyColumnStyle, layOut, styleAround } from './write/columns.ts';
import { commentText } from './write/quote.ts';

/** New values for some columns of a record, and for its comment. */
export interface RecordChange {
  /** The text after the `#`; `null` removes the comment. */
  readonly comment?: string | null | undefined;
}

/**
 * Makes the line of a new record. The line gets the line end that the lines around the given index have.
 *
 * @throws PgHostsslError the `invalidCode` of the format if the server refuses the record; `text-invalid`,
 * `readback-mismatch`
 */
export function recordLine<E extends RecordEntry & Input, Input extends RecordInput, Change>(
  format: AuthFormat<unknown, E, Input, Change>,
  list: LineList<unknown, E>,
  record: Input,
  index: number,
  style: AnyColumnStyle | undefined,
): AuthLine<unknown, E> {
  const { layout, followsNeighbours } = format;
  const { cells, rest } = format.serialize(record, list.context);
  const around = (): AnyColumnStyle =>
    followsNeighbours ? styleAround(list.lines, index, cells, layout) : { separator: ' ' };
  const columns = layOut(cells, style ?? around(), Object.keys(layout.widths));
  const comment = record.comment === undefined ? '' : ` #${commentText(record.comment)}`;
  const text = `${columns}${rest === undefined ? '' : ` ${rest}`}${comment}`;
  const line = list.newLine(toFileText(text, list.context.encoding), index);
  verifyRecord(format, line, record, undefined);
  return line;
}

/**
 * Makes a line with a comment, or an empty line. The line gets the line end that the lines around the given index have.
 *
 * @throws PgHostsslError `text-invalid`, `readback-mismatch`
 */
export function commentLine<E extends RecordEntry>(
  list: LineList<unknown, E>,
  insertion: LineInsertion,
  index: number,
): AuthLine<unknown, E> {
  const text = insertion.kind === 'blank' ? '' : `#${commentText(insertion.comment)}`;
  const line = list.newLine(toFileText(text, list.context.encoding), index);
  verifyKind(line, insertion.kind);
  return line;
}

/**
 * Returns the line of a record or a comment after a change of columns or of the comment.
 *
 * @throws PgHostsslError the `invalidCode` of the format if the line has no such columns or if the server refuses the
 * changed record; `text-invalid`, `readback-mismatch`
 */
export function changedLine<E extends RecordEntry & Input, Input extends RecordInput, Change extends RecordChange>(
  format: AuthFormat<unknown, E, Input, Change>,
  list: LineList<unknown, E>,
  old: AuthLine<unknown, E>,
  change: Change,
): AuthLine<unknown, E> {
  const { entry } = old;
  const names = Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (entry.kind === 'comment' && names.join() === 'comment' && change.comment !== null) {
    const line = withChanges(list, old, [commentChange(old, change.comment!)]);
    verifyKind(line, 'comment');
    return line;
  }
  if (isRecord(entry, format)) {
    format.assertValues(change);
    const changed = changedRecord<E, Input>(entry, change);
    const changes = [...format.changes(old, change, changed)];
    if (changed.comment !== entry.comment) changes.push(commentChange(old, changed.comment));
    const line = withChanges(list, old, changes);
    verifyRecord(format, line, changed, entry);
    return line;
  }
  const message = `An entry of kind '${entry.kind}' has no column ${names.join(', ')} to be changed`;
  throw new PgHostsslError(format.invalidCode, message);
}

/**
 * Returns the line with a `#` in front of it.
 *
 * @throws PgHostsslError `readback-mismatch` if the `#` makes the line too long for the version
 */
export function commentedOutLine<E extends RecordEntry>(
  list: LineList<unknown, E>,
  old: AuthLine<unknown, E>,
): AuthLine<unknown, E> {
  const line = list.changedLine(old, `#${old.text}`);
  verifyKind(line, 'comment');
  return line;
}

/**
 * Returns the line of a comment without its first `#`.
 *
 * @throws PgHostsslError `readback-mismatch` for a line that is not a comment
 */
export function uncommentedLine<E extends RecordEntry>(
  list: LineList<unknown, E>,
  old: AuthLine<unknown, E>,
): AuthLine<unknown, E> {
  const { commentStart, fields } = old.scan();
  if (commentStart === undefined || fields.length > 0) throw readbackMismatch(old);
  return withChanges(list, old, [{ start: commentStart, end: commentStart + 1, text: '' }]);
}

/** Returns whether an entry is a record of the format. */
export function isRecord<E extends RecordEntry>(
  entry: E | CommonEntry,
  { kind }: { readonly kind: E['kind'] },
): entry is E {
  return entry.kind === kind;
}

function withChanges<E extends RecordEntry>(
  list: LineList<unknown, E>,
  old: AuthLine<unknown, E>,
  changes: readonly TextChange[],
): AuthLine<unknown, E> {
  return list.changedLine(old, applyChanges(old.text, changes));
}

/** Returns the text change that sets or removes the comment of a line. */
function commentChange<E extends RecordEntry>(line: AuthLine<unknown, E>, comment: string | undefined): TextChange {
  const { contentEnd: end } = line;
  const { commentStart: start } = line.scan();
  if (comment === undefined) return { start: start ?? end, end, text: '' };
  const text = `#${toFileText(commentText(comment), line.context.encoding)}`;
  return start === undefined ? { start: end, end, text: ` ${text}` } : { start, end, text };
}

/** Returns the record with some columns changed; `null` removes a column. */
function changedRecord<E extends Input, Input>(entry: E, change: object): Input {
  const record = { ...entry } as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete record[name];
    else if (value !== undefined) record[name] = value;
  }
  return record as Input;
}

/**
 * Checks a new or changed line. Throws if the server refuses the line or reads it as another record than the requested
 * record. Also throws if the record does not do what it says, such as `clientcert=verify-full` up to major version 11,
 * unless the record was like that before the change.
 */
function verifyRecord<E extends RecordEntry & Input, Input extends RecordInput, Change>(
  format: AuthFormat<unknown, E, Input, Change>,
  line: AuthLine<unknown, E>,
  record: Input,
  former: E | undefined,
): void {
  const { entry } = line;
  const key = format.keyOf(record);
  if (isRecord(entry, format) && format.keyOf(entry) === key && entry.comment === record.comment) {
    const trap = format.trapOf?.(record, line.context);
    if (trap === undefined || (former !== undefined && format.trapOf?.(former, line.context) === trap)) return;
    throw new PgHostsslError(format.invalidCode, trap);
  }
  const { error } = line.read();
  throw error === undefined
    ? readbackMismatch(line)
    : new PgHostsslError(format.invalidCode, shownMessage(error, line.text, line.shownText));
}

/**
 * Throws if a new line is not of the given kind: a comment or an empty line. A line that is too long for the server is
 * an invalid entry instead.
 */
function verifyKind<E extends RecordEntry>(line: AuthLine<unknown, E>, kind: string): void {
  if (line.entry.kind !== kind) throw readbackMismatch(line);
}
