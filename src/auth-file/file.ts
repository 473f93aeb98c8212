import { assertProperties, assertSource } from '../arguments.ts';
import { PgHostsslError } from '../errors.ts';
import { assertParseOptions, type ParseOptions } from '../parse-options.ts';
import { decodeText, toFileText } from '../text/bytes.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { Place } from '../text/lines.ts';
import type { PgMajor } from '../version.ts';
import { checkFile } from './check/check-file.ts';
import { shownMessage } from './check/line-diagnostics.ts';
import { type ExpandedRecord, expandedRecords } from './expanded-records.ts';
import type { AuthFormat, RecordInput } from './format.ts';
import { assertInsertion, assertPlace, type LineInsertion } from './insertion.ts';
import { LineList, readbackMismatch } from './line-list.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';
import type { ExpandableFile } from './read/expand.ts';
import type { AuthLine } from './read/line.ts';
import { contextOf } from './read/record-format.ts';
import { type AnyColumnStyle, layOut, styleAround } from './write/columns.ts';
import { commentText } from './write/quote.ts';
import { applyChanges, type TextChange } from './write/text-change.ts';

/** New values for some columns of a record, and for its comment. */
interface RecordChange {
  /** The text behind the `#`; null removes the comment. */
  readonly comment?: string | null;
}

/**
 * A file of which the server reads one logical line after the other: pg_hba.conf, pg_ident.conf, pg_hosts.conf. It is
 * immutable. An edit returns a new file that shares all other lines with this one, and changes no byte that it does not
 * name.
 */
export abstract class AuthFile<
  Entry extends RecordEntry & Input,
  Input extends RecordInput,
  Change extends RecordChange,
  Options extends { readonly columns?: AnyColumnStyle },
  File,
> implements Iterable<Entry>
{
  readonly #format: AuthFormat<unknown, Entry, Input, Change>;
  readonly #list: LineList<unknown, Entry>;
  readonly #options: ParseOptions;
  readonly #make: (list: LineList<unknown, Entry>) => File;
  #records: readonly Entry[] | undefined;
  #diagnostics: readonly Diagnostic[] | undefined;

  /** @internal */
  constructor(
    format: AuthFormat<unknown, Entry, Input, Change>,
    list: LineList<unknown, Entry>,
    options: ParseOptions,
    make: (list: LineList<unknown, Entry>) => File,
  ) {
    this.#format = format;
    this.#list = list;
    this.#options = options;
    this.#make = make;
  }

  /** The major version that the file is read as. */
  get version(): PgMajor {
    return this.#list.context.version;
  }

  /** All logical lines as data, in their order. */
  get entries(): readonly (Entry | CommonEntry)[] {
    return this.#list.entries;
  }

  /**
   * All diagnostics of the file and of the files that it includes. An `error` means that the server refuses the file as a
   * whole. On a reload it then keeps what it has loaded before; see the class for what it does at the start.
   */
  get diagnostics(): readonly Diagnostic[] {
    this.#diagnostics ??= checkFile(this.expandable(), this.#format.startCheck());
    return this.#diagnostics;
  }

  /** The records in their order. */
  [Symbol.iterator](): Iterator<Entry> {
    return this.records()[Symbol.iterator]();
  }

  /**
   * The 1-based physical line at which an entry starts.
   *
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file
   */
  lineNumber(entry: Entry | CommonEntry): number {
    return this.#list.lineNumberAt(this.#list.indexOf(entry));
  }

  /**
   * Inserts a record, a comment or an empty line.
   *
   * @param place where the new line goes: the start or the end of the file, or before or after an entry of this file
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for a place that is not in this file; `argument-invalid` for an unknown
   * property; `rule-invalid`, `mapping-invalid` or `hosts-entry-invalid` for a record that a server of this version would
   * refuse; `text-invalid` for a text that no line can hold; `readback-mismatch` if a server of this version would read
   * something else than what was asked for
   */
  insert(insertion: Input | LineInsertion, place: Place<Entry | CommonEntry>, options?: Options): File {
    assertPlace(place);
    const kind = assertInsertion(insertion, this.#format);
    const index = this.#list.indexOfPlace(place);
    const text =
      kind === 'record' ? this.#serialize(insertion as Input, index, options) : commentLine(insertion as LineInsertion);
    const line = this.#list.newLine(toFileText(text, this.#list.context.encoding), index);
    if (kind === 'record') this.#verify(line, insertion as Input);
    else verifyKind(line, kind);
    return this.#make(this.#list.splice(index, 0, line));
  }

  /**
   * Changes some columns of a record, or the text of a comment. All other bytes of the line stay.
   *
   * @param change the new values by column; a column that is not named keeps its bytes
   * @returns a new file
   * @throws PgHostsslError as `insert` does, and `rule-invalid`, `mapping-invalid` or `hosts-entry-invalid` if the entry
   * has no such columns
   */
  replace(entry: Entry | CommonEntry, change: Change): File {
    const { className, changeProperties, kind, invalidCode } = this.#format;
    assertProperties(change, changeProperties, `change given to ${className}.replace`);
    const index = this.#list.indexOf(entry);
    const old = this.#list.lines[index]!;
    const names = Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    let line: AuthLine<unknown, Entry>;
    if (entry.kind === 'comment' && names.join() === 'comment' && change.comment !== null) {
      line = this.#changedLine(old, [this.#commentChange(old, change.comment!)]);
      verifyKind(line, 'comment');
    } else if (isOfKind(entry, kind)) {
      this.#format.assertValues(change);
      const changed = changedRecord<Entry, Input>(entry, change);
      const changes = [...this.#format.changes(old, change, changed)];
      if (changed.comment !== entry.comment) changes.push(this.#commentChange(old, changed.comment));
      line = this.#changedLine(old, changes);
      this.#verify(line, changed);
    } else {
      const message = `An entry of kind '${entry.kind}' has no column ${names.join(', ')} to be changed`;
      throw new PgHostsslError(invalidCode, message);
    }
    return this.#make(this.#list.splice(index, 1, line));
  }

  /**
   * Makes sure that the file holds a record: inserts it unless an equivalent record is there already, whatever its
   * serialization, place and comment. Records of included files do not count.
   *
   * @returns the file that holds the record, which is this very object if nothing was inserted
   * @throws PgHostsslError as `insert` does
   */
  ensure(
    record: Input,
    place: Place<Entry | CommonEntry> = 'end',
    options?: Options,
  ): {
    /** The file that holds the record. */
    readonly file: File;
    /** Whether the file held the record already. */
    readonly outcome: 'present' | 'added';
  } {
    assertInsertion(record, this.#format);
    const key = (of: Input): string => this.#format.keyOf(this.#format.normalize(of));
    const wanted = key(record);
    if (this.records().some((present) => key(present) === wanted)) {
      return { file: this as unknown as File, outcome: 'present' };
    }
    return { file: this.insert(record, place, options), outcome: 'added' };
  }

  /**
   * Removes an entry, together with the comment on its line.
   *
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file
   */
  remove(entry: Entry | CommonEntry): File {
    return this.#make(this.#list.splice(this.#list.indexOf(entry), 1));
  }

  /**
   * Moves an entry to another place. Its text stays.
   *
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for an entry or a place that is not in this file
   */
  move(entry: Entry | CommonEntry, place: Place<Entry | CommonEntry>): File {
    assertPlace(place);
    const from = this.#list.indexOf(entry);
    const to = this.#list.indexOfPlace(place);
    const line = this.#list.lines[from]!;
    return this.#make(this.#list.splice(from, 1).splice(to > from ? to - 1 : to, 0, line));
  }

  /**
   * Makes an entry's line a comment by putting a `#` in front of it.
   *
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file; `readback-mismatch` if the `#` makes the
   * line too long for this version
   */
  commentOut(entry: Entry | CommonEntry): File {
    const index = this.#list.indexOf(entry);
    const old = this.#list.lines[index]!;
    const line = this.#list.changedLine(old, `#${old.text}`);
    verifyKind(line, 'comment');
    return this.#make(this.#list.splice(index, 1, line));
  }

  /**
   * Removes the first `#` of a comment, so that its content takes effect.
   *
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file; `readback-mismatch` for an entry that is
   * no comment
   */
  uncomment(entry: Entry | CommonEntry): File {
    const index = this.#list.indexOf(entry);
    const old = this.#list.lines[index]!;
    const { commentStart, fields } = old.scan();
    if (commentStart === undefined || fields.length > 0) throw readbackMismatch(old);
    const line = this.#changedLine(old, [{ start: commentStart, end: commentStart + 1, text: '' }]);
    return this.#make(this.#list.splice(index, 1, line));
  }

  /** The text of the file. */
  toString(): string {
    return this.#list.toString();
  }

  /** The bytes of the file. */
  toBytes(): Uint8Array {
    return this.#list.toBytes();
  }

  /**
   * The records of this file itself, in their order.
   *
   * @internal
   */
  records(): readonly Entry[] {
    this.#records ??= this.entries.filter((entry) => isOfKind(entry, this.#format.kind));
    return this.#records;
  }

  /**
   * The records of the file and of all files that it includes, with the words of each `@file` in place.
   *
   * @internal
   */
  expandedRecords(): readonly ExpandedRecord<Entry>[] {
    return expandedRecords(this.expandable());
  }

  /**
   * The lines, and how includes are followed.
   *
   * @internal
   */
  expandable(): ExpandableFile<unknown, Entry> {
    const { lines, context } = this.#list;
    return { lines, context, options: this.#options };
  }

  #serialize(record: Input, index: number, options: Options | undefined): string {
    const { layout, followsNeighbours } = this.#format;
    const { cells, rest } = this.#format.serialize(record, this.#list.context);
    const around = (): AnyColumnStyle =>
      followsNeighbours ? styleAround(this.#list.lines, index, cells, layout) : { separator: ' ' };
    const columns = layOut(cells, options?.columns ?? around(), Object.keys(layout.widths));
    const comment = record.comment === undefined ? '' : ` #${commentText(record.comment)}`;
    return `${columns}${rest === undefined ? '' : ` ${rest}`}${comment}`;
  }

  #changedLine(old: AuthLine<unknown, Entry>, changes: readonly TextChange[]): AuthLine<unknown, Entry> {
    return this.#list.changedLine(old, applyChanges(old.text, changes));
  }

  /** The change that gives a line another comment, or takes the comment away. */
  #commentChange(line: AuthLine<unknown, Entry>, comment: string | undefined): TextChange {
    const { contentEnd: end } = line;
    const { commentStart: start } = line.scan();
    if (comment === undefined) return { start: start ?? end, end, text: '' };
    const text = `#${toFileText(commentText(comment), this.#list.context.encoding)}`;
    return start === undefined ? { start: end, end, text: ` ${text}` } : { start, end, text };
  }

  /** Makes sure that the server accepts a new line, and that the line reads back as the record that was asked for. */
  #verify(line: AuthLine<unknown, Entry>, record: Input): void {
    const { entry } = line;
    const { kind, invalidCode } = this.#format;
    const key = this.#format.keyOf(record);
    if (isOfKind(entry, kind) && this.#format.keyOf(entry) === key && entry.comment === record.comment) return;
    const { error } = line.read();
    throw error === undefined
      ? readbackMismatch(line)
      : new PgHostsslError(invalidCode, shownMessage(error, line.text, line.shownText));
  }
}

/**
 * The lines of a file's content.
 *
 * @throws PgHostsslError `argument-invalid`, `version-unknown`
 */
export function parseLines<Entry extends RecordEntry, Input extends RecordInput, Change>(
  format: AuthFormat<unknown, Entry, Input, Change>,
  source: string | Uint8Array,
  options: ParseOptions,
): LineList<unknown, Entry> {
  assertSource(source, `${format.className}.parse`);
  assertParseOptions(options, `options of ${format.className}.parse`);
  const { text, encoding } = decodeText(source);
  return LineList.of(text, contextOf(format, encoding, options));
}

/** The record with some columns changed; null takes a column away. */
function changedRecord<Entry extends Input, Input>(entry: Entry, change: object): Input {
  const record = { ...entry } as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete record[name];
    else if (value !== undefined) record[name] = value;
  }
  return record as Input;
}

function commentLine(insertion: LineInsertion): string {
  return insertion.kind === 'blank' ? '' : `#${commentText(insertion.comment)}`;
}

/** Makes sure that a new line is what it should be: a line that is too long for the version is not. */
function verifyKind<Entry extends RecordEntry>(line: AuthLine<unknown, Entry>, kind: string): void {
  if (line.entry.kind !== kind) throw readbackMismatch(line);
}

function isOfKind<Entry extends RecordEntry>(entry: Entry | CommonEntry, kind: Entry['kind']): entry is Entry {
  return entry.kind === kind;
}
