import { PgHostsslError } from '../errors.ts';
import type { ParseOptions } from '../parse-options.ts';
import { decodeText, encodeText, toFileText } from '../text/bytes.ts';
import { indexOfLine, indexOfPlace, joinLines, type Line, lineEndAt, type Place } from '../text/lines.ts';
import { type AuthLine, type Reading, readingFor } from './auth-line.ts';
import { splitLogicalLines } from './logical-line.ts';
import { commentText } from './quote.ts';
import { applyChanges, commentChange } from './text-change.ts';

/** A logical line together with what it is as data. */
export interface LineWithEntry<Entry> extends AuthLine {
  /** The line as data. */
  readonly entry: Entry;
}

/** How the lines of one kind of file are made. */
type LineClass<L> = new (text: string, how: Reading) => L;

/**
 * The immutable list of a file's logical lines, and the edits that every file of this family has. An edit gives a new
 * list, which shares all lines that it does not touch.
 */
export class LineList<Entry extends Line, L extends LineWithEntry<Entry>> {
  /** The lines. */
  readonly lines: readonly L[];
  /** How they are read. */
  readonly how: Reading;
  readonly #line: LineClass<L>;
  #entries: readonly Entry[] | undefined;

  /** A list of these lines. */
  constructor(lines: readonly L[], how: Reading, line: LineClass<L>) {
    this.lines = lines;
    this.how = how;
    this.#line = line;
  }

  /** The lines of a file. */
  static parse<Entry extends Line, L extends LineWithEntry<Entry>>(
    source: string | Uint8Array,
    options: ParseOptions,
    line: LineClass<L>,
  ): LineList<Entry, L> {
    const { text, encoding } = decodeText(source);
    const how = readingFor(encoding, options);
    const lines = splitLogicalLines(text, encoding, how.rules).map((piece) => new line(piece, how));
    return new LineList(lines, how, line);
  }

  /** The lines as data. */
  get entries(): readonly Entry[] {
    this.#entries ??= this.lines.map((line) => line.entry);
    return this.#entries;
  }

  /** The index at which a new line stands; throws `entry-unknown`. */
  indexOfPlace(place: Place<Entry>): number {
    return indexOfPlace(this.entries, place);
  }

  /** The index of an entry; throws `entry-unknown`. */
  indexOf(entry: Entry): number {
    return indexOfLine(this.entries, entry);
  }

  /**
   * The line that a text makes at this index, with the file's own line end.
   *
   * @throws PgHostsslError `text-invalid`, or `line-not-as-meant` for a text that is not exactly one line
   */
  newLine(text: string, index: number): L {
    return this.checkedLine(toFileText(text, this.how.encoding) + lineEndAt(this.lines, index));
  }

  /**
   * The line of a text in the file's own characters, line end included.
   *
   * @throws PgHostsslError `line-not-as-meant` for a text that is not exactly one line
   */
  checkedLine(text: string): L {
    if (text === '' || !this.#isClosed(text.endsWith('\n') ? text : `${text}\n`)) throw notAsMeant(text);
    return new this.#line(text, this.how);
  }

  /** A line of a comment with another text behind its `#`. */
  recommented(line: L, comment: string): L {
    const change = commentChange(line, toFileText(commentText(comment), this.how.encoding))!;
    return this.checkedLine(applyChanges(line.text, [change]));
  }

  /** The list with some lines at this index replaced. */
  splice(index: number, deleted: number, ...added: readonly L[]): LineList<Entry, L> {
    const lines = [...this.lines.slice(0, index), ...added, ...this.lines.slice(index + deleted)];
    // What was the last line of the file may take in what now comes behind it.
    for (const at of [index - 1, index + added.length - 1]) {
      const line = lines[at];
      if (line !== undefined && at < lines.length - 1) lines[at] = this.#closed(line, lineEndAt(this.lines, at));
    }
    return new LineList(lines, this.how, this.#line);
  }

  /** The line with the line end that it lacks; one more ends what a backslash or a NUL has left open. */
  #closed(line: L, lineEnd: string): L {
    let { text } = line;
    while (!this.#isClosed(text)) text += lineEnd;
    return text === line.text ? line : new this.#line(text, this.how);
  }

  /** Whether a text is exactly one line, which takes in nothing that comes behind it. */
  #isClosed(text: string): boolean {
    return splitLogicalLines(`${text}x`, this.how.encoding, this.how.rules)[0] === text;
  }

  /** The list without this entry. */
  remove(entry: Entry): LineList<Entry, L> {
    return this.splice(this.indexOf(entry), 1);
  }

  /** The list with this entry in another place. */
  move(entry: Entry, place: Place<Entry>): LineList<Entry, L> {
    const from = this.indexOf(entry);
    const to = this.indexOfPlace(place);
    return this.splice(from, 1).splice(to > from ? to - 1 : to, 0, this.lines[from]!);
  }

  /** The list with this entry made a comment: its line with a `#` before it. */
  commentOut(entry: Entry): LineList<Entry, L> {
    const index = this.indexOf(entry);
    return this.splice(index, 1, this.checkedLine(`#${this.lines[index]!.text}`));
  }

  /**
   * The list with a comment made what it is without its first `#`.
   *
   * @throws PgHostsslError `line-not-as-meant` where the entry is no comment, or is none of one line without the `#`
   */
  uncomment(entry: Entry): LineList<Entry, L> {
    const index = this.indexOf(entry);
    const { text } = this.lines[index]!;
    const scanned = this.lines[index]!.scan();
    const { commentStart } = scanned;
    if (commentStart === undefined || scanned.fields.length > 0) throw notAsMeant(text);
    return this.splice(index, 1, this.checkedLine(text.slice(0, commentStart) + text.slice(commentStart + 1)));
  }

  /** The text of the file. */
  toString(): string {
    return joinLines(this.lines);
  }

  /** The bytes of the file. */
  toBytes(): Uint8Array {
    return encodeText(this.toString(), this.how.encoding);
  }
}

/** The error of a line that would be read as something else than what was asked for. */
export function notAsMeant(text: string): PgHostsslError {
  return new PgHostsslError('line-not-as-meant', `${JSON.stringify(text)} would not be read as what was asked for`, {
    hint: 'No spelling of it is read so by this major; from PostgreSQL 14 on a comment must not end in a backslash.',
  });
}
