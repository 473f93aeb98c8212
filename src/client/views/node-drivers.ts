import { PgHostsslError } from '../../errors.ts';
import { assertBundle } from '../bundle/assert-bundle.ts';
import type { ConnectionBundle } from '../bundle/bundle.ts';
import { type LiveOptions, nodeTls, type PgConfig, type PgSsl, pgConfig } from './pg.ts';

/** The options of `postgres.js`. */
export interface PostgresJsOptions {
  /** The host name or IP address to which the driver connects. */
  readonly host: string;
  /** The TCP port of the server. */
  readonly port: number;
  /** The database role that logs in. */
  readonly username: string;
  /** The name of the database. */
  readonly database: string;
  /** TLS options: verification of the server, and the client certificate if there is one. */
  readonly ssl: PgSsl;
}

/**
 * The options of `postgres.js`: `postgres(postgresJsOptions(bundle))`. A URL does not work: `postgres.js` sends the
 * `ssl…` parameters of a URL to the server as settings, and the server refuses them. An IPv6 address does not work
 * either: `postgres.js` reads `2001:db8::7` as the host `2001`, and `::1` as `localhost`.
 *
 * @param bundle the target, certificates and key of the client
 * @param options with `live`, the source of certificate, key and roots that change while the driver makes
 * connections
 * @returns a new object at each call
 * @throws PgHostsslError `connection-not-expressible` for an IPv6 address; `argument-invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, postgresJsOptions } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.equal(postgresJsOptions(bundle).username, 'webadmin');
 * ```
 */
export function postgresJsOptions(bundle: ConnectionBundle, options: LiveOptions = {}): PostgresJsOptions {
  const view = driverOptions(bundle, options);
  if (!view.host.includes(':')) return view;
  throw new PgHostsslError('connection-not-expressible', 'postgres.js cannot connect to an IPv6 address', {
    hint: 'Give a target whose host is a name or an IPv4 address, or connect with `pg` and `pgConfig`.',
  });
}

/** The options of a TypeORM `DataSource`. */
export interface TypeOrmOptions extends PostgresJsOptions {
  /** The type of database: always `postgres`. */
  readonly type: 'postgres';
}

/**
 * The options of a TypeORM `DataSource`. TypeORM passes `ssl` to `pg`. If the package `pg-native` is installed, TypeORM
 * uses `pg-native` and ignores `ssl`.
 *
 * @param bundle the target, certificates and key of the client
 * @returns a new object at each call
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, typeOrmOptions } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * // new DataSource({ ...typeOrmOptions(bundle), entities: [] })
 * assert.equal(typeOrmOptions(bundle).type, 'postgres');
 * ```
 */
export function typeOrmOptions(bundle: ConnectionBundle): TypeOrmOptions {
  return { type: 'postgres', ...driverOptions(bundle) };
}

/** The options of Knex. */
export interface KnexOptions {
  /** The driver that Knex uses: always `pg`. */
  readonly client: 'pg';
  /**
   * The configuration that Knex passes to `pg`. Knex copies it once, so it does not follow a change of certificates.
   */
  readonly connection: PgConfig;
}

/**
 * The options of Knex: `knex(knexOptions(bundle))`.
 *
 * @param bundle the target, certificates and key of the client
 * @returns a new object at each call
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, knexOptions } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.equal(knexOptions(bundle).connection.user, 'webadmin');
 * ```
 */
export function knexOptions(bundle: ConnectionBundle): KnexOptions {
  return { client: 'pg', connection: pgConfig(bundle) };
}

/** The options of Sequelize. */
export interface SequelizeOptions extends Omit<PostgresJsOptions, 'ssl'> {
  /** The type of database: always `postgres`. */
  readonly dialect: 'postgres';
  /**
   * The options that Sequelize passes to `pg`. Sequelize copies them once, so they do not follow a change of
   * certificates.
   */
  readonly dialectOptions: {
    /** TLS options: verification of the server, and the client certificate if there is one. */
    readonly ssl: PgSsl;
  };
}

/**
 * The options of Sequelize: `new Sequelize(sequelizeOptions(bundle))`.
 *
 * @param bundle the target, certificates and key of the client
 * @returns a new object at each call
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, sequelizeOptions } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.equal(sequelizeOptions(bundle).dialect, 'postgres');
 * ```
 */
export function sequelizeOptions(bundle: ConnectionBundle): SequelizeOptions {
  const { ssl, ...options } = driverOptions(bundle);
  return { dialect: 'postgres', ...options, dialectOptions: { ssl } };
}

/** The options of `SQL` of Bun. */
export interface BunSqlOptions {
  /** The host name or IP address to which the driver connects. */
  readonly hostname: string;
  /** The TCP port of the server. */
  readonly port: number;
  /** The database role that logs in. */
  readonly username: string;
  /** The name of the database. */
  readonly database: string;
  /**
   * TLS options: verification of the server, and the client certificate if there is one. Bun copies the object once, so
   * it does not follow a change of certificates.
   */
  readonly tls: PgSsl & {
    /** Always `true`: Bun refuses a server whose certificate does not lead to a root certificate. */
    readonly rejectUnauthorized: true;
  };
}

/**
 * The options of Bun's `SQL`: `new SQL(bunSqlOptions(bundle))`.
 *
 * @param bundle the target, certificates and key of the client
 * @returns a new object at each call
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { bunSqlOptions, clientBundle } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.equal(bunSqlOptions(bundle).tls.rejectUnauthorized, true);
 * ```
 */
export function bunSqlOptions(bundle: ConnectionBundle): BunSqlOptions {
  assertBundle(bundle);
  const { host, hostaddr, port, user, database } = bundle.target;
  const tls = { ...nodeTls(bundle), rejectUnauthorized: true } as const;
  return { hostname: hostaddr ?? host, port, username: user, database, tls };
}

/** The parts of {@link pgConfig} under the names that `postgres.js`, TypeORM and Sequelize give them. */
function driverOptions(bundle: ConnectionBundle, options: LiveOptions = {}): PostgresJsOptions {
  const { host, port, user, database, ssl } = pgConfig(bundle, options);
  return { host, port, username: user, database, ssl };
}
