/**
 * Runs one SQL statement over a connection that is opened for it, as a role that may read all settings, and gives the rows.
 * A connection from before a reload shows what was in force then.
 */
export type QueryOnNewConnection = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

// A setting whose new value waits for a restart counts as an error in the view, and is none. pg_hba_file_rules (10 and
// later) tells of hostssl rules that match nobody while ssl is off, and loads the file all the same.
const settingErrors = `SELECT f.sourcefile, f.sourceline, f.error FROM pg_catalog.pg_file_settings f
  LEFT JOIN pg_catalog.pg_settings s ON s.name = f.name
  WHERE f.error IS NOT NULL AND s.pending_restart IS NOT TRUE`;
const ruleErrors = `SELECT 'pg_hba.conf' AS sourcefile, line_number AS sourceline, error FROM pg_catalog.pg_hba_file_rules
  WHERE error IS NOT NULL AND error NOT LIKE 'hostssl record cannot match because SSL is disabled%'`;

/** What keeps a server's files from having been loaded: nothing if they have been since a moment. */
export async function loadErrors(
  query: QueryOnNewConnection,
  loadedAfter: Date | undefined,
): Promise<readonly string[]> {
  const [row] = await query('SELECT extract(epoch FROM pg_catalog.pg_conf_load_time()) AS loaded');
  const isOld = loadedAfter !== undefined && Number(row?.loaded) * 1000 <= loadedAfter.getTime();
  const [has] = await query("SELECT pg_catalog.to_regclass('pg_catalog.pg_hba_file_rules') IS NOT NULL AS rules");
  const rows = [...(await query(settingErrors)), ...(has?.rules === true ? await query(ruleErrors) : [])];
  return [
    ...(isOld ? ['The server has not loaded its configuration since then'] : []),
    ...rows.map(({ sourcefile, sourceline, error }) => `${sourcefile}:${sourceline}: ${error}`),
  ];
}
