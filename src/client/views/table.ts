/** An entry of {@link clientViews}: a function that turns a bundle into the form that some client programs take. */
export interface ClientView {
  /** The name of the function. */
  readonly view: string;
  /** The client programs that take the result of the function. */
  readonly clients: string;
  /** A description of the result of the function. */
  readonly returns: string;
  /** Whether the result holds the contents of the certificate and key files, or their paths. */
  readonly holds: 'contents' | 'paths';
  /**
   * Whether the result can hold the passphrase of an encrypted key. If not, the function throws for an encrypted key.
   */
  readonly passphrase: boolean;
  /** Whether the result can hold `hostaddr`. If not, the function throws for a target with `hostaddr`. */
  readonly hostaddr: boolean;
  /**
   * Whether the function takes the bundle of a client without a certificate. If not, the function throws for such a
   * bundle.
   */
  readonly serverOnly: boolean;
  /** The limits of the function. */
  readonly limits?: string;
}

/**
 * The functions that turn a bundle into the form that a client program takes. Each entry names the client programs and
 * the limits of one function.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientViews } from 'pg-hostssl/client';
 *
 * const withoutPassphrase = clientViews.filter(({ passphrase }) => !passphrase).map(({ view }) => view);
 * assert.ok(withoutPassphrase.includes('libpqEnvironment'));
 * ```
 */
export const clientViews: readonly ClientView[] = [
  {
    view: 'libpqUri',
    clients: 'psql, pg_dump, psycopg, asyncpg, pgx, lib/pq, Ruby, PHP; `pg`',
    returns: 'a `postgresql://` URL',
    holds: 'paths',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
    limits:
      '`pg` opens no encrypted key by URL; pgx opens only traditional ones; `pg` and asyncpg do not connect to `hostaddr`; no `?` or `#` in the name of the database',
  },
  {
    view: 'libpqKeyValue',
    clients: 'psql, psycopg, pgx, lib/pq, Ruby, PHP',
    returns: 'a `host=… dbname=…` string',
    holds: 'paths',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
  },
  {
    view: 'libpqParameters',
    clients: 'clients that take a map of parameters',
    returns: 'parameters by their names',
    holds: 'paths',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
  },
  {
    view: 'libpqServiceEntry',
    clients: 'all clients on libpq, by `service=`',
    returns: 'an entry of `pg_service.conf`',
    holds: 'paths',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
    limits: 'no value ends in a blank',
  },
  {
    view: 'libpqEnvironment',
    clients: 'all clients on libpq',
    returns: 'environment variables',
    holds: 'paths',
    passphrase: false,
    hostaddr: true,
    serverOnly: true,
    limits: '`pg` ignores the variables that name files',
  },
  {
    view: 'pgConfig',
    clients: '`pg`, Drizzle, Prisma 7 (`PrismaPg`), slonik (its `ssl`)',
    returns: 'an object for `new Client` or `new Pool`',
    holds: 'contents',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
    limits:
      'slonik takes host, role and database from `toConnectionString`; a name without `/`, no `hostaddr`, no IPv6 address',
  },
  {
    view: 'postgresJsOptions',
    clients: 'postgres.js',
    returns: 'an object for `postgres()`',
    holds: 'contents',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
    limits: 'a URL does not work; no IPv6 address',
  },
  {
    view: 'typeOrmOptions',
    clients: 'TypeORM',
    returns: 'an object for `new DataSource`',
    holds: 'contents',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
    limits: '`pg-native` must not be installed',
  },
  {
    view: 'knexOptions',
    clients: 'Knex',
    returns: 'an object for `knex()`',
    holds: 'contents',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
  },
  {
    view: 'sequelizeOptions',
    clients: 'Sequelize',
    returns: 'an object for `new Sequelize`',
    holds: 'contents',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
  },
  {
    view: 'bunSqlOptions',
    clients: "Bun's `SQL`",
    returns: 'an object for `new SQL`',
    holds: 'contents',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
  },
  {
    view: 'jdbcUrl',
    clients: 'pgjdbc, DBeaver',
    returns: 'a `jdbc:postgresql://` URL',
    holds: 'paths',
    passphrase: false,
    hostaddr: false,
    serverOnly: true,
    limits: 'no IPv6 address; an encrypted key only as PKCS#12, with an ASCII passphrase',
  },
  {
    view: 'jdbcProperties',
    clients: 'pgjdbc, DBeaver',
    returns: 'properties by their names',
    holds: 'paths',
    passphrase: false,
    hostaddr: false,
    serverOnly: true,
    limits: 'no IPv6 address; an encrypted key only as PKCS#12, with an ASCII passphrase',
  },
  {
    view: 'dbeaverNotes',
    clients: 'DBeaver (not run by the tests)',
    returns: 'the values to enter, as text',
    holds: 'paths',
    passphrase: false,
    hostaddr: false,
    serverOnly: true,
    limits: 'no IPv6 address; an encrypted key only as PKCS#12, with an ASCII passphrase',
  },
  {
    view: 'pgAdminServers',
    clients: 'pgAdmin 4',
    returns: 'the content of `servers.json`',
    holds: 'paths',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
    limits: 'absolute paths',
  },
  {
    view: 'perlDbi',
    clients: 'DBD::Pg (Perl)',
    returns: 'data source name and user of `DBI->connect`',
    holds: 'paths',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
    limits: 'no quote, semicolon or `db=` in a value',
  },
  {
    view: 'phpPdo',
    clients: 'PDO (PHP)',
    returns: 'data source name and user of `new PDO`',
    holds: 'paths',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
    limits: 'no semicolon in a value',
  },
  {
    view: 'odbcConnectionString',
    clients: 'psqlODBC',
    returns: 'a connection string without `DRIVER`',
    holds: 'paths',
    passphrase: true,
    hostaddr: true,
    serverOnly: true,
    limits: 'no semicolon or brace in a value',
  },
  {
    view: 'npgsqlConnectionString',
    clients: 'Npgsql (not run by the tests)',
    returns: 'a connection string',
    holds: 'paths',
    passphrase: true,
    hostaddr: false,
    serverOnly: true,
  },
  {
    view: 'prismaLegacyUrl',
    clients: 'Prisma up to 6 (not run by the tests)',
    returns: 'a `postgresql://` URL for Prisma',
    holds: 'paths',
    passphrase: true,
    hostaddr: false,
    serverOnly: true,
    limits: 'PKCS#12 only',
  },
  {
    view: 'kubernetesSecret',
    clients: 'pods of Kubernetes',
    returns: 'a Secret of type `kubernetes.io/tls`',
    holds: 'contents',
    passphrase: false,
    hostaddr: true,
    serverOnly: false,
  },
];

for (const view of clientViews) Object.freeze(view);
Object.freeze(clientViews);
