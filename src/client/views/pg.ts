import type { ClientBundle } from '../bundle/bundle.ts';
import { isAddress } from '../bundle/host.ts';

/** The TLS part of a {@link PgConfig}: contents, not paths. */
export interface PgSsl {
  /** The root certificates that `pg` checks the server against: PEM. */
  readonly ca: string;
  /** The client certificate chain: PEM, leaf first. */
  readonly cert: string;
  /** The private key of the client: PEM. A plain property, since drivers copy this object. Do not log the object. */
  readonly key: string;
  /** The passphrase of an encrypted `key`. */
  readonly passphrase?: string;
  /** The name that the certificate of the server is checked against, if `pg` would check another. */
  readonly host?: string;
  /** The name that the TLS handshake sends, if `pg` would send none. */
  readonly servername?: string;
}

/** The configuration of `pg` (`Client`, `Pool`) and of the libraries on top of it. */
export interface PgConfig {
  /** Host name or address to connect to. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** The database role. */
  readonly user: string;
  /** The database. */
  readonly database: string;
  /** TLS with a client certificate and verification of the server, like libpq's `verify-full`. */
  readonly ssl: PgSsl;
}

/**
 * The configuration object for `pg`, and for slonik, TypeORM, Drizzle, Knex, Sequelize and Prisma 7, which hand it to `pg`.
 *
 * The object has no connection string: any `sslmode` in one makes `pg` replace the `ssl` object (node-postgres issue 2558).
 * Each call returns a new object, because `pg` makes `ssl.key` of the object that it gets non-enumerable; a driver that
 * copies the same object would then lose the key.
 *
 * @param bundle - The client.
 * @returns A new configuration object.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, pgConfig } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * // new pg.Pool(pgConfig(bundle))
 * assert.deepEqual(Object.keys(pgConfig(bundle).ssl), ['ca', 'cert', 'key']);
 * ```
 */
export function pgConfig(bundle: ClientBundle): PgConfig {
  const { host, hostaddr, port, user, database } = bundle.target;
  return { host: hostaddr ?? host, port, user, database, ssl: nodeTls(bundle) };
}

/** @internal The TLS options of the drivers that hand them to `tls.connect`. */
export function nodeTls(bundle: ClientBundle): PgSsl {
  const { host, hostaddr } = bundle.target;
  const passphrase = bundle.passphrase();
  return {
    ca: bundle.ca,
    cert: bundle.certificate,
    key: bundle.privateKey(),
    ...(passphrase === undefined ? {} : { passphrase }),
    // pg before 8.23.1 and postgres.js check the certificate of a server named by its address against "localhost".
    ...(hostaddr !== undefined || isAddress(host) ? { host } : {}),
    // pg knows no hostaddr and gets the address as its host, so the name must be given beside it.
    ...(hostaddr !== undefined && !isAddress(host) ? { servername: host } : {}),
  };
}
