import { PgHostsslError } from '../errors.ts';
import {
  changeLines,
  indexesOfLines,
  indexOfLine,
  inOrderOfPlaces,
  joinLines,
  type LineChange,
  lineEndAt,
  lineNumbers,
} from '../text/lines.ts';
import { PieceText, type TextChange } from '../text/pieces.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';
import { AuthLine, linesOf } from './read/line.ts';
import type { FileContext } from './read/record-format.ts';
import { splitLogicalLines } from './scan/logical-line.ts';

/**
 * The immutable list of a file's logical lines. A change makes a new list that shares all other lines. No change lets a
 * line continue into the next one, or fall apart into several lines.
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

  /** A list of lines, together with their joined text. */
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
   * The indexes of entries.
   *
   * @throws PgHostsslError `entry-unknown`
   */
  indexesOf(entries: ReadonlySet<E | CommonEntry>): ReadonlyMap<E | CommonEntry, number> {
    return indexesOfLines(this.entries, entries);
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
    // The last line of a file may be open: with a backslash or a NUL at its end, it continues into the next line.
    const wasOpen = !this.#isClosed(ended(old.text));
    const isOne = wasOpen ? this.#split(text)[0] === text : this.#isClosed(ended(text));
    if (text === '' || !isOne) throw readbackMismatch(line);
    return line;
  }

  /**
   * The list after changes of its lines.
   *
   * @throws PgHostsslError `argument-invalid` if two changes are about one line
   */
  change(changes: readonly LineChange<AuthLine<R, E>>[]): LineList<R, E> {
    const closed = this.#withClosedLines(inOrderOfPlaces(changes));
    return new LineList(changeLines(this.lines, closed), this.#text.change(this.#textChanges(closed)), this.context);
  }

  /** The changes, with each line closed (`#closed`) that another line follows. Only the last line of a file may be open. */
  #withClosedLines(changes: readonly LineChange<AuthLine<R, E>>[]): readonly LineChange<AuthLine<R, E>>[] {
    const { lines } = this;
    const end = lines.length;
    const last = lines[end - 1];
    const isFollowed = changes.at(-1)?.index === end;
    const isKept = !changes.some(({ index, deleted }) => index + deleted === end && deleted === 1);
    // The former last line must not continue into the line that now follows.
    const closedLast = last && isFollowed && isKept ? this.#closed(last, lineEndAt(lines, end - 1)) : last;
    const all =
      closedLast === undefined || closedLast === last
        ? changes
        : inOrderOfPlaces([...changes, { index: end - 1, deleted: 1, added: [closedLast] }]);
    let isEnd = true;
    let next = end;
    const closed = all.toReversed().map(({ index, deleted, added }) => {
      isEnd &&= index + deleted === next;
      next = index;
      const mayBeOpen = isEnd ? added.at(-1) : undefined;
      isEnd &&= added.length === 0;
      const closedLines = added.map((line) =>
        line === mayBeOpen ? line : this.#closed(line, lineEndAt(lines, index)),
      );
      return { index, deleted, added: closedLines };
    });
    return closed.reverse();
  }

  #textChanges(changes: readonly LineChange<AuthLine<R, E>>[]): readonly TextChange[] {
    let at = 0;
    let offset = 0;
    const goTo = (index: number): number => {
      while (at < index) offset += this.lines[at++]!.text.length;
      return offset;
    };
    return changes.map(({ index, deleted, added }) => ({
      start: goTo(index),
      end: goTo(index + deleted),
      text: joinLines(added),
    }));
  }

  /** The line with its line end. A second or third line end closes what a backslash or a NUL has left open. */
  #closed(line: AuthLine<R, E>, lineEnd: string): AuthLine<R, E> {
    let { text } = line;
    while (!this.#isClosed(text)) text += lineEnd;
    return text === line.text ? line : new AuthLine(text, this.context);
  }

  /** Whether a text is exactly one line, and does not continue into a following line. */
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
