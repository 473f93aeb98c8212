import { assertKnownValue, assertProperties, assertRecord, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { type ConnectionTarget, connectionTarget } from '../bundle/target.ts';
import { quoteValue } from './key-value.ts';
import { assertKeyword } from './parameters.ts';
import { urlQuery } from './url-query.ts';

/** Options of {@link toConnectionString}. */
export interface ConnectionStringOptions {
  /** The form of the string: `url` (default) for `postgresql://…`, or `key-value` for libpq's `host=… dbname=…`. */
  readonly form?: 'url' | 'key-value' | undefined;
  /** Further parameters by libpq's names, such as `application_name`. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

const optionNames: PropertyNames<ConnectionStringOptions> = { form: true, parameters: true };

/** The names of the parameters whose values come from the target. */
const targetNames = ['host', 'hostaddr', 'port', 'user', 'dbname'];

/**
 * Writes a target as a connection string. {@link parseConnectionString} and libpq read the same target from the string.
 * `pg` does so if the string is a URL, but it ignores `hostaddr`.
 *
 * @param target the target
 * @param options the form, and further parameters
 * @returns the connection string. It holds no password.
 * @throws PgHostsslError `connection-not-expressible` if `pg` cannot read the database from a URL, because its name has
 * `?` or `#`, or has `.` or `..` between slashes; `connection-parameter-unknown`; `connection-value-invalid` for a
 * parameter with a NUL or a lone surrogate; `argument-invalid` for a parameter that the target gives; and the codes of
 * {@link connectionTarget}.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { connectionTarget, toConnectionString } from 'pg-hostssl/client';
 *
 * const target = connectionTarget({ host: 'db.example.com', user: 'webadmin', database: 'my db' });
 * assert.equal(toConnectionString(target), 'postgresql://webadmin@db.example.com:5432/my%20db');
 * assert.equal(
 *   toConnectionString(target, { form: 'key-value', parameters: { application_name: 'app' } }),
 *   "host=db.example.com port=5432 user=webadmin dbname='my db' application_name=app",
 * );
 * ```
 */
export function toConnectionString(target: ConnectionTarget, options: ConnectionStringOptions = {}): string {
  assertProperties(options, optionNames, 'the options of toConnectionString');
  const { form = 'url', parameters = {} } = options;
  assertKnownValue(form, ['url', 'key-value'], 'form of toConnectionString');
  const checked = connectionTarget(target);
  assertParameters(parameters);
  return form === 'url' ? url(checked, parameters) : keyValue(checked, parameters);
}

function url(target: ConnectionTarget, parameters: Readonly<Record<string, string>>): string {
  const { host, hostaddr, port, user, database } = target;
  // No URL works for a database name with "?", "#", or "." or ".." between slashes: the URL parser of `pg` resolves "."
  // and ".." as path segments, and `pg` does not decode %3F and %23.
  if (/[?#]|(?:^|\/)\.\.?(?:$|\/)/.test(database)) {
    throw new PgHostsslError(
      'connection-not-expressible',
      `No URL makes both libpq and pg connect to the database ${JSON.stringify(database)}`,
      {
        hint: 'Give the connection as a key/value string, a service entry, environment variables or a pg configuration.',
      },
    );
  }
  const server = host.includes(':') ? `[${host}]` : host;
  const query = urlQuery({ ...(hostaddr === undefined ? {} : { hostaddr }), ...parameters }).replaceAll('%3A', ':');
  // `encodeURI` leaves those characters unescaped that `pg` would not decode in a path. libpq reads them unescaped,
  // too.
  const base = `postgresql://${encodeURIComponent(user)}@${server}:${port}/${encodeURI(database)}`;
  return query === '' ? base : `${base}?${query}`;
}

function keyValue(target: ConnectionTarget, parameters: Readonly<Record<string, string>>): string {
  return Object.entries({ ...targetParameters(target), ...parameters })
    .map(([name, value]) => `${name}=${quoteValue(value)}`)
    .join(' ');
}

/** @internal The target as connection parameters, with libpq's names and in libpq's order. */
export function targetParameters(target: ConnectionTarget): Readonly<Record<string, string>> {
  const { host, hostaddr, port, user, database } = target;
  return { host, ...(hostaddr === undefined ? {} : { hostaddr }), port: String(port), user, dbname: database };
}

function assertParameters(parameters: Readonly<Record<string, string>>): void {
  assertRecord(parameters, 'parameters of toConnectionString');
  for (const [name, value] of Object.entries(parameters)) {
    assertKeyword(name);
    if (targetNames.includes(name)) {
      throw new PgHostsslError('argument-invalid', `The parameter ${name} is a part of the target`);
    }
    if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed()) {
      throw new PgHostsslError(
        'connection-value-invalid',
        `The parameter ${name} must be a string without NUL or lone surrogate`,
      );
    }
  }
}
