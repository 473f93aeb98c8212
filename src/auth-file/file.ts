import { assertSource } from '../arguments.ts';
import { assertParseOptions, type ParseOptions } from '../parse-options.ts';
import { decodeText } from '../text/bytes.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { LineChange, Place } from '../text/lines.ts';
import type { PgMajor } from '../version.ts';
import { checkFile } from './check/check-file.ts';
import { type AuthFileEdit, assertEdits, namedEntries } from './edit.ts';
import {
  changedLine,
  commentedOutLine,
  commentLine,
  isRecord,
  type RecordChange,
  recordLine,
  uncommentedLine,
} from './edited-line.ts';
import { type ExpandedRecord, expandedRecords } from './expanded-records.ts';
import type { AuthFormat, RecordInput } from './format.ts';
import { assertInsertion, isLineInsertion, type LineInsertion } from './insertion.ts';
import { LineList } from './line-list.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';
import type { ExpandableFile } from './read/expand.ts';
import type { AuthLine } from './read/line.ts';
import { contextOf } from './read/record-format.ts';
import type { AnyColumnStyle } from './write/columns.ts';

/**
 * A file that the server reads by logical lines, in order: pg_hba.conf, pg_ident.conf, pg_hosts.conf. It is
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
   * refuse, or that would not do what it says (\`clientcert=verify-full\` up to 11); `text-invalid` for a text that no line can hold; `readback-mismatch` if a server of this version would read
   * something else than what was asked for
   */
  insert(insertion: Input | LineInsertion, place: Place<Entry | CommonEntry>, options?: Options): File {
    return this.edit([{ kind: 'insert', insertion, place, ...(options && { options }) }]);
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
    return this.edit([{ kind: 'replace', entry, change }]);
  }

  /**
   * Makes sure that the file holds a record: inserts it unless an equivalent record is there already, whatever its
   * serialization, place and comment. Records of included files are ignored.
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
   * Moves an entry to another place. Its text stays.
   *
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for an entry or a place that is not in this file
   */
  move(entry: Entry | CommonEntry, place: Place<Entry | CommonEntry>): File {
    return this.edit([{ kind: 'move', entry, place }]);
  }

  /**
   * Makes an entry's line a comment by putting a `#` in front of it.
   *
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file; `readback-mismatch` if the `#` makes the
   * line too long for this version
   */
  commentOut(entry: Entry | CommonEntry): File {
    return this.edit([{ kind: 'commentOut', entry }]);
  }

  /**
   * Removes the first `#` of a comment, so that its content takes effect.
   *
   * @returns a new file
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file; `readback-mismatch` for an entry that is
   * no comment
   */
  uncomment(entry: Entry | CommonEntry): File {
    return this.edit([{ kind: 'uncomment', entry }]);
  }

  /**
   * Makes several edits in one copy of the file. Each edit is made against this file: entries and places are of this file,
   * and a new line follows the columns and the line ends of this file. New lines at the same place follow the order of
   * the edits.
   *
   * @returns a new file; this file if there are no edits
   * @throws PgHostsslError as the methods with the names of the edits do; `argument-invalid` if two edits name the same
   * entry to be changed, moved or removed
   */
  edit(edits: readonly AuthFileEdit<Entry, Input, Change, Options>[]): File {
    assertEdits(edits, this.#format);
    if (edits.length === 0) return this as unknown as File;
    const indexes = this.#list.indexesOf(namedEntries(edits));
    return this.#make(this.#list.change(edits.flatMap((edit) => this.#changesOf(edit, indexes))));
  }

  #changesOf(
    edit: AuthFileEdit<Entry, Input, Change, Options>,
    indexes: ReadonlyMap<Entry | CommonEntry, number>,
  ): readonly LineChange<AuthLine<unknown, Entry>>[] {
    const list = this.#list;
    if (edit.kind === 'insert') {
      const { insertion, options } = edit;
      const index = this.#indexOfPlace(edit.place, indexes);
      const line = isLineInsertion(insertion)
        ? commentLine(list, insertion, index)
        : recordLine(this.#format, list, insertion, index, options?.columns);
      return [{ index, deleted: 0, added: [line] }];
    }
    const index = indexes.get(edit.entry)!;
    const line = list.lines[index]!;
    const replaced = (...added: readonly AuthLine<unknown, Entry>[]) => ({ index, deleted: 1, added }) as const;
    switch (edit.kind) {
      case 'replace':
        return [replaced(changedLine(this.#format, list, line, edit.change))];
      case 'remove':
        return [replaced()];
      case 'move':
        return [replaced(), { index: this.#indexOfPlace(edit.place, indexes), deleted: 0, added: [line] }];
      case 'commentOut':
        return [replaced(commentedOutLine(list, line))];
      case 'uncomment':
        return [replaced(uncommentedLine(list, line))];
    }
  }

  #indexOfPlace(place: Place<Entry | CommonEntry>, indexes: ReadonlyMap<Entry | CommonEntry, number>): number {
    if (place === 'start') return 0;
    if (place === 'end') return this.#list.lines.length;
    return 'before' in place ? indexes.get(place.before)! : indexes.get(place.after)! + 1;
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
    this.#records ??= this.entries.filter((entry) => isRecord(entry, this.#format));
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
