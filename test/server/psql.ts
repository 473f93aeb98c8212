import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** The reason why the tests that run `psql` cannot run on this machine, or `false`. */
export const withoutPsql: string | false =
  spawnSync('psql', ['--version']).status === 0 ? false : 'psql is not installed';

/**
 * Runs a query with `psql` and this connection string, without the user's environment, and returns the output. Throws
 * an error with the error text of psql.
 */
export async function psql(
  connection: string,
  sql: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { PATH: process.env.PATH, PGCLIENTENCODING: 'UTF8', ...environment };
  const { stdout } = await promisify(execFile)('psql', ['-wXAtd', connection, '-c', sql], { env, timeout: 20_000 });
  return stdout;
}
