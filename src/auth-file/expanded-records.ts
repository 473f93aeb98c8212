import { shownMessage } from './check/line-diagnostics.ts';
import type { RecordEntry } from './read/entry.ts';
import { type ExpandableFile, expandLines, readExpanded } from './read/expand.ts';

/** A record as the server takes it in, from whatever file. */
export type ExpandedRecord<E> = {
  /** The path of the file, if known. */
  readonly file: string | undefined;
  /** 1-based physical line at which the record starts. */
  readonly line: number;
  /** The exact text of the line. */
  readonly text: string;
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
      /** A line that includes files which could not be followed, for lack of a function that reads them. */
      readonly kind: 'unread';
    }
);

/** The records of a file and of all files that it includes, in the server's order. */
export function expandedRecords<R, E extends RecordEntry>(file: ExpandableFile<R, E>): ExpandedRecord<E>[] {
  const records: ExpandedRecord<E>[] = [];
  expandLines(file, (expanded) => {
    const { line, scanned, file: path, firstLine, warnings } = expanded;
    const { text, context } = line;
    const place = { file: path, line: firstLine, text };
    const reading = readExpanded(expanded);
    if (reading === undefined) {
      if (warnings.some(({ code }) => code === 'include-not-followed')) records.push({ ...place, kind: 'unread' });
    } else if (reading.error !== undefined) {
      records.push({ ...place, kind: 'refused', message: shownMessage(reading.error, text, line.shownText) });
    } else {
      const entry = context.format.entryOf(reading.record, { text, comment: line.commentOf(scanned) }, context);
      records.push({ ...place, kind: 'record', entry });
    }
  });
  return records;
}
