import type { AuthLine } from '../read/line.ts';
import type { Token } from '../scan/token.ts';

/** A replacement of a piece of a line's text. */
export interface TextChange {
  /** Offset of the first character that is replaced. */
  readonly start: number;
  /** Offset after the last character that is replaced. */
  readonly end: number;
  /** The replacement. */
  readonly text: string;
}

/** The text with all changes made, which must not overlap. */
export function applyChanges(text: string, changes: readonly TextChange[]): string {
  let result = '';
  let offset = 0;
  for (const { start, end, text: replacement } of [...changes].sort((a, b) => a.start - b.start)) {
    result += text.slice(offset, start) + replacement;
    offset = end;
  }
  return result + text.slice(offset);
}

/** The change that gives a line another comment, or takes it away, where there is something to change. */
export function commentChange(line: AuthLine, comment: string | null): TextChange | undefined {
  const { contentEnd: end } = line;
  const { commentStart: start } = line.scan();
  if (comment === null) return start === undefined ? undefined : { start, end, text: '' };
  return start === undefined ? { start: end, end, text: ` #${comment}` } : { start, end, text: `#${comment}` };
}

/** An element of a list as it stands in the file. */
interface OldElement {
  readonly token: Token;
  /** What it means, to be compared with new elements. */
  readonly value: unknown;
}

/**
 * A list of which the elements that stay keep their spelling, and neighbours that stay also what stands between them;
 * `glue` stands between all others.
 */
export function mergeList<T>(
  text: string,
  old: readonly OldElement[],
  elements: readonly T[],
  spell: (element: T) => string,
  glue: string,
): string {
  const known = old.map(({ value }) => JSON.stringify(value));
  let merged = '';
  let previous = -1;
  for (const [index, element] of elements.entries()) {
    const at = known.indexOf(JSON.stringify(element));
    const token = old[at]?.token;
    const follows = previous >= 0 && at === previous + 1;
    if (index > 0) merged += follows ? text.slice(old[previous]!.token.end, token!.start) : glue;
    merged += token === undefined ? spell(element) : text.slice(token.start, token.end);
    previous = at;
  }
  return merged;
}
