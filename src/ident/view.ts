import { type ExpandedLine, expandLines } from '../auth-file/read/expand.ts';
import type { AuthLine } from '../auth-file/read/line.ts';
import type { ParseOptions } from '../parse-options.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../version.ts';
import { type IdentReading, readMapping } from './mapping.ts';

/** A row of the view `pg_ident_file_mappings` (15+), with the view's column names. */
export interface IdentFileMappingsRow {
  /** 16+: the number of the mapping in the order of matching; null for a line with an error. */
  readonly map_number?: number | null;
  /** 16+: the path of the file that the line is in; null where the `file` of the parse options is not given. */
  readonly file_name?: string | null;
  /** The number of the line in its file. */
  readonly line_number: number;
  /** The name of the map. */
  readonly map_name: string | null;
  /** The system user. */
  readonly sys_name: string | null;
  /** The database user. */
  readonly pg_username: string | null;
  /** Why the line is refused. */
  readonly error: string | null;
}

/** The majors whose view has the columns `map_number` and `file_name`. */
const numbersMappings: PgMajorSpan = { since: 16 };

/** What the server makes of a line of whatever file; undefined for one that is no record. */
export function readingOf({ line, fields, problem }: ExpandedLine): IdentReading | undefined {
  if (problem !== undefined) return { problem, notes: [] };
  if (fields.length === 0) return undefined;
  return readMapping(fields, line.how.rules);
}

/** The rows of `pg_ident_file_mappings` for these lines and what they include (`fill_ident_view`). */
export function rowsOf(lines: readonly AuthLine[], options: ParseOptions, version: PgMajor): IdentFileMappingsRow[] {
  const rows: IdentFileMappingsRow[] = [];
  const numbered = spanIncludes(numbersMappings, version);
  let mappings = 0;
  expandLines(lines, options, (line) => {
    const reading = readingOf(line);
    if (reading === undefined) return;
    const { record, problem } = reading;
    const error = problem?.serverText ?? null;
    if (error === null) mappings += 1;
    rows.push({
      ...(numbered ? { map_number: error === null ? mappings : null, file_name: line.file ?? null } : {}),
      line_number: line.serverLine,
      map_name: record?.map.value ?? null,
      sys_name: record?.systemUser.value ?? null,
      pg_username: record?.pgUser.value ?? null,
      error,
    });
  });
  return rows;
}
