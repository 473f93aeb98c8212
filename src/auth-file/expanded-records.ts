import type { FileEncoding } from '../text/bytes.ts';
import { lineNumbers } from '../text/lines.ts';
import { shownMessage } from './check/line-diagnostics.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';
import { type ExpandableFile, type ExpandedLine, expandLines, readExpanded } from './read/expand.ts';
import { type ShownLine, ShownLines } from './read/shown-line.ts';

/** A record as the server reads it, from any file. */
export type ExpandedRecord<E> = {
  /** The path of the file, if known. */
  readonly file: string | undefined;
  /** 1-based physical line at which the record starts. */
  readonly line: number;
  /** The exact text of the line. */
  readonly text: string;
  /** The encoding of the file; `bytes` also if an `@file` with words of the record is not UTF-8. */
  readonly encoding: FileEncoding;
  /** The entry of the file itself that the record is, or that includes it. */
  readonly own: E | CommonEntry;
} & (
  | {
      /** A record, with the words of each `@file` that could be read. */
      readonly kind: 'record';
      /** The record as data. */
      readonly entry: E;
    }
  | {
      /** A line for which the server refuses the file as a whole. */
      readonly kind: 'refused';
      /** Why, without secrets. */
      readonly message: string;
    }
  | {
      /** A line that includes files, or has columns of files, which could not be followed for lack of a function that reads them. */
      readonly kind: 'unread';
    }
);

/** The records of a file and of all files that it includes, in the server's order. */
export function expandedRecords<R, E extends RecordEntry>(file: ExpandableFile<R, E>): ExpandedRecord<E>[] {
  const { kind } = file.context.format;
  const records: ExpandedRecord<E>[] = [];
  const shownLines = new ShownLines(file.lines);
  const numbers = lineNumbers(file.lines);
  for (const [index, line] of file.lines.entries()) {
    const { entry: own, text } = line;
    const firstLine = numbers[index]!;
    if (own.kind === kind && !text.includes('@')) {
      const { encoding } = file.context;
      records.push({ file: file.options.file, line: firstLine, text, encoding, own, kind: 'record', entry: own as E });
    } else if (own.kind !== 'blank' && own.kind !== 'comment') {
      expandLines({ ...file, lines: [line] }, (expanded) => {
        const isOwn = expanded.line === line;
        const found = expandedRecord(expanded, isOwn ? shownLines.at(index, firstLine) : expanded.shownLine());
        if (found === undefined) return;
        const record = { ...found, line: isOwn ? firstLine : expanded.firstLine, own };
        // A rule without the words of a file is the entry itself, which callers compare by identity.
        const isEntry = isOwn && record.kind === 'record' && expanded.fields === expanded.scanned.fields;
        records.push(isEntry && own.kind === kind ? { ...record, kind: 'record', entry: own as E } : record);
      });
    }
  }
  return records;
}

type FoundRecord<E> = ExpandedRecord<E> extends infer T ? (T extends unknown ? Omit<T, 'own'> : never) : never;

function expandedRecord<R, E extends RecordEntry>(
  expanded: ExpandedLine<R, E>,
  shownLine: ShownLine,
): FoundRecord<E> | undefined {
  const { line, scanned, file, firstLine, encoding, warnings } = expanded;
  const { text, context } = line;
  const place = { file, line: firstLine, text, encoding };
  const isUnread = warnings.some(({ code }) => code === 'include-not-followed');
  const reading = readExpanded(expanded);
  if (reading === undefined) return isUnread ? { ...place, kind: 'unread' } : undefined;
  // Other columns than lists of names: without the words of the file nobody knows what the line says.
  if (isUnread && line.entry.kind === 'indirect') return { ...place, kind: 'unread' };
  if (reading.error !== undefined) {
    return { ...place, kind: 'refused', message: shownMessage(reading.error, text, shownLine) };
  }
  const entry = context.format.entryOf(reading.record, { text, comment: line.commentOf(scanned) }, context);
  return { ...place, kind: 'record', entry };
}
