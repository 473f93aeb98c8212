import type { AuthLine } from './auth-line.ts';

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
