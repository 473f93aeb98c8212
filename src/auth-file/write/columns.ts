import { assertRecord } from '../../arguments.ts';
import type { RecordEntry } from '../read/entry.ts';
import type { AuthLine } from '../read/line.ts';

/**
 * The columns of an authentication file: their names, and their widths in the file that `initdb` writes. The last
 * column has no width.
 */
export interface ColumnLayout<R> {
  /** The widths in characters, including the blanks between columns, by column name in column order. */
  readonly widths: Readonly<Record<string, number>>;
  /**
   * Returns the offsets at which the columns of a record start, including the last column; `undefined` for a missing
   * column.
   */
  startsOf(record: R): readonly (number | undefined)[];
}

/** The layout of a new record: the widths of its columns, or the text between its columns. */
export type AnyColumnStyle = { readonly separator: string } | object;

/**
 * Joins the columns to a text without a line end. An empty cell stands for a missing column. If the style has widths,
 * an empty cell becomes blanks.
 */
export function layOut(cells: readonly string[], style: AnyColumnStyle, names: readonly string[]): string {
  assertRecord(style, 'columns of an inserted line');
  if ('separator' in style) return cells.filter((cell) => cell !== '').join(style.separator);
  const widths = style as Readonly<Record<string, number>>;
  const padded = names.map((name, i) => padColumn(cells[i]!, widths[name]!));
  return padded.join('') + cells.at(-1)!;
}

/**
 * Returns the layout of the nearest record: its column widths, or the text between its columns if this text contains a
 * tab. Records that have all columns of the new record are preferred, because a missing column has no width. If the
 * file has no record, returns the widths in the file that `initdb` writes.
 */
export function styleAround<R, E extends RecordEntry>(
  lines: readonly AuthLine<R, E>[],
  index: number,
  cells: readonly string[],
  layout: ColumnLayout<R>,
): AnyColumnStyle {
  let nearest: AnyColumnStyle | undefined;
  for (const line of outward(lines, index)) {
    const scanned = line.scan();
    const { record } = line.read(scanned);
    if (record === undefined) continue;
    const starts = layout.startsOf(record);
    const separator = line.text.slice(scanned.fields[0]!.at(-1)!.end, starts[1]);
    if (separator.includes('\t')) return { separator };
    const style = widthsOf(starts, layout.widths);
    if (starts.every((start, i) => start !== undefined || cells[i] === '')) return style;
    nearest ??= style;
  }
  return nearest ?? layout.widths;
}

/**
 * Returns the column widths that follow from the offsets of the columns. A missing column gets the width in the file
 * that `initdb` writes, or less if there is less room before the next column.
 */
function widthsOf(starts: readonly (number | undefined)[], stock: Readonly<Record<string, number>>): object {
  const names = Object.keys(stock);
  const known: number[] = [];
  for (const [i, start] of starts.entries()) {
    known.push(start ?? Math.min(known[i - 1]! + stock[names[i - 1]!]!, starts[i + 1]!));
  }
  return Object.fromEntries(names.map((name, i) => [name, known[i + 1]! - known[i]!]));
}

/**
 * Yields the lines around an index, the nearest line first. At equal distance, the line before the index comes first.
 */
function* outward<L>(lines: readonly L[], index: number): Generator<L> {
  for (let distance = 0; distance <= lines.length; distance++) {
    const before = lines[index - 1 - distance];
    const after = lines[index + distance];
    if (before !== undefined) yield before;
    if (after !== undefined) yield after;
  }
}

/** Pads a column's text with blanks to the width, with at least one blank. An empty column becomes blanks. */
function padColumn(text: string, width: number): string {
  return text === '' || text.length < width ? text.padEnd(width) : `${text} `;
}
