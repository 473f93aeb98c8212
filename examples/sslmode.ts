// Instead of reading sslmode by hand: { rejectUnauthorized: url.includes('verify-full') } checks no server by default.
import { clientBundle, type PgConfig, parseConnectionString, pgConfig } from 'pg-hostssl/client';

/** Returns the options of `new pg.Client()`: the URL without sslmode, and the roots that check the server. */
export function checkedConfig(url: string, ca: string, password: string): PgConfig & { password: string } {
  return { ...pgConfig(clientBundle({ target: parseConnectionString(url), ca })), password };
}
