import { hasCode } from '../../disk/system-error.ts';

/**
 * Runs one SQL statement over a new connection and returns the rows. The role must be allowed to read all settings. The
 * connection must be new, because an older one may show the state before a reload. An error of the server must have its
 * SQLSTATE as `code`, as an error of `pg` has.
 */
export type QueryOnNewConnection = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

// pg_file_settings shows an error for a setting whose new value needs a restart, although the server loads the file.
// pg_hba_file_rules (10 and later) shows an error for rules that can match nothing, such as hostssl rules while ssl is
// off, and shows none for some lines that the server refuses, such as clientcert=1 on 14 and later. Only a refused line
// has no type.
const settingErrors = `SELECT f.sourcefile, f.sourceline, f.error FROM pg_catalog.pg_file_settings f
  LEFT JOIN pg_catalog.pg_settings s ON s.name = f.name
  WHERE f.error IS NOT NULL AND s.pending_restart IS NOT TRUE`;
const ruleErrors = `SELECT 'pg_hba.conf' AS sourcefile, line_number AS sourceline,
  coalesce(error, 'the server refuses the line') AS error FROM pg_catalog.pg_hba_file_rules WHERE type IS NULL`;
// The query fails if the server cannot open pg_ident.conf.
const mappingErrors = `SELECT 'pg_ident.conf' AS sourcefile, line_number AS sourceline, error
  FROM pg_catalog.pg_ident_file_mappings WHERE error IS NOT NULL`;
const rulesWithMap = `SELECT 'pg_hba.conf' AS sourcefile, line_number AS sourceline,
  'the rule has a map, but pg_ident.conf does not exist' AS error
  FROM pg_catalog.pg_hba_file_rules WHERE EXISTS (SELECT FROM unnest(options) AS o(text) WHERE text LIKE 'map=%')`;

/** Whether the view pg_ident_file_mappings exists, and the role may read the view. */
const canReadMappings = `CASE WHEN pg_catalog.to_regclass('pg_catalog.pg_ident_file_mappings') IS NULL THEN false
    ELSE pg_catalog.has_table_privilege('pg_catalog.pg_ident_file_mappings', 'SELECT')
      AND pg_catalog.has_function_privilege('pg_catalog.pg_ident_file_mappings()', 'EXECUTE') END`;

/**
 * The reasons why the server may not have loaded its files since a moment. The list is empty if it has loaded them
 * without errors.
 */
export async function loadErrors(
  query: QueryOnNewConnection,
  loadedAfter: Date | undefined,
): Promise<readonly string[]> {
  const [row] = await query('SELECT extract(epoch FROM pg_catalog.pg_conf_load_time()) AS loaded');
  const [has] = await query(`SELECT pg_catalog.to_regclass('pg_catalog.pg_hba_file_rules') IS NOT NULL AS rules,
    ${canReadMappings} AS mappings`);
  const loaded = Number(row?.loaded);
  // If `query` returns rows without column names, neither the load time nor an error can be read from them.
  if (Number.isNaN(loaded) || (has !== undefined && typeof has.rules !== 'boolean')) {
    return [
      'The query must return rows as objects with the columns "loaded" and "rules", but it returned other rows. The server was not verified',
    ];
  }
  const isOld = loadedAfter !== undefined && loaded * 1000 <= loadedAfter.getTime();
  const rows = [
    ...(await query(settingErrors)),
    ...(has?.rules === true ? await query(ruleErrors) : []),
    ...(has?.mappings === true ? await mappingRows(query) : []),
  ];
  return [
    ...(isOld ? ['The server has not loaded its configuration since then'] : []),
    ...rows.map(({ sourcefile, sourceline, error }) => `${sourcefile}:${sourceline}: ${error}`),
  ];
}

/** The SQLSTATE `undefined_file`. */
const missingFile = '58P01';

/** The errors in pg_ident.conf. If the file does not exist, a server starts, but no rule with a map lets anybody in. */
async function mappingRows(query: QueryOnNewConnection): ReturnType<QueryOnNewConnection> {
  try {
    return await query(mappingErrors);
  } catch (error) {
    if (!hasCode(error, missingFile)) throw error;
    return await query(rulesWithMap);
  }
}
