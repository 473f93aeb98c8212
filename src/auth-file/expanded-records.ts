import type { FileEncoding } from '../text/bytes.ts';
import { lineNumbers } from '../text/lines.ts';
import { shownMessage } from './check/line-diagnostics.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';
import { type ExpandableFile, type ExpandedLine, expandLines, isUnread, readExpanded } from './read/expand.ts';
import { type ShownLine, ShownLines } from './read/shown-line.ts';

/** A record as the server reads it, from the file itself or an included file. */
export type ExpandedRecord<E> = {
  /** The path of the file, if known. */
  readonly file: string | undefined;
  /** The 1-based physical line at which the record starts. */
  readonly line: number;
  /** The exact text of the line. */
  readonly text: string;
  /** The encoding of the file. It is `bytes` also if an `@file` with words of the record is not UTF-8. */
  readonly encoding: FileEncoding;
  /**
   * The entry of the main file to which the record belongs: the record itself, or the line that includes the record's
   * file.
   */
  readonly own: E | CommonEntry;
} & (
  | {
      /** A record. The words of each `@file` that could be read are filled in. */
      readonly kind: 'record';
      /** The record as a plain object. */
      readonly entry: E;
    }
  | {
      /** A line for which the server refuses the whole file. */
      readonly kind: 'refused';
      /** The reason why the server refuses the line. The text shows no secrets. */
      readonly message: string;
    }
  | {
      /** A line that includes files or takes words from files, but the caller gave no function that reads the files. */
      readonly kind: 'unread';
    }
);

/** Returns the records of a file and of all its included files, in the server's order. */
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
        // A record without words of an `@file` is the very entry object of the file, because callers compare these
        // objects by identity.
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
  const reading = readExpanded(expanded);
  if (reading === undefined) return isUnread(warnings) ? { ...place, kind: 'unread' } : undefined;
  if (reading.error !== undefined) {
    return { ...place, kind: 'refused', message: shownMessage(reading.error, text, shownLine) };
  }
  const entry = context.format.entryOf(reading.record, { text, comment: line.commentOf(scanned) }, context);
  return { ...place, kind: 'record', entry };
}
