import type { FileEncoding } from '../text/bytes.ts';
import { lineNumbers } from '../text/lines.ts';
import type { CommonEntry, RecordEntry } from './read/entry.ts';
import { type ExpandableFile, expandLines } from './read/expand.ts';
import { type ExpandedLine, isUnread, readExpanded } from './read/expanded-line.ts';

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
  const numbers = lineNumbers(file.lines);
  for (const [index, line] of file.lines.entries()) {
    const { entry: own, text } = line;
    const firstLine = numbers[index]!;
    if (own.kind === kind && !text.includes('@')) {
      const { encoding } = file.context;
      records.push({ file: file.options.file, line: firstLine, text, encoding, own, kind: 'record', entry: own as E });
    } else if (own.kind !== 'blank' && own.kind !== 'comment') {
      expandLines({ ...file, lines: [line] }, (expanded) => {
        // `expandLines` gets a single line, so it does not know the number of this line.
        const isOwn = expanded.line === line;
        const number = isOwn ? firstLine : expanded.firstLine;
        const known = isOwn && own.kind === kind ? (own as E) : undefined;
        const record = expandedRecord(expanded, { own, line: number }, known);
        if (record !== undefined) records.push(record);
      });
    }
  }
  return records;
}

/** @param known the entry of the line as the file lists it, if the line is a record of the main file */
function expandedRecord<R, E extends RecordEntry>(
  expanded: ExpandedLine<R, E>,
  place: Pick<ExpandedRecord<E>, 'own' | 'line'>,
  known: E | undefined,
): ExpandedRecord<E> | undefined {
  const { line, scanned, file, fields, encoding, warnings } = expanded;
  const { text, context } = line;
  const common = { ...place, file, text, encoding };
  const reading = readExpanded(expanded);
  if (reading === undefined) return isUnread(warnings) ? { ...common, kind: 'unread' } : undefined;
  if (reading.error !== undefined) return { ...common, kind: 'refused' };
  // A record without words of an `@file` is the very entry object of the file, because callers compare these objects by
  // identity.
  const entry =
    known !== undefined && fields === scanned.fields
      ? known
      : context.format.entryOf(reading.record, { text, comment: line.commentOf(scanned) }, context);
  return { ...common, kind: 'record', entry };
}
