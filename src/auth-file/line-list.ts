import { PgHostsslError } from '../errors.ts';
import { indexOfLine, indexOfPlace, joinLines, type Line, lineEndAt, lineNumbers, type Place } from '../text/lines.ts';
import { PieceText } from '../text/pieces.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';
import { AuthLine, linesOf } from './read/line.ts';
import type { FileContext } from './read/record-format.ts';
import { splitLogicalLines } from './scan/logical-line.ts';

/**
 * The immutable list of a file's logical lines. A change makes a new list that shares all other lines. No change lets a
 * line take in what follows it, or fall apart into several lines.
 */
export class LineList<R, E extends RecordEntry> {
  /** The lines. */
  readonly lines: readonly AuthLine<R, E>[];
  /** What the lines share. */
  readonly context: FileContext<R, E>;
  // Kept beside the lines, because joining all lines anew takes many times as long as copying the text.
  readonly #text: PieceText;
  #entries: readonly (E | CommonEntry)[] | undefined;
  #lineNumbers: readonly number[] | undefined;

  /** A list of lines, whose joined text is given, too. */
  private constructor(lines: readonly AuthLine<R, E>[], text: PieceText, context: FileContext<R, E>) {
    this.lines = lines;
    this.context = context;
    this.#text = text;
  }

  /** The lines of a text. */
  static of<R, E extends RecordEntry>(text: string, context: FileContext<R, E>): LineList<R, E> {
    return new LineList(linesOf(text, context), new PieceText([text]), context);
  }

  /** The lines as data. */
  get entries(): readonly (E | CommonEntry)[] {
    this.#entries ??= this.lines.map((line) => line.entry);
    return this.#entries;
  }

  /**
   * The index of an entry.
   *
   * @throws PgHostsslError `entry-unknown`
   */
  indexOf(entry: E | CommonEntry): number {
    return indexOfLine(this.entries, entry);
  }

  /**
   * The index at which a line put at this place stands.
   *
   * @throws PgHostsslError `entry-unknown`
   */
  indexOfPlace(place: Place<E | CommonEntry>): number {
    return indexOfPlace(this.entries, place);
  }

  /** The 1-based physical line at which the line of this index starts. */
  lineNumberAt(index: number): number {
    this.#lineNumbers ??= lineNumbers(this.lines);
    return this.#lineNumbers[index]!;
  }

  /**
   * A new line with the line end that a line at this index gets.
   *
   * @throws PgHostsslError `readback-mismatch` if the text is not exactly one line
   */
  newLine(text: string, index: number): AuthLine<R, E> {
    const line = new AuthLine(text + lineEndAt(this.lines, index), this.context);
    if (!this.#isClosed(line.text)) throw readbackMismatch(line);
    return line;
  }

  /**
   * The line with another text.
   *
   * @throws PgHostsslError `readback-mismatch` if the text is not exactly one line
   */
  changedLine(old: AuthLine<R, E>, text: string): AuthLine<R, E> {
    const line = new AuthLine(text, this.context);
    // The last line of a file may be open: a backslash or a NUL at its end takes in what would follow.
    const wasOpen = !this.#isClosed(ended(old.text));
    const isOne = wasOpen ? this.#split(text)[0] === text : this.#isClosed(ended(text));
    if (text === '' || !isOne) throw readbackMismatch(line);
    return line;
  }

  /** The list with some lines at this index replaced. */
  splice(index: number, deleted: number, ...added: readonly AuthLine<R, E>[]): LineList<R, E> {
    // The former last line may be open, and must not take in what now follows it.
    const from = Math.max(0, index - 1);
    const to = index + deleted;
    const lastMayStayOpen = to === this.lines.length;
    const changed = [...this.lines.slice(from, index), ...added].map((line, i, { length }) =>
      lastMayStayOpen && i === length - 1 ? line : this.#closed(line, lineEndAt(this.lines, from + i)),
    );
    const lines = this.lines.toSpliced(from, to - from, ...changed);
    const start = lengthOf(this.lines, 0, from);
    const end = start + lengthOf(this.lines, from, to);
    return new LineList(lines, this.#text.splice(start, end, joinLines(changed)), this.context);
  }

  /** The line with its line end. A second or third line end closes what a backslash or a NUL has left open. */
  #closed(line: AuthLine<R, E>, lineEnd: string): AuthLine<R, E> {
    let { text } = line;
    while (!this.#isClosed(text)) text += lineEnd;
    return text === line.text ? line : new AuthLine(text, this.context);
  }

  /** Whether a text is exactly one line, which takes in nothing that follows it. */
  #isClosed(text: string): boolean {
    return this.#split(`${text}x`)[0] === text;
  }

  #split(text: string): readonly string[] {
    return splitLogicalLines(text, this.context.encoding, this.context.rules);
  }

  /** The text of the file. */
  toString(): string {
    return this.#text.toString();
  }

  /** The bytes of the file. */
  toBytes(): Uint8Array {
    return this.#text.toBytes(this.context.encoding);
  }
}

const longestShown = 200;

/** The error of a line that a server would read as something else than what the caller asked for. */
export function readbackMismatch<R, E extends RecordEntry>({ shownText, context }: AuthLine<R, E>): PgHostsslError {
  const isLong = shownText.length > longestShown;
  const shown = JSON.stringify(isLong ? `${shownText.slice(0, longestShown)}…` : shownText);
  const message = `PostgreSQL ${context.version} would not read the line ${shown} as what was asked for`;
  return new PgHostsslError('readback-mismatch', message, {
    hint: 'This version has no way to write it. From PostgreSQL 14 on, a comment must not end in a backslash.',
  });
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** The number of characters of the lines from one index to another. */
function lengthOf(lines: readonly Line[], from: number, to: number): number {
  let length = 0;
  for (let i = from; i < to; i++) length += lines[i]!.text.length;
  return length;
}
