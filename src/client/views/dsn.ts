import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { ConnectionBundle } from '../bundle/bundle.ts';
import { quoteValue } from '../connection/key-value.ts';
import { libpqParameters } from './libpq.ts';

/** A data source name and the user for it. */
export interface DsnAndUser {
  /** The data source name. It holds the passphrase of an encrypted key. */
  readonly dsn: string;
  /** The database role. */
  readonly user: string;
}

/** Options of {@link perlDbi}, {@link phpPdo}, {@link odbcConnectionString} and {@link npgsqlConnectionString}. */
export interface DsnOptions {
  /** The directory of `root.crt`, `postgresql.crt` and `postgresql.key`. */
  readonly directory: string;
}

const optionNames: PropertyNames<DsnOptions> = { directory: true };

/**
 * The arguments of Perl's DBI: `DBI->connect($dsn, $user, '')`.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the data source name for DBD::Pg, and the user
 * @throws PgHostsslError `connection-not-expressible` for a value with a quote, a semicolon or `db=`, because DBD::Pg
 * interprets them; `client-directory-invalid`; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { perlDbi, testBundle } from 'pg-hostssl/client';
 *
 * const bundle = (await testBundle({ users: ['alice'] })).client({ user: 'alice', database: 'app' });
 * const { dsn, user } = perlDbi(bundle, { directory: '/etc/app/db' });
 * assert.equal(user, 'alice');
 * assert.match(dsn, /^dbi:Pg:host=localhost;port=5432;dbname=app;sslmode=verify-full;sslrootcert=\/etc\/app\/db\/root\.crt;/);
 * ```
 */
export function perlDbi(bundle: ConnectionBundle, options: DsnOptions): DsnAndUser {
  const forbidden = /['";]|\b(?:db|database)[ \t-\r]*=/i;
  return dsnAndUser(bundle, options, { prefix: 'dbi:Pg:', forbidden, client: 'DBD::Pg' });
}

/**
 * The arguments of PHP's PDO: `new PDO($dsn, $user)`.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the data source name, and the user
 * @throws PgHostsslError `connection-not-expressible` for a value with a semicolon, because PDO turns it into a space;
 * `client-directory-invalid`; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { phpPdo, testBundle } from 'pg-hostssl/client';
 *
 * const bundle = (await testBundle({ users: ['alice'] })).client({ user: 'alice', database: 'app' });
 * assert.match(phpPdo(bundle, { directory: '/etc/app/db' }).dsn, /^pgsql:host=localhost;port=5432;dbname=app;/);
 * ```
 */
export function phpPdo(bundle: ConnectionBundle, options: DsnOptions): DsnAndUser {
  return dsnAndUser(bundle, options, { prefix: 'pgsql:', forbidden: /;/, client: 'PDO' });
}

/**
 * A connection string for psqlODBC, without the driver: put `DRIVER={PostgreSQL Unicode};` or a DSN in front of it.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the connection string. It holds the passphrase of an encrypted key.
 * @throws PgHostsslError `connection-not-expressible` for a value with a semicolon or a brace;
 * `client-directory-invalid`; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { odbcConnectionString, testBundle } from 'pg-hostssl/client';
 *
 * const bundle = (await testBundle({ users: ['alice'] })).client({ user: 'alice', database: 'app' });
 * assert.match(
 *   odbcConnectionString(bundle, { directory: '/etc/app/db' }),
 *   /^Servername=localhost;Port=5432;Database=app;Username=alice;SSLmode=verify-full;pqopt=\{sslrootcert=/,
 * );
 * ```
 */
export function odbcConnectionString(bundle: ConnectionBundle, options: DsnOptions): string {
  const parameters = assertedParameters(bundle, options, 'psqlODBC');
  assertFit(parameters, /[;{}]/, 'psqlODBC');
  const { host, port, dbname, user, sslmode, ...others } = parameters;
  const fields = { Servername: host, Port: port, Database: dbname, Username: user, SSLmode: sslmode };
  return `${joined(Object.entries(fields), ';', String)};pqopt={${joined(Object.entries(others), ' ', quoteValue)}}`;
}

/**
 * A connection string for Npgsql (.NET). It follows Npgsql's documentation; no test of this library runs Npgsql.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the connection string. It holds the passphrase of an encrypted key.
 * @throws PgHostsslError `connection-not-expressible` for a target with `hostaddr`; `client-directory-invalid`;
 * `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { npgsqlConnectionString, testBundle } from 'pg-hostssl/client';
 *
 * const bundle = (await testBundle({ users: ['alice'] })).client({ user: 'alice', database: 'app' });
 * assert.match(
 *   npgsqlConnectionString(bundle, { directory: '/etc/app/db' }),
 *   /^Host=localhost;Port=5432;Database=app;Username=alice;SSL Mode=VerifyFull;Root Certificate=/,
 * );
 * ```
 */
export function npgsqlConnectionString(bundle: ConnectionBundle, options: DsnOptions): string {
  const { hostaddr, ...parameters } = assertedParameters(bundle, options, 'Npgsql');
  if (hostaddr !== undefined) throw unfit('Npgsql', 'hostaddr');
  const fields = {
    Host: parameters.host,
    Port: parameters.port,
    Database: parameters.dbname,
    Username: parameters.user,
    'SSL Mode': 'VerifyFull',
    'Root Certificate': parameters.sslrootcert,
    'SSL Certificate': parameters.sslcert,
    'SSL Key': parameters.sslkey,
    'SSL Password': parameters.sslpassword,
  };
  return joined(Object.entries(fields), ';', quoteAdoNet);
}

/** The syntax of a data source name. */
interface DsnSyntax {
  /** The beginning of the data source name. */
  readonly prefix: string;
  /** The pattern of values that the client program misinterprets, even inside quotes. */
  readonly forbidden: RegExp;
  /** The client program that reads the data source name. */
  readonly client: string;
}

function dsnAndUser(
  bundle: ConnectionBundle,
  options: DsnOptions,
  { prefix, forbidden, client }: DsnSyntax,
): DsnAndUser {
  const { user, ...parameters } = assertedParameters(bundle, options, client);
  assertFit(parameters, forbidden, client);
  return { dsn: prefix + joined(Object.entries(parameters), ';', quoteValue), user };
}

function assertedParameters(
  bundle: ConnectionBundle,
  options: DsnOptions,
  client: string,
): Readonly<Record<string, string>> & { readonly user: string } {
  assertProperties(options, optionNames, `the options of the view of ${client}`);
  return { ...libpqParameters(bundle, options), user: bundle.target.user };
}

function assertFit(parameters: Readonly<Record<string, string>>, forbidden: RegExp, client: string): void {
  const bad = Object.entries(parameters).find(([, value]) => forbidden.test(value));
  if (bad !== undefined) throw unfit(client, bad[0]);
}

function unfit(client: string, parameter: string): PgHostsslError {
  return new PgHostsslError('connection-not-expressible', `A string for ${client} cannot hold this ${parameter}`, {
    hint: 'Use a service: `libpqServiceEntry`, and service=NAME in the string.',
  });
}

function joined(
  fields: readonly (readonly [string, string | undefined])[],
  separator: string,
  quote: (value: string) => string,
): string {
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quote(value)}`])).join(separator);
}

/**
 * Quotes a value if it needs quotes. `DbConnectionOptions` of .NET cuts off spaces around a value without quotes, and
 * refuses a control character in the value.
 */
function quoteAdoNet(value: string): string {
  return /[;'"=\p{White_Space}\p{Cc}]/u.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
