import type { HbaLine } from '../line.ts';
import type { RuleCells } from './serialize.ts';

/** The widths of a rule's columns in characters, blanks between the columns included. */
export interface ColumnWidths {
  /** From the connection type to the database. */
  readonly type: number;
  /** From the database to the user. */
  readonly database: number;
  /** From the user to the address. */
  readonly user: number;
  /** From the address to the method. */
  readonly address: number;
}

/** The widths of the file that `initdb` writes. */
export const stockWidths: ColumnWidths = { type: 8, database: 16, user: 16, address: 24 };

/** How a new rule is laid out: in columns of these widths, or with this text between the columns. */
export type ColumnStyle =
  | ColumnWidths
  | {
      /** Blanks or tabs. */
      readonly separator: string;
    };

/** A rule as a line without its line end. */
export function layOut(cells: RuleCells, style: ColumnStyle): string {
  const tail = [cells.options, cells.comment].filter((text) => text !== '').map((text) => ` ${text}`);
  const { type, database, user, address, method } = cells;
  if ('separator' in style) {
    const columns = [type, database, user, address, method].filter((text) => text !== '');
    return columns.join(style.separator) + tail.join('');
  }
  const start =
    padColumn(type, style.type) +
    padColumn(database, style.database) +
    padColumn(user, style.user) +
    padColumn(address, style.address);
  return start + method + tail.join('');
}

/**
 * The style of the rules around a place: that of the nearest one, or the stock file's where there is none. Where the new
 * rule has an address, the nearest over TCP is taken, since a local one does not tell the width of that column.
 */
export function styleAround(lines: readonly HbaLine[], index: number, hasAddress: boolean): ColumnStyle {
  let nearest: ColumnStyle | undefined;
  for (const line of outward(lines, index)) {
    const style = styleOf(line);
    if (style === undefined) continue;
    if (!hasAddress || 'separator' in style || line.read().record?.type !== 'local') return style;
    nearest ??= style;
  }
  return nearest ?? stockWidths;
}

/** The lines from a place on, the nearest first, and at the same distance the one before it. */
export function* outward<L>(lines: readonly L[], index: number): Generator<L> {
  for (let distance = 0; distance <= lines.length; distance++) {
    const before = lines[index - 1 - distance];
    const after = lines[index + distance];
    if (before !== undefined) yield before;
    if (after !== undefined) yield after;
  }
}

function styleOf(line: HbaLine): ColumnStyle | undefined {
  const scanned = line.scan();
  const { record } = line.read(scanned);
  if (record === undefined) return undefined;
  const type = scanned.fields[0]![0];
  const [address] = record.addressTokens;
  const separator = line.text.slice(type.end, record.databases[0].start);
  if (separator.includes('\t')) return { separator };
  const { start: database } = record.databases[0];
  const { start: user } = record.users[0];
  const { start: method } = record.methodToken;
  const addressStart = address?.start ?? Math.min(user + stockWidths.user, method);
  return {
    type: database - type.start,
    database: user - database,
    user: addressStart - user,
    address: Math.max(method - addressStart, 0),
  };
}

/** A column's text with blanks up to the width, one at least; an empty one is blanks alone. */
export function padColumn(text: string, width: number): string {
  return text === '' || text.length < width ? text.padEnd(width) : `${text} `;
}
