import { outward, padColumn } from '../../hba/write/columns.ts';
import type { IdentLine } from '../line.ts';

/** How a new mapping is laid out: in columns of these widths in characters, or with this text between the columns. */
export type IdentColumnStyle =
  | {
      /** From the map to the system user. */
      readonly map: number;
      /** From the system user to the database user. */
      readonly systemUser: number;
    }
  | {
      /** Blanks or tabs. */
      readonly separator: string;
    };

/** The widths of the file that `initdb` writes. */
const stockWidths: IdentColumnStyle = { map: 16, systemUser: 24 };

/** A mapping as a line without its line end. */
export function layOut(map: string, systemUser: string, pgUser: string, style: IdentColumnStyle): string {
  if ('separator' in style) return [map, systemUser, pgUser].join(style.separator);
  return padColumn(map, style.map) + padColumn(systemUser, style.systemUser) + pgUser;
}

/** The style of the mapping nearest to a place, or the stock file's where there is none. */
export function styleAround(lines: readonly IdentLine[], index: number): IdentColumnStyle {
  for (const line of outward(lines, index)) {
    const { record } = line.read();
    if (record === undefined) continue;
    const { text } = line;
    const { map, systemUser, pgUser } = record;
    const separator = text.slice(map.end, systemUser.start);
    if (separator.includes('\t')) return { separator };
    return { map: systemUser.start - map.start, systemUser: pgUser.start - systemUser.start };
  }
  return stockWidths;
}
