import { PgHostsslError } from '../../errors.ts';
import { isKeyword, nearestKeyword } from './keywords.ts';

/** The parameters of a connection string by libpq's names. A repeated parameter has its last value. */
export type Parameters = Map<string, string>;

/**
 * Stores a parameter, as `conninfo_storeval` does.
 *
 * @throws PgHostsslError `connection-parameter-unknown`
 */
export function storeParameter(parameters: Parameters, name: string, value: string): void {
  assertKeyword(name);
  parameters.set(name, value);
}

/**
 * Checks that libpq knows a parameter.
 *
 * @throws PgHostsslError `connection-parameter-unknown`
 */
export function assertKeyword(name: string): void {
  if (isKeyword(name)) return;
  const hint = nearestKeyword(name);
  const shown = hint === undefined ? shortened(name) : name;
  throw new PgHostsslError(
    'connection-parameter-unknown',
    `The connection string has a parameter ${JSON.stringify(shown)} that libpq refuses`,
    { hint },
  );
}

/**
 * The error for a string that libpq cannot read. The message does not show the string, because it may hold a password.
 */
export function invalid(
  why: string,
  hint = 'Give a URL such as postgresql://user@host:5432/database, or name=value pairs such as host=db.example.com user=app.',
): PgHostsslError {
  return new PgHostsslError('connection-url-invalid', `The connection string is not usable: ${why}`, { hint });
}

/**
 * The beginning of a parameter name. The rest is not shown, because a password with a space, `&` or `/` has a piece in
 * the place of a name.
 */
function shortened(name: string): string {
  return `${name.slice(0, 3).replace(/[^\w]/g, '?')}…`;
}
