import { PgHostsslError } from '../errors.ts';
import type { ParseOptions } from '../parse-options.ts';
import { decodeText, toFileText } from '../text/bytes.ts';
import { indexOfLine, indexOfPlace, joinLines, type Line, lineEndAt, type Place } from '../text/lines.ts';
import { PieceText } from '../text/pieces.ts';
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
  // Kept beside the lines, since joining them anew takes many times what copying it does.
  readonly #text: PieceText;
  readonly #line: LineClass<L>;
  #entries: readonly Entry[] | undefined;

  /** A list of these lines, whose joined text is given too. */
  private constructor(lines: readonly L[], text: PieceText, how: Reading, line: LineClass<L>) {
    this.lines = lines;
    this.how = how;
    this.#text = text;
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
    return new LineList(lines, new PieceText([text]), how, line);
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
    // What was the last line of the file may take in what now comes behind it.
    const from = Math.max(0, index - 1);
    const to = index + deleted;
    const lastIsOpen = to < this.lines.length;
    const changed = [...this.lines.slice(from, index), ...added].map((line, i, { length }) =>
      lastIsOpen || i < length - 1 ? this.#closed(line, lineEndAt(this.lines, from + i)) : line,
    );
    const lines = this.lines.toSpliced(from, to - from, ...changed);
    const start = lengthOf(this.lines, 0, from);
    const end = start + lengthOf(this.lines, from, to);
    const text = this.#text.splice(start, end, joinLines(changed));
    return new LineList(lines, text, this.how, this.#line);
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
    return this.#text.toString();
  }

  /** The bytes of the file. */
  toBytes(): Uint8Array {
    return this.#text.toBytes(this.how.encoding);
  }
}

/** How many characters the lines from one index to another have. */
function lengthOf(lines: readonly Line[], from: number, to: number): number {
  let length = 0;
  for (let i = from; i < to; i++) length += lines[i]!.text.length;
  return length;
}

/** The error of a line that would be read as something else than what was asked for. */
export function notAsMeant(text: string): PgHostsslError {
  return new PgHostsslError('line-not-as-meant', `${JSON.stringify(text)} would not be read as what was asked for`, {
    hint: 'No spelling of it is read so by this major; from PostgreSQL 14 on a comment must not end in a backslash.',
  });
}
