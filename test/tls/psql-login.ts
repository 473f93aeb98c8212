import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoginProbe } from '../../src/tls/index.ts';
import { psql, type TestServer, temporaryFolder } from '../server/index.ts';

/** Further options of `psql` for a login. */
export interface PsqlLoginOptions {
  /** The roots with which psql verifies the server, PEM. If not given, psql does not verify the server. */
  readonly ca?: string | undefined;
  /** Whether the connection uses TLS; `true` if not given. */
  readonly tls?: boolean;
  /** The password of the role. */
  readonly password?: string;
}

/**
 * Logs in with `psql`. Throws the error text of psql if the login fails.
 *
 * @returns the name of the role that is logged in
 */
export async function psqlLogin(
  server: TestServer,
  { user, database = user, client }: LoginProbe,
  { ca, tls = true, password = 'wrong' }: PsqlLoginOptions = {},
): Promise<string> {
  const folder = temporaryFolder();
  const files = { sslcert: client?.certificate, sslkey: client?.privateKey, sslrootcert: ca };
  const paths = Object.entries(files).map(([parameter, text]) => {
    const path = join(folder, parameter);
    if (text !== undefined) writeFileSync(path, text, { mode: 0o600 });
    return `${parameter}=${path}`;
  });
  const mode = !tls ? 'disable' : ca === undefined ? 'require' : 'verify-full';
  const address = `host=localhost hostaddr=${server.host} port=${server.port} user=${user} dbname=${database}`;
  const parameters = `${address} sslmode=${mode} ${paths.join(' ')}`;
  return (await psql(parameters, 'SELECT current_user', { PGPASSWORD: password })).trim();
}
