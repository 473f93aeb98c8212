import { assertFunction, assertProperties, type PropertyNames } from '../../arguments.ts';
import { assertBundle } from '../bundle/assert-bundle.ts';
import type { ConnectionBundle } from '../bundle/bundle.ts';
import { isAddress } from '../bundle/host.ts';

/** The TLS options of a {@link PgConfig}. They hold certificates and keys as text, not paths of files. */
export interface PgSsl {
  /** The root certificates that `pg` trusts: PEM. */
  readonly ca: string;
  /**
   * The client certificate, then its intermediate CA certificates: PEM. With the option `live`, this property, `key`
   * and `passphrase` exist even if the present bundle lacks a value; they are then `undefined`.
   */
  readonly cert?: string | undefined;
  /**
   * The private key of the client: PEM. The key is in a plain property, because drivers copy this object. Do not log
   * the object.
   */
  readonly key?: string | undefined;
  /** The passphrase of an encrypted `key`. */
  readonly passphrase?: string | undefined;
  /**
   * The name that the certificate of the server must have. Given only if `pg` would otherwise look for another name.
   */
  readonly host?: string;
  /**
   * The server name that the client sends in the TLS handshake (SNI). Given only if `pg` would otherwise send no name.
   */
  readonly servername?: string;
}

/** Options of the functions whose result can follow a change of certificates, such as {@link pgConfig}. */
export interface LiveOptions {
  /**
   * Returns the current bundle. At each new connection, the driver takes certificate, key and roots from one bundle.
   * Open connections stay open. See {@link liveFiles} and {@link liveRenewal}.
   */
  readonly live?: (() => ConnectionBundle) | undefined;
}

const optionNames: PropertyNames<LiveOptions> = { live: true };

/** The configuration of `pg` (`Client`, `Pool`) and of the libraries on top of it. */
export interface PgConfig {
  /** The host name or IP address to which `pg` connects. */
  readonly host: string;
  /** The TCP port of the server. */
  readonly port: number;
  /** The database role that logs in. */
  readonly user: string;
  /** The name of the database. */
  readonly database: string;
  /**
   * TLS options: verification of the server, like libpq's `verify-full`, and the client certificate if there is one.
   */
  readonly ssl: PgSsl;
}

/**
 * The configuration object for `pg`, and for slonik, TypeORM, Drizzle, Knex, Sequelize and Prisma 7, which pass it to
 * `pg`.
 *
 * The object has no connection string, because any `sslmode` in a string makes `pg` replace the `ssl` object
 * (node-postgres issue 2558). Each call returns a new object. The reason is that `pg` makes the property `ssl.key` of
 * the object non-enumerable, and a driver that copies the same object later would lose the key.
 *
 * @param bundle the target, certificates and key of the client
 * @param options with `live`, the source of certificate, key and roots that change while the pool is in use
 * @returns a new configuration object. If `live` is given, `ssl` has getters for certificate, key and roots.
 * @throws PgHostsslError `argument-invalid`
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
export function pgConfig(bundle: ConnectionBundle, options: LiveOptions = {}): PgConfig {
  assertBundle(bundle);
  const { host, hostaddr, port, user, database } = bundle.target;
  return { host: hostaddr ?? host, port, user, database, ssl: nodeTls(bundle, options) };
}

/** @internal The TLS options for drivers that pass them to `tls.connect` of Node. */
export function nodeTls(bundle: ConnectionBundle, options: LiveOptions = {}): PgSsl {
  assertProperties(options, optionNames, 'the options of a live view');
  const { host, hostaddr } = bundle.target;
  const names = {
    // If the host is an address, pg before 8.23.1 and postgres.js look for "localhost" in the certificate of the
    // server.
    ...(hostaddr !== undefined || isAddress(host) ? { host } : {}),
    // `pg` has no option like hostaddr, so it gets the IP address as its host, and the host name as `servername`.
    ...(hostaddr !== undefined && !isAddress(host) ? { servername: host } : {}),
  };
  if (options.live === undefined) return { ...credentials(bundle), ...names };
  return Object.assign(liveCredentials(options.live), names);
}

type Credentials = Pick<PgSsl, 'ca' | 'cert' | 'key' | 'passphrase'>;

function credentials(bundle: ConnectionBundle): Credentials {
  if (bundle.certificate === undefined) return { ca: bundle.ca };
  const passphrase = bundle.passphrase();
  return {
    ca: bundle.ca,
    cert: bundle.certificate,
    key: bundle.privateKey(),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

/**
 * Getters for the TLS options that change. They are own and enumerable properties, because drivers copy the object at
 * each connection, and configurable, because `pg` makes `key` non-enumerable. A driver reads all options in one
 * synchronous step, and all values that are read in one step come from one bundle.
 */
function liveCredentials(live: () => ConnectionBundle): Credentials {
  assertFunction(live, 'live of a view');
  let snapshot: Credentials | undefined;
  const current = (): Credentials => {
    if (snapshot !== undefined) return snapshot;
    const bundle = live();
    assertBundle(bundle);
    snapshot = credentials(bundle);
    queueMicrotask(() => {
      snapshot = undefined;
    });
    return snapshot;
  };
  const getter = (name: keyof Credentials): PropertyDescriptor => {
    return { enumerable: true, configurable: true, get: () => current()[name] };
  };
  const properties = { ca: getter('ca'), cert: getter('cert'), key: getter('key'), passphrase: getter('passphrase') };
  return Object.defineProperties({}, properties) as Credentials;
}
