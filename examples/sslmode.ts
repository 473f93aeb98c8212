// Instead of reading sslmode by hand: { rejectUnauthorized: url.includes('verify-full') } checks nobody by default.
import { clientBundle, type PgConfig, parseConnectionString, pgConfig } from 'pg-hostssl/client';

/** What `new pg.Client()` takes: the URL without its sslmode, and roots by which the client checks the server. */
export function checkedConfig(url: string, ca: string, password: string): PgConfig & { password: string } {
  return { ...pgConfig(clientBundle({ target: parseConnectionString(url), ca })), password };
}
