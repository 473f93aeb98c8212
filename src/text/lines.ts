import { PgHostsslError } from '../errors.ts';
import { countLineEnds } from './position.ts';

/** A logical line of a file, with its exact text including the line end. */
export interface Line {
  /** The exact text with its line end; only the last line of a file may lack a line end. */
  readonly text: string;
}

/** The place at which a new line is inserted. */
export type Place<L> =
  | 'start'
  | 'end'
  | {
      /** The new line goes directly above this line of the file. */
      readonly before: L;
    }
  | {
      /** The new line goes directly below this line of the file. */
      readonly after: L;
    };

/** Returns the index of a new line at a place in a list of lines. */
export function indexOfPlace<L>(
  place: Place<L>,
  lines: { readonly length: number },
  indexOf: (line: L) => number,
): number {
  if (place === 'start') return 0;
  if (place === 'end') return lines.length;
  return 'before' in place ? indexOf(place.before) : indexOf(place.after) + 1;
}

/** Returns the 1-based physical line at which each line starts. */
export function lineNumbers(lines: readonly Line[]): number[] {
  let next = 1;
  return lines.map(({ text }) => {
    const number = next;
    next += countLineEnds(text);
    return number;
  });
}

/** Joins the texts of all lines to the text of the file. */
export function joinLines(lines: readonly Line[]): string {
  return lines.map((line) => line.text).join('');
}

/** Returns the offset of the first carriage return that belongs to no line end; -1 if there is none. */
export function indexOfLoneCarriageReturn(text: string): number {
  // Few lines contain a carriage return, and a search for one character is faster than a regular expression.
  return text.includes('\r') ? text.search(/\r[^\r\n]/) : -1;
}

/** A change of a list of lines: new lines are inserted at an index, and the line at this index can be deleted. */
export interface LineChange<L> {
  /** The index of the line to delete. New lines are inserted before this index. */
  readonly index: number;
  /** The number of lines to delete at the index: none or one. */
  readonly deleted: 0 | 1;
  /** The lines to insert. */
  readonly added: readonly L[];
}

/**
 * Sorts changes by index. Changes at the same index keep their order. New lines come before a line that is replaced or
 * deleted.
 *
 * @throws PgHostsslError `argument-invalid` if two changes concern the same line
 */
export function inOrderOfPlaces<L>(changes: readonly LineChange<L>[]): readonly LineChange<L>[] {
  const sorted = changes.toSorted((a, b) => a.index - b.index || a.deleted - b.deleted);
  const replaced = sorted.filter(({ deleted }) => deleted === 1);
  if (replaced.some(({ index }, i) => index === replaced[i + 1]?.index)) {
    throw new PgHostsslError('argument-invalid', 'Two edits of one batch change, move or remove the same line', {
      hint: 'Give one edit for each entry.',
    });
  }
  return sorted;
}

/** Applies sorted changes to lines. */
export function changeLines<L>(lines: readonly L[], changes: readonly LineChange<L>[]): readonly L[] {
  const [first] = changes;
  if (first !== undefined && changes.length === 1) return lines.toSpliced(first.index, first.deleted, ...first.added);
  // Copying the whole list with `slice` is several times faster than pushing the lines one by one.
  const changed = lines.slice();
  let from = 0;
  let to = 0;
  const keepLines = (end: number): void => {
    // As long as no line was added or deleted, each line of the copy already has its final index.
    if (from === to) from = to = end;
    while (from < end) changed[to++] = lines[from++]!;
  };
  for (const { index, deleted, added } of changes) {
    keepLines(index);
    for (const line of added) changed[to++] = line;
    from += deleted;
  }
  keepLines(lines.length);
  changed.length = to;
  return changed;
}

/**
 * Returns the index of a line. Lines are compared by identity.
 *
 * @throws PgHostsslError `entry-unknown` if the line is not in the list
 */
export function indexOfLine<L extends Line>(lines: readonly L[], line: L): number {
  const index = lines.indexOf(line);
  if (index === -1) throw unknownEntry();
  return index;
}

/**
 * Returns the index of each of several lines. Lines are compared by identity.
 *
 * @throws PgHostsslError `entry-unknown` if a line is not in the list
 */
export function indexesOfLines<L extends Line>(lines: readonly L[], wanted: ReadonlySet<L>): ReadonlyMap<L, number> {
  const found = new Map<L, number>();
  // Most batches name lines in the order of the file. Then this search is many times faster than looking up every line.
  let next = 0;
  for (const line of wanted) {
    const index = lines.indexOf(line, next);
    if (index === -1) break;
    found.set(line, index);
    next = index + 1;
  }
  if (found.size < wanted.size) for (const [i, line] of lines.entries()) if (wanted.has(line)) found.set(line, i);
  if (found.size < wanted.size) throw unknownEntry();
  return found;
}

function unknownEntry(): PgHostsslError {
  return new PgHostsslError('entry-unknown', 'The given entry is not in this file', {
    hint: 'An edit returns a new file, in which a changed entry is a new object: take the entry from that file.',
  });
}

/**
 * Returns the line end for a new line at an index: the line end of the previous line. If there is none, the next line
 * end of the file is used, or `\n` for a file without line ends.
 */
export function lineEndAt(lines: readonly Line[], index: number): '\n' | '\r\n' {
  for (let i = index - 1; i >= 0; i--) if (lines[i]!.text.endsWith('\n')) return lineEndOf(lines[i]!);
  const next = lines.slice(index).find((line) => line.text.endsWith('\n'));
  return next === undefined ? '\n' : lineEndOf(next);
}

function lineEndOf(line: Line): '\n' | '\r\n' {
  return line.text.endsWith('\r\n') ? '\r\n' : '\n';
}
