import { assertSource, given } from '../arguments.ts';
import { assertParseOptions, type ParseOptions } from '../parse-options.ts';
import { decodeText } from '../text/bytes.ts';
import type { Diagnostic, DiagnosticPlace } from '../text/diagnostic.ts';
import type { Place } from '../text/lines.ts';
import { firstLineRange, rangeAt } from '../text/position.ts';
import type { PgMajor } from '../version.ts';
import { checkFile } from './check/check-file.ts';
import { type AuthFileEdit, assertEdits, namedEntries } from './edit.ts';
import { isRecord, type RecordChange } from './edited-line.ts';
import { type ExpandedRecord, expandedRecords } from './expanded-records.ts';
import type { AuthFormat, RecordInput } from './format.ts';
import { assertInsertion, type LineInsertion } from './insertion.ts';
import { lineChangesOf } from './line-changes.ts';
import { LineList } from './line-list.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';
import type { ExpandableFile } from './read/expand.ts';
import { AuthLine } from './read/line.ts';
import { contextOf } from './read/record-format.ts';
import type { AnyColumnStyle } from './write/columns.ts';

/** A logical line of an authentication file or of a file that it includes. */
interface FileLine {
  /** The path of the line's file, if known. */
  readonly file?: string | undefined;
  /** The physical line at which the line starts, counted from 1. */
  readonly line: number;
  /** The exact text of the line. */
  readonly text: string;
}

/**
 * A file that the server reads by logical lines, in order: pg_hba.conf, pg_ident.conf, pg_hosts.conf. The object is
 * immutable. An edit returns a new file object that shares all unchanged lines, and changes only the bytes that the
 * edit is about.
 */
export abstract class AuthFile<
  Entry extends RecordEntry & Input,
  Input extends RecordInput,
  Change extends RecordChange,
  Options extends { readonly columns?: AnyColumnStyle | undefined },
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

  /** The major version for which the file is read. */
  get version(): PgMajor {
    return this.#list.context.version;
  }

  /** All logical lines as data, in file order. */
  get entries(): readonly (Entry | CommonEntry)[] {
    return this.#list.entries;
  }

  /**
   * All diagnostics of the file and of its included files. An `error` means that the server refuses the whole file. If
   * this happens on a reload, the server keeps the content that it loaded before. This class describes a server that
   * starts.
   */
  get diagnostics(): readonly Diagnostic[] {
    this.#diagnostics ??= checkFile(this.expandable(), this.#format.startCheck());
    return this.#diagnostics;
  }

  /** Iterates over the records in file order. */
  [Symbol.iterator](): Iterator<Entry> {
    return this.records()[Symbol.iterator]();
  }

  /**
   * Returns the 1-based physical line at which an entry starts.
   *
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file
   */
  lineNumber(entry: Entry | CommonEntry): number {
    return this.#list.lineNumberAt(this.#list.indexOf(entry));
  }

  /**
   * Inserts a record, a comment or an empty line.
   *
   * @param place the place of the new line: the start or the end of the file, or before or after an entry of this file
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for a place that is not in this file; `argument-invalid` for an unknown
   * property; `rule-invalid`, `mapping-invalid` or `hosts-entry-invalid` for a record that a server of this version
   * would refuse, or that would not do what it says (`clientcert=verify-full` up to 11); `text-invalid` for a text that
   * a line cannot contain; `readback-mismatch` if a server of this version would read the new line differently
   */
  insert(insertion: Input | LineInsertion, place: Place<Entry | CommonEntry>, options?: Options): File {
    return this.edit([{ kind: 'insert', insertion, place, ...(options && { options }) }]);
  }

  /**
   * Changes some columns of a record, or the text of a comment. All other bytes of the line stay.
   *
   * @param change the new values by column; a column that is not named keeps its bytes
   * @returns a new file
   * @throws PgHostsslError as `insert` does, and `rule-invalid`, `mapping-invalid` or `hosts-entry-invalid` if the
   * entry has no such columns
   */
  replace(entry: Entry | CommonEntry, change: Change): File {
    return this.edit([{ kind: 'replace', entry, change }]);
  }

  /**
   * Inserts a record unless the file already has an equivalent record. Notation, place and comment of the records can
   * differ. Records of included files are ignored.
   *
   * @returns the file with the record; this same object if nothing was inserted
   * @throws PgHostsslError as `insert` does
   */
  ensure(
    record: Input,
    place: Place<Entry | CommonEntry> = 'end',
    options?: Options,
  ): {
    /** The file with the record. */
    readonly file: File;
    /** `present` if the file had the record already. */
    readonly outcome: 'present' | 'added';
  } {
    assertInsertion(record, this.#format);
    const wanted = this.#keyOf(record);
    if (this.#list.lines.some((line) => this.#keyOfLine(line) === wanted)) {
      return { file: this as unknown as File, outcome: 'present' };
    }
    return { file: this.insert(record, place, options), outcome: 'added' };
  }

  #keyOf(record: Input): string {
    return this.#format.keyOf(this.#format.normalize(record));
  }

  #keyOfLine(line: AuthLine<unknown, Entry>): string {
    const { entry } = line;
    line.key ??= isRecord(entry, this.#format) ? this.#keyOf(entry) : '';
    return line.key;
  }

  /**
   * Removes an entry, together with the comment on its line.
   *
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file
   */
  remove(entry: Entry | CommonEntry): File {
    return this.edit([{ kind: 'remove', entry }]);
  }

  /**
   * Moves an entry to another place. The text of the entry stays.
   *
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for an entry or a place that is not in this file
   */
  move(entry: Entry | CommonEntry, place: Place<Entry | CommonEntry>): File {
    return this.edit([{ kind: 'move', entry, place }]);
  }

  /**
   * Turns an entry's line into a comment by inserting a `#` in front of the line.
   *
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file; `readback-mismatch` if the `#` makes
   * the line too long for this version
   */
  commentOut(entry: Entry | CommonEntry): File {
    return this.edit([{ kind: 'commentOut', entry }]);
  }

  /**
   * Removes the first `#` of a comment, so that its content takes effect.
   *
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file; `readback-mismatch` for an entry that
   * is not a comment
   */
  uncomment(entry: Entry | CommonEntry): File {
    return this.edit([{ kind: 'uncomment', entry }]);
  }

  /**
   * Makes several edits at once. Entries and places refer to this file, and new lines follow the columns and the line
   * ends of this file. New lines at the same place are in the order of the edits.
   *
   * @returns a new file; this file if there are no edits
   * @throws PgHostsslError for the same reasons as the methods for single edits, such as `insert`; `argument-invalid`
   * if two edits change, move or remove the same entry
   */
  edit(edits: readonly AuthFileEdit<Entry, Input, Change, Options>[]): File {
    assertEdits(edits, this.#format);
    if (edits.length === 0) return this as unknown as File;
    const indexes = this.#list.indexesOf(namedEntries(edits));
    return this.#make(
      this.#list.change(edits.flatMap((edit) => lineChangesOf(edit, this.#list, indexes, this.#format))),
    );
  }

  /** Returns the text of the file. */
  toString(): string {
    return this.#list.toString();
  }

  /** Returns the bytes of the file. */
  toBytes(): Uint8Array {
    return this.#list.toBytes();
  }

  /**
   * Returns the records of this file, without included files, in file order.
   *
   * @internal
   */
  records(): readonly Entry[] {
    this.#records ??= this.entries.filter((entry) => isRecord(entry, this.#format));
    return this.#records;
  }

  /**
   * Returns the records of the file and of all its included files, with the words of each `@file` filled in.
   *
   * @internal
   */
  expandedRecords(): readonly ExpandedRecord<Entry>[] {
    return expandedRecords(this.expandable());
  }

  /**
   * Returns the place of a diagnostic about a line of this file or of an included file: the first physical line of the
   * line, with the ranges of its secrets.
   *
   * @internal
   */
  placeOf({ file, line, text }: FileLine): DiagnosticPlace {
    const { secrets } = new AuthLine(text, this.#list.context);
    return {
      range: firstLineRange(text, line),
      ...given({ file }),
      ...(file === this.#options.file ? {} : { isIncluded: true }),
      ...(secrets.length === 0 ? {} : { secrets: secrets.map(({ start, end }) => rangeAt(text, start, end, line)) }),
    };
  }

  /**
   * Returns the lines, and the options for reading included files.
   *
   * @internal
   */
  expandable(): ExpandableFile<unknown, Entry> {
    const { lines, context } = this.#list;
    return { lines, context, options: this.#options };
  }
}

/**
 * Parses a file into lines.
 *
 * @throws PgHostsslError `argument-invalid` for an invalid source or option; `version-unknown` for an unsupported major
 * version
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
