import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Why the tests that run `psql` cannot run here, or `false`. */
export const withoutPsql: string | false =
  spawnSync('psql', ['--version']).status === 0 ? false : 'psql is not installed';

/** What `psql` prints for a query with this connection string, alone in its environment; throws what it says. */
export async function psql(
  connection: string,
  sql: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { PATH: process.env.PATH, PGCLIENTENCODING: 'UTF8', ...environment };
  const { stdout } = await promisify(execFile)('psql', ['-wXAtd', connection, '-c', sql], { env, timeout: 20_000 });
  return stdout;
}
