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
import { PieceText } from '../text/pieces.ts';
import type { TextChange } from '../text/span.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';
import { AuthLine, linesOf } from './read/line.ts';
import type { FileContext } from './read/record-format.ts';
import { splitLogicalLines } from './scan/logical-line.ts';
import { continuationSince } from './scan/scan-rules.ts';

/**
 * The immutable list of a file's logical lines. A change makes a new list that shares all unchanged lines. No change
 * makes a line continue on the next line or splits a line into several lines.
 */
export class LineList<R, E extends RecordEntry> {
  /** The logical lines of the file. */
  readonly lines: readonly AuthLine<R, E>[];
  /** The format, the version and the encoding, which all lines share. */
  readonly context: FileContext<R, E>;
  // The text of all lines together. It is kept because joining all lines again would take many times as long as
  // changing this text.
  readonly #text: PieceText;
  #entries: readonly (E | CommonEntry)[] | undefined;
  #lineNumbers: readonly number[] | undefined;

  /** Creates a list of lines, together with their joined text. */
  private constructor(lines: readonly AuthLine<R, E>[], text: PieceText, context: FileContext<R, E>) {
    this.lines = lines;
    this.context = context;
    this.#text = text;
  }

  /** Splits the text of a file into logical lines. */
  static of<R, E extends RecordEntry>(text: string, context: FileContext<R, E>): LineList<R, E> {
    return new LineList(linesOf(text, context), new PieceText([text]), context);
  }

  /** The entries of the lines: each line as a plain object. */
  get entries(): readonly (E | CommonEntry)[] {
    this.#entries ??= this.lines.map((line) => line.entry);
    return this.#entries;
  }

  /**
   * Returns the index of an entry.
   *
   * @throws PgHostsslError `entry-unknown` if the entry is not in the list
   */
  indexOf(entry: E | CommonEntry): number {
    return indexOfLine(this.entries, entry);
  }

  /**
   * Returns the indexes of entries.
   *
   * @throws PgHostsslError `entry-unknown` if an entry is not in the list
   */
  indexesOf(entries: ReadonlySet<E | CommonEntry>): ReadonlyMap<E | CommonEntry, number> {
    return indexesOfLines(this.entries, entries);
  }

  /** Returns the 1-based physical line at which the line with this index starts. */
  lineNumberAt(index: number): number {
    this.#lineNumbers ??= lineNumbers(this.lines);
    return this.#lineNumbers[index]!;
  }

  /**
   * Makes a new line. The line gets the line end that the lines around the given index have.
   *
   * @throws PgHostsslError `readback-mismatch` if the text is not exactly one line
   */
  newLine(text: string, index: number): AuthLine<R, E> {
    const line = new AuthLine(text + lineEndAt(this.lines, index), this.context);
    if (!this.#isClosed(line.text)) throw readbackMismatch(line);
    return line;
  }

  /**
   * Makes a line with a new text that replaces an old line.
   *
   * @throws PgHostsslError `readback-mismatch` if the text is not exactly one line
   */
  changedLine(old: AuthLine<R, E>, text: string): AuthLine<R, E> {
    const line = new AuthLine(text, this.context);
    // If the last line of a file ends in a backslash or a NUL, it would continue on a next line. Only then may the new
    // text do so, too.
    const wasOpen = !this.#isClosed(ended(old.text));
    const isOne = wasOpen ? this.#split(text)[0] === text : this.#isClosed(ended(text));
    if (text === '' || !isOne) throw readbackMismatch(line);
    return line;
  }

  /**
   * Returns the list after changes of its lines.
   *
   * @throws PgHostsslError `argument-invalid` if two changes concern the same line
   */
  change(changes: readonly LineChange<AuthLine<R, E>>[]): LineList<R, E> {
    const closed = this.#withClosedLines(inOrderOfPlaces(changes));
    return new LineList(changeLines(this.lines, closed), this.#text.change(this.#textChanges(closed)), this.context);
  }

  /**
   * Returns the changes with lines that do not continue on the next line, see `#closed`. Only the last line of the file
   * may end in a backslash or a NUL, because no line follows it.
   */
  #withClosedLines(changes: readonly LineChange<AuthLine<R, E>>[]): readonly LineChange<AuthLine<R, E>>[] {
    const { lines } = this;
    const end = lines.length;
    const last = lines[end - 1];
    const isFollowed = changes.at(-1)?.index === end;
    const isKept = !changes.some(({ index, deleted }) => index + deleted === end && deleted === 1);
    // If lines are added at the end of the file, the former last line must not continue on the first added line.
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

  /**
   * Returns the line with its line end. If a backslash or a NUL at its end joins the next line, a second or third line
   * end is added, so that only an empty line is joined.
   */
  #closed(line: AuthLine<R, E>, lineEnd: string): AuthLine<R, E> {
    let { text } = line;
    while (!this.#isClosed(text)) text += lineEnd;
    return text === line.text ? line : new AuthLine(text, this.context);
  }

  /** Returns whether a text is exactly one logical line that does not continue on the next line. */
  #isClosed(text: string): boolean {
    return this.#split(`${text}x`)[0] === text;
  }

  #split(text: string): readonly string[] {
    return splitLogicalLines(text, this.context.encoding, this.context.rules);
  }

  /** Returns the text of the file. */
  toString(): string {
    return this.#text.toString();
  }

  /** Returns the bytes of the file. */
  toBytes(): Uint8Array {
    return this.#text.toBytes(this.context.encoding);
  }
}

const longestShown = 200;

/** Makes the error for a line that a server would read differently from what the caller asked for. */
export function readbackMismatch<R, E extends RecordEntry>({ shownText, context }: AuthLine<R, E>): PgHostsslError {
  const isLong = shownText.length > longestShown;
  const shown = JSON.stringify(isLong ? `${shownText.slice(0, longestShown)}…` : shownText);
  const message = `PostgreSQL ${context.version} would not read the new line ${shown} as requested`;
  return new PgHostsslError('readback-mismatch', message, {
    hint: `This version has no notation for the line. From ${continuationSince} on, a comment must not end in a backslash.`,
  });
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
