import {
  assertCText,
  assertOneProperty,
  assertPath,
  assertPort,
  assertProperties,
  assertText,
  type PropertyNames,
} from '../../arguments.ts';
import { capitalized } from '../../c/ascii.ts';
import { PgHostsslError } from '../../errors.ts';

/** The address of a server. */
export type ServerAddress =
  | {
      /** A host name or an IP address. */
      readonly host: string;
      /** The TCP port; 5432 if not given. */
      readonly port?: number | undefined;
      /** Not allowed beside a host. */
      readonly path?: undefined;
    }
  | {
      /** The path of a Unix socket. The server has no TLS there. */
      readonly path: string;
      /** Not allowed beside a path. */
      readonly host?: undefined;
      /** Not allowed beside a path. */
      readonly port?: undefined;
    };

/**
 * The certificate that a client sends, with its private key. Make this object for a single call, so that the key is not
 * stored.
 */
export interface ShownCertificate {
  /** The certificate, then its intermediate CA certificates, PEM. */
  readonly certificate: string;
  /** The private key of the certificate, PEM. */
  readonly privateKey: string;
}

/** A login to try. */
export interface LoginProbe {
  /** The role that logs in. */
  readonly user: string;
  /** The database; if not given, the database with the name of the role. */
  readonly database?: string | undefined;
  /** The certificate that the client sends; no certificate if not given. */
  readonly client?: ShownCertificate | undefined;
}

const addressNames: PropertyNames<ServerAddress> = { host: true, port: true, path: true };
const probeNames: PropertyNames<LoginProbe> = { user: true, database: true, client: true };
const shownNames: PropertyNames<ShownCertificate> = { certificate: true, privateKey: true };

/**
 * Checks the address of a server. `node:net` would connect to the own machine without a host, and to port 5432 without
 * a valid port.
 *
 * @throws PgHostsslError `argument-invalid`, `text-invalid`
 */
export function assertAddress(address: ServerAddress, what: string): void {
  assertProperties(address, addressNames, what);
  assertOneProperty(address, ['host', 'path'], what);
  const { host, port, path } = address;
  if (path !== undefined) assertPath(path, `The path of the ${what}`);
  if (host !== undefined) assertName(host, `the host of the ${what}`);
  if (port === undefined) return;
  if (path !== undefined) {
    throw new PgHostsslError('argument-invalid', `The ${what} has a path and a port`, {
      hint: 'Give the port only beside a host: a Unix socket has none.',
    });
  }
  assertPort(port, `port of the ${what}`);
}

/**
 * Checks a login. The startup message holds texts that end with a NUL, so a NUL in a text would add parameters.
 *
 * @throws PgHostsslError `argument-invalid`, `text-invalid`
 */
export function assertProbe(probe: LoginProbe, what: string): void {
  assertProperties(probe, probeNames, what);
  const { user, database, client } = probe;
  assertName(user, `the user of ${what}`);
  if (database !== undefined) assertName(database, `the database of ${what}`);
  if (client === undefined) return;
  assertProperties(client, shownNames, `the client of ${what}`);
  assertText(client.certificate, `the certificate of ${what}`);
  assertText(client.privateKey, `the private key of ${what}`);
}

function assertName(value: unknown, what: string): void {
  assertText(value, what);
  assertCText(value, what);
  if (value === '') throw new PgHostsslError('argument-invalid', `${capitalized(what)} must not be empty`);
}
