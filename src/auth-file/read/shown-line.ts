import { appendAll } from '../../append-all.ts';
import { findSecrets, inOrder } from '../../find-secrets.ts';
import { groupBy } from '../../group-by.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { maskSpans } from '../../text/mask.ts';
import { countLineEnds, type Position, placesIn, type Range } from '../../text/position.ts';
import type { Span } from '../../text/span.ts';
import { endsInBackslash } from '../scan/logical-line.ts';
import type { RecordEntry } from './entry.ts';
import type { AuthLine } from './line.ts';

/**
 * Consecutive lines of a file that may contain one secret together, in the form that messages show. Most passages are
 * one line. Before PostgreSQL 14, two lines are one passage if the upper line ends in a backslash or contains a NUL,
 * because the author probably meant one line. The pieces of a line that is longer than the server's buffer are also one
 * passage.
 */
class Passage {
  readonly #text: string;
  readonly #secrets: readonly Span[];
  readonly #placeOf: (offset: number) => Position;
  #shown: string | undefined;
  #ranges: ReadonlyMap<number, readonly Range[]> | undefined;

  /** Creates a passage: consecutive lines that start at the physical line `firstLine`. */
  constructor(text: string, secrets: readonly Span[], firstLine: number) {
    this.#text = text;
    this.#secrets = secrets;
    this.#placeOf = placesIn(text, firstLine);
  }

  /** Returns a part of the text, with a star for each character of a secret. */
  shown(start: number, end: number): string {
    this.#shown ??= maskSpans(this.#text, this.#secrets);
    return this.#shown.slice(start, end);
  }

  /** Returns the range of a part of the text. */
  rangeOf(start: number, end: number): Range {
    return { start: this.#placeOf(start), end: this.#placeOf(end) };
  }

  /** Returns the ranges of the secrets in the physical lines that a range touches. */
  secretsNear({ start, end }: Range): readonly Range[] {
    this.#ranges ??= this.#rangesByLine();
    const found: Range[] = [];
    for (let line = start.line; line <= end.line; line++) appendAll(found, this.#ranges.get(line) ?? []);
    return found;
  }

  /** The ranges of the secrets by physical line. A secret of several lines has several ranges. */
  #rangesByLine(): ReadonlyMap<number, readonly Range[]> {
    const ranges: Range[] = [];
    for (const secret of this.#secrets) {
      for (let start = secret.start; start < secret.end; ) {
        const lineEnd = this.#text.indexOf('\n', start);
        const end = lineEnd === -1 ? secret.end : Math.min(lineEnd, secret.end);
        ranges.push(this.rangeOf(start, end));
        start = end + 1;
      }
    }
    return groupBy(ranges, (range) => range.start.line);
  }
}

/** A line of a file in the form that diagnostics show, with stars instead of secrets. */
export class ShownLine {
  readonly #passage: Passage;
  readonly #offset: number;

  /**
   * Creates a line of a `Passage`, a group of consecutive lines. `offset` is the start of the line in the text of the
   * passage.
   */
  constructor(passage: Passage, offset: number) {
    this.#passage = passage;
    this.#offset = offset;
  }

  /** Returns a part of the line, given by offsets in its text, with a star for each character of a secret. */
  slice(start: number, end: number): string {
    return this.#passage.shown(this.#offset + start, this.#offset + end);
  }

  /** Returns the range of a part of the line. */
  rangeOf(start: number, end: number): Range {
    return this.#passage.rangeOf(this.#offset + start, this.#offset + end);
  }

  /** Returns the place of a diagnostic about a part of the line. */
  placeOf(start: number, end: number): Pick<Diagnostic, 'range' | 'secrets'> {
    const range = this.rangeOf(start, end);
    const secrets = this.#passage.secretsNear(range);
    return { range, ...(secrets.length === 0 ? {} : { secrets }) };
  }
}

/** The lines of a file in the form that diagnostics show, with stars instead of secrets. */
export class ShownLines<R, E extends RecordEntry> {
  readonly #lines: readonly AuthLine<R, E>[];
  #first = 0;
  #shown: readonly ShownLine[] = [];

  /** Creates the list from the lines of a file. */
  constructor(lines: readonly AuthLine<R, E>[]) {
    this.#lines = lines;
  }

  /**
   * Returns a line in the form that diagnostics show, with stars instead of secrets.
   *
   * @param index the index of the line
   * @param firstLine the 1-based physical line at which the line starts
   */
  at(index: number, firstLine: number): ShownLine {
    return this.#shown[index - this.#first] ?? this.#passageAround(index, firstLine)[index - this.#first]!;
  }

  #passageAround(index: number, firstLine: number): readonly ShownLine[] {
    let from = index;
    while (from > 0 && goesOn(this.#lines[from - 1]!)) from -= 1;
    let to = index + 1;
    while (to < this.#lines.length && goesOn(this.#lines[to - 1]!)) to += 1;
    const offsets: number[] = [];
    const secrets: Span[] = [];
    let text = '';
    for (const line of this.#lines.slice(from, to)) {
      const offset = text.length;
      offsets.push(offset);
      for (const { start, end } of line.secrets) secrets.push({ start: start + offset, end: end + offset });
      text += line.text;
    }
    const { format } = this.#lines[index]!.context;
    const all = offsets.length === 1 ? secrets : inOrder([...secrets, ...findSecrets(text, format.secretNames)]);
    const passage = new Passage(text, all, firstLine - countLineEnds(text.slice(0, offsets[index - from])));
    this.#first = from;
    this.#shown = offsets.map((offset) => new ShownLine(passage, offset));
    return this.#shown;
  }
}

/**
 * Returns whether the author of a line probably meant the next line as a continuation, although the server reads the
 * next line as another record.
 */
function goesOn<R, E extends RecordEntry>({ text, context }: AuthLine<R, E>): boolean {
  return (
    !context.rules.continuation &&
    (!text.endsWith('\n') || endsInBackslash(text, 0, text.length) || text.includes('\0'))
  );
}
