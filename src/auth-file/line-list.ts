import { PgHostsslError } from '../errors.ts';
import type { ParseOptions } from '../parse-options.ts';
import { decodeText, toFileText } from '../text/bytes.ts';
import { indexOfLine, indexOfPlace, joinLines, type Line, lineEndAt, type Place } from '../text/lines.ts';
import { PieceText } from '../text/pieces.ts';
import { type AuthLine, type Reading, readingFor } from './read/line.ts';
import { splitLogicalLines } from './scan/logical-line.ts';
import { commentText } from './write/quote.ts';
import { applyChanges, commentChange } from './write/text-change.ts';

/** A logical line together with what it is as data. */
export interface LineWithEntry<Entry> extends AuthLine {
  /** The line as data. */
  readonly entry: Entry;
}

/** How the lines of one kind of file are made. */
type LineClass<L> = new (text: string, how: Reading) => L;

/** What every entry has. */
export interface AnyEntry extends Line {
  /** What kind of entry it is. */
  readonly kind: string;
}

/** A line that is no record, to be put into a file: a comment, given as the text behind the `#`, or an empty line. */
export type LineInsertion =
  | {
      /** A line that holds nothing but a comment. */
      readonly kind: 'comment';
      /** The text behind the `#`. */
      readonly comment: string;
    }
  | {
      /** An empty line. */
      readonly kind: 'blank';
    };

/** How a record is written, and held against what was meant; both throw where that is not possible. */
interface RecordWriter<R, L> {
  readonly spell: (record: R, index: number) => string;
  readonly verify: (line: L, record: R) => void;
}

/** How a record's line is changed, and held against what was meant; both throw where that is not possible. */
interface RecordChange<L> {
  readonly changed: (line: L) => string;
  readonly verify: (line: L) => void;
}

/**
 * The immutable list of a file's logical lines, and the edits that every file of this family has. An edit gives a new
 * list, which shares all lines that it does not touch.
 */
export class LineList<Entry extends AnyEntry, L extends LineWithEntry<Entry>> {
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
  static parse<Entry extends AnyEntry, L extends LineWithEntry<Entry>>(
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

  /**
   * The list with a record, a comment or an empty line put in.
   *
   * @throws PgHostsslError `entry-unknown`, `text-invalid`, `line-not-as-meant`, and what the writer throws
   */
  insert<R extends object>(
    insertion: R | LineInsertion,
    place: Place<Entry>,
    { spell, verify }: RecordWriter<R, L>,
  ): LineList<Entry, L> {
    const index = indexOfPlace(this.entries, place);
    const besides = isBesidesRecords(insertion);
    const text = besides ? spellBesidesRecords(insertion) : spell(insertion, index);
    const line = this.#checked(toFileText(text, this.how.encoding) + lineEndAt(this.lines, index));
    if (!besides) verify(line, insertion);
    else this.#ofKind(insertion.kind, line);
    return this.#splice(index, 0, line);
  }

  /**
   * The list with another text for a comment, or with a record changed.
   *
   * @throws PgHostsslError `entry-unknown`, `text-invalid`, `line-not-as-meant`, and what the change throws
   */
  replace(
    entry: Entry,
    change: { readonly comment?: string | null },
    { changed, verify }: RecordChange<L>,
  ): LineList<Entry, L> {
    const index = indexOfLine(this.entries, entry);
    const old = this.lines[index]!;
    const { comment } = change;
    if (entry.kind === 'comment' && typeof comment === 'string' && Object.keys(change).length === 1) {
      const edit = commentChange(old, toFileText(commentText(comment), this.how.encoding))!;
      return this.#splice(index, 1, this.#ofKind('comment', this.#checked(applyChanges(old.text, [edit]), old)));
    }
    const line = this.#checked(changed(old), old);
    verify(line);
    return this.#splice(index, 1, line);
  }

  /** The line of a text in the file's own characters, in the place of an old one; throws where it is not just one. */
  #checked(text: string, old?: L): L {
    const ended = (each: string): string => (each.endsWith('\n') ? each : `${each}\n`);
    // The end of a file may be open, and stay so while its line is edited.
    const wasOpen = old !== undefined && !this.#isClosed(ended(old.text));
    const isOne = wasOpen ? this.#split(text)[0] === text : this.#isClosed(ended(text));
    const line = new this.#line(text, this.how);
    if (text === '' || !isOne) throw notAsMeant(line);
    return line;
  }

  /** The line itself; throws where it is something else, as one that is too long for this major. */
  #ofKind(kind: string, line: L): L {
    if (line.entry.kind === kind) return line;
    throw notAsMeant(line);
  }

  /** The list with some lines at this index replaced. */
  #splice(index: number, deleted: number, ...added: readonly L[]): LineList<Entry, L> {
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
    return this.#split(`${text}x`)[0] === text;
  }

  #split(text: string): readonly string[] {
    return splitLogicalLines(text, this.how.encoding, this.how.rules);
  }

  /** The list without this entry. */
  remove(entry: Entry): LineList<Entry, L> {
    return this.#splice(indexOfLine(this.entries, entry), 1);
  }

  /** The list with this entry in another place. */
  move(entry: Entry, place: Place<Entry>): LineList<Entry, L> {
    const from = indexOfLine(this.entries, entry);
    const to = indexOfPlace(this.entries, place);
    return this.#splice(from, 1).#splice(to > from ? to - 1 : to, 0, this.lines[from]!);
  }

  /** The list with this entry made a comment: its line with a `#` before it. */
  commentOut(entry: Entry): LineList<Entry, L> {
    const index = indexOfLine(this.entries, entry);
    const old = this.lines[index]!;
    return this.#splice(index, 1, this.#ofKind('comment', this.#checked(`#${old.text}`, old)));
  }

  /**
   * The list with a comment made what it is without its first `#`.
   *
   * @throws PgHostsslError `line-not-as-meant` where the entry is no comment, or is none of one line without the `#`
   */
  uncomment(entry: Entry): LineList<Entry, L> {
    const index = indexOfLine(this.entries, entry);
    const line = this.lines[index]!;
    const { commentStart, fields } = line.scan();
    if (commentStart === undefined || fields.length > 0) throw notAsMeant(line);
    const edit = { start: commentStart, end: commentStart + 1, text: '' };
    return this.#splice(index, 1, this.#checked(applyChanges(line.text, [edit]), line));
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

const longestShown = 200;

/** The error of a line that would be read as something else than what was asked for. */
export function notAsMeant({ shownText }: AuthLine): PgHostsslError {
  const isLong = shownText.length > longestShown;
  const shown = JSON.stringify(isLong ? `${shownText.slice(0, longestShown)}…` : shownText);
  return new PgHostsslError('line-not-as-meant', `${shown} would not be read as what was asked for`, {
    hint: 'No spelling of it is read so by this major; from PostgreSQL 14 on a comment must not end in a backslash.',
  });
}

function isBesidesRecords(insertion: object): insertion is LineInsertion {
  return 'kind' in insertion && (insertion.kind === 'comment' || insertion.kind === 'blank');
}

function spellBesidesRecords(insertion: LineInsertion): string {
  return insertion.kind === 'blank' ? '' : `#${commentText(insertion.comment)}`;
}
