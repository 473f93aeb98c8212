import type { ClientBundle } from '../bundle/bundle.ts';
import { isAddress } from '../bundle/host.ts';

/** The TLS part of a {@link PgConfig}: contents, not paths. */
export interface PgSsl {
  /** The authorities that the server's certificate is checked against: PEM. */
  readonly ca: string;
  /** The client's certificate chain: PEM, leaf first. */
  readonly cert: string;
  /** The client's private key: PEM. A plain property, because drivers and tools copy this object: do not log it. */
  readonly key: string;
  /** The name that the server's certificate is checked against, where `pg` would check another. */
  readonly host?: string;
  /** The name sent in the TLS handshake, where `pg` would send none. */
  readonly servername?: string;
}

/** The configuration object of `pg` (`Client`, `Pool`) and of what stands on it: Knex, Drizzle, TypeORM, Prisma 7, … */
export interface PgConfig {
  /** Host name or address to connect to. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** The database role. */
  readonly user: string;
  /** The database. */
  readonly database: string;
  /** TLS with certificate and verification of the server, like libpq's `verify-full`. */
  readonly ssl: PgSsl;
}

/**
 * The object for `pg`: it verifies the server's certificate and shows the client's. There is no connection string in
 * it: any `sslmode` in one makes `pg` throw its `ssl` object away (node-postgres issue 2558).
 */
export function pgConfig(bundle: ClientBundle): PgConfig {
  const { host, hostaddr, port, user, database } = bundle.target;
  // pg before 8.23.1 checks the certificate of a server named by its address against "localhost".
  const checked = hostaddr !== undefined || isAddress(host) ? { host } : {};
  // pg knows no hostaddr and takes an address for the whole truth: the name has to be given beside it.
  const sent = hostaddr !== undefined && !isAddress(host) ? { servername: host } : {};
  const ssl = { ca: bundle.ca, cert: bundle.certificate, key: bundle.privateKey, ...checked, ...sent };
  return { host: hostaddr ?? host, port, user, database, ssl };
}
