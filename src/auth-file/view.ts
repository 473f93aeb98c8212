import { type PgMajorSpan, spanIncludes } from '../version.ts';
import type { RecordEntry } from './read/entry.ts';
import { type ExpandableFile, expandLines } from './read/expand.ts';
import { readExpanded } from './read/expanded-line.ts';
import type { LineDiagnostic } from './read/line-diagnostic.ts';
import type { LineContext } from './read/record-format.ts';

/** The number and the place of the record that a row of a view shows. */
export interface RowPlace {
  /**
   * The number of the record among the valid records; `null` for a refused line; `undefined` if the view has no column
   * for this number.
   */
  readonly number: number | null | undefined;
  /** The path of the line's file, if known. */
  readonly file: string | null;
  /** The line number that the server reports. */
  readonly line: number;
  readonly error: string | null;
}

/** How the server shows an authentication file in a view such as `pg_hba_file_rules`. */
export interface FileView<R, Row> {
  /** The major versions whose view has columns for the number and the file of a record. */
  readonly numbered: PgMajorSpan;
  /**
   * Makes the row of a record, with its columns in the view's order. If `record` is undefined, makes the row of a
   * refused line.
   */
  rowOf(record: R | undefined, place: RowPlace, context: LineContext): Row;
}

/** Returns the rows of a view for a file and its included files (`fill_hba_view`, `fill_ident_view`). */
export function viewRows<R, E extends RecordEntry, Row>(
  file: ExpandableFile<R, E>,
  { numbered, rowOf }: FileView<R, Row>,
): Row[] {
  const rows: Row[] = [];
  const hasNumbers = spanIncludes(numbered, file.context.version);
  let count = 0;
  expandLines(file, (expanded) => {
    const reading = readExpanded(expanded);
    if (reading === undefined) return;
    const { error: refusal, warnings, record } = reading;
    const reported = refusal?.serverText === undefined ? warnings.find(isReported) : refusal;
    const error = reported?.serverText ?? null;
    if (error === null) count += 1;
    const number = hasNumbers ? (error === null ? count : null) : undefined;
    const place = { number, file: expanded.file ?? null, line: expanded.serverLine, error };
    rows.push(rowOf(record, place, expanded.line.context));
  });
  return rows;
}

function isReported({ serverText }: LineDiagnostic): boolean {
  return serverText !== undefined;
}
