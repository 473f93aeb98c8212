import { type PgMajorSpan, spanIncludes } from '../version.ts';
import type { RecordEntry } from './read/entry.ts';
import { type ExpandableFile, expandLines, readExpanded } from './read/expand.ts';
import type { LineContext } from './read/record-format.ts';

/** The columns of the view of an authentication file that are its own. */
export interface FileView<R, Number extends string, Columns extends object> {
  /** The name of the column that numbers the valid records. */
  readonly numberColumn: Number;
  /** The major versions whose view has that column and `file_name`. */
  readonly numbered: PgMajorSpan;
  /** The columns of a record; of a refused line, if undefined. */
  columnsOf(record: R | undefined, context: LineContext): Columns;
}

/** A row of such a view. */
export type FileViewRow<Number extends string, Columns> = {
  readonly line_number: number;
  readonly file_name?: string | null;
  readonly error: string | null;
} & { readonly [N in Number]?: number | null } & Columns;

/** The rows of a view for a file and what it includes (`fill_hba_view`, `fill_ident_view`). */
export function viewRows<R, E extends RecordEntry, Number extends string, Columns extends object>(
  file: ExpandableFile<R, E>,
  { numberColumn, numbered, columnsOf }: FileView<R, Number, Columns>,
): FileViewRow<Number, Columns>[] {
  const rows: object[] = [];
  const hasNumbers = spanIncludes(numbered, file.context.version);
  let count = 0;
  expandLines(file, (line) => {
    const reading = readExpanded(line);
    if (reading === undefined) return;
    const reported = [reading.error, ...reading.warnings].find((each) => each?.serverText !== undefined);
    const error = reported?.serverText ?? null;
    if (error === null) count += 1;
    rows.push({
      ...(hasNumbers ? { [numberColumn]: error === null ? count : null, file_name: line.file ?? null } : {}),
      line_number: line.serverLine,
      ...columnsOf(reading.record, line.line.context),
      error,
    });
  });
  return rows as FileViewRow<Number, Columns>[];
}
