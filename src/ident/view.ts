import { assertInstance } from '../arguments.ts';
import type { ExpandableFile } from '../auth-file/read/expand.ts';
import { type FileView, viewRows } from '../auth-file/view.ts';
import { IdentFile } from './file.ts';
import type { IdentMapping } from './mapping.ts';
import type { IdentRecord } from './read/mapping.ts';

/** A row of the view `pg_ident_file_mappings` (15+), with the view's column names. */
export interface IdentFileMappingsRow {
  /** The number of the mapping in the order of matching; `null` for a line with an error (16+). */
  readonly map_number?: number | null;
  /** The path of the line's file; `null` if the parse option `file` is not given (16+). */
  readonly file_name?: string | null;
  /** The number of the line in its file. */
  readonly line_number: number;
  /** The name of the map. */
  readonly map_name: string | null;
  /** The system user. */
  readonly sys_name: string | null;
  /** The database user. */
  readonly pg_username: string | null;
  /** The reason why the server refuses the line. */
  readonly error: string | null;
}

/**
 * Returns the rows of the view `pg_ident_file_mappings` for a file and its included files, as a server of the file's
 * version shows them. Major versions before 15 do not have this view. For these versions, the rows have the columns of
 * version 15.
 *
 * @throws PgHostsslError `argument-invalid` if `file` is not an IdentFile
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { IdentFile, identFileMappings } from 'pg-hostssl/ident';
 *
 * const [row] = identFileMappings(IdentFile.parse('users alice.example alice\n'));
 * assert.deepEqual([row?.map_name, row?.sys_name, row?.pg_username], ['users', 'alice.example', 'alice']);
 * ```
 */
export function identFileMappings(file: IdentFile): readonly IdentFileMappingsRow[] {
  assertInstance(file, IdentFile, 'the file of identFileMappings');
  return viewRows(file.expandable() as ExpandableFile<IdentRecord, IdentMapping>, view);
}

const view: FileView<IdentRecord, IdentFileMappingsRow> = {
  numbered: { since: 16 },
  rowOf: (record, { number, file, line, error }) => ({
    ...(number === undefined ? {} : { map_number: number, file_name: file }),
    line_number: line,
    map_name: record?.map.value ?? null,
    sys_name: record?.systemUser.value ?? null,
    pg_username: record?.pgUser.value ?? null,
    error,
  }),
};
