import { decodeText, type FileEncoding } from '../../text/bytes.ts';
import { type ConfEntry, readEntry } from './entry.ts';

/** The lines of a file, and how its text stands for bytes. */
export interface ReadEntries {
  /** Every physical line, in order. */
  readonly entries: readonly ConfEntry[];
  /** How the text stands for bytes. */
  readonly encoding: FileEncoding;
}

/** Takes a file apart into its physical lines, each of which ends with `\n`, but perhaps the last. */
export function readEntries(source: string | Uint8Array): ReadEntries {
  const { text, encoding } = decodeText(source);
  const entries: ConfEntry[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline + 1;
    entries.push(readEntry(text.slice(start, end), encoding));
    start = end;
  }
  return { entries, encoding };
}
