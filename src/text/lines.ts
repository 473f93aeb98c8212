import { PgHostsslError } from '../errors.ts';
import { countLineEnds } from './position.ts';

/** A logical line of a file. It owns its exact text, line end included. */
export interface Line {
  /** The exact text with its line end; only the last line of a file may lack a line end. */
  readonly text: string;
}

/** Where a new line goes. */
export type Place<L> =
  | 'start'
  | 'end'
  | {
      /** Right above this line of the file. */
      readonly before: L;
    }
  | {
      /** Right below this line of the file. */
      readonly after: L;
    };

/** The 1-based physical line at which each line starts. */
export function lineNumbers(lines: readonly Line[]): number[] {
  let next = 1;
  return lines.map(({ text }) => {
    const number = next;
    next += countLineEnds(text);
    return number;
  });
}

/** The text of all lines: the text of the file. */
export function joinLines(lines: readonly Line[]): string {
  return lines.map((line) => line.text).join('');
}

/**
 * The index that a line inserted at `place` gets.
 *
 * @throws PgHostsslError `entry-unknown` if the place names a line that is not in the list
 */
export function indexOfPlace<L extends Line>(lines: readonly L[], place: Place<L>): number {
  if (place === 'start') return 0;
  if (place === 'end') return lines.length;
  return 'before' in place ? indexOfLine(lines, place.before) : indexOfLine(lines, place.after) + 1;
}

/**
 * The index of a line. Lines are compared by identity.
 *
 * @throws PgHostsslError `entry-unknown` if the line is not in the list
 */
export function indexOfLine<L extends Line>(lines: readonly L[], line: L): number {
  const index = lines.indexOf(line);
  if (index === -1) {
    throw new PgHostsslError('entry-unknown', 'The given entry is not in this file', {
      hint: 'An edit returns a new file, in which a changed entry is a new object: take the entry from that file.',
    });
  }
  return index;
}

/** The line end of a new line at this index: the previous line's; else the next line end of the file; else `\n`. */
export function lineEndAt(lines: readonly Line[], index: number): '\n' | '\r\n' {
  for (let i = index - 1; i >= 0; i--) if (lines[i]!.text.endsWith('\n')) return lineEndOf(lines[i]!);
  const next = lines.slice(index).find((line) => line.text.endsWith('\n'));
  return next === undefined ? '\n' : lineEndOf(next);
}

function lineEndOf(line: Line): '\n' | '\r\n' {
  return line.text.endsWith('\r\n') ? '\r\n' : '\n';
}
