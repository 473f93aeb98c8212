import { assertPort, assertProperties, assertText, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { isAddress, normalizeHost } from './host.ts';

/** The server, role and database of a connection. A target holds no password and no TLS setting. */
export interface ConnectionTarget {
  /**
   * DNS name or IP address of the server. The client compares this host with the names in the certificate of the
   * server.
   */
  readonly host: string;
  /**
   * The IP address to which the client connects, so that it need not resolve `host`. The same as libpq's `hostaddr`.
   */
  readonly hostaddr?: string;
  /** The TCP port of the server. */
  readonly port: number;
  /** The database role. */
  readonly user: string;
  /** The name of the database. */
  readonly database: string;
}

/** A {@link ConnectionTarget} in which the port and the database may be missing, as in libpq. */
export interface ConnectionTargetParts {
  /** DNS name or IP address of the server. An internationalised name is converted to A-labels. */
  readonly host: string;
  /** The IP address to which the client connects, so that it need not resolve `host`. */
  readonly hostaddr?: string | undefined;
  /** The TCP port of the server; default 5432. */
  readonly port?: number | undefined;
  /** The database role. It has no default, because a wrong guess would end up in a certificate. */
  readonly user: string;
  /** The database; the name of the role if not given. */
  readonly database?: string | undefined;
}

const partNames: PropertyNames<ConnectionTargetParts> = {
  host: true,
  hostaddr: true,
  port: true,
  user: true,
  database: true,
};

/**
 * Checks a target and fills in the defaults. The host becomes lower case, without a trailing dot and without brackets,
 * because the client compares it byte by byte with the name in the certificate.
 *
 * @param parts the target. Host and user must be given.
 * @returns the complete target
 * @throws PgHostsslError `connection-host-invalid` for a host that is neither a DNS name nor an address;
 * `connection-user-missing` for an empty user; `connection-value-invalid` for a port out of range, and for a text with
 * a NUL or a lone surrogate; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { connectionTarget } from 'pg-hostssl/client';
 *
 * assert.deepEqual(connectionTarget({ host: 'DB.Example.com.', user: 'webadmin' }), {
 *   host: 'db.example.com',
 *   port: 5432,
 *   user: 'webadmin',
 *   database: 'webadmin',
 * });
 * ```
 */
export function connectionTarget(parts: ConnectionTargetParts): ConnectionTarget {
  assertProperties(parts, partNames, 'a connection target');
  const { port = 5432 } = parts;
  const user = text('user', parts.user);
  if (user === '') {
    throw new PgHostsslError('connection-user-missing', 'No database user is given', {
      hint: 'Name the role that connects: it becomes the common name of the client certificate.',
    });
  }
  assertPort(port, 'port of a connection target', 'connection-value-invalid');
  const database = text('database', parts.database ?? '') || user;
  const host = normalizeHost(text('host', parts.host));
  if (parts.hostaddr === undefined) return { host, port, user, database };
  const hostaddr = normalizeHost(text('hostaddr', parts.hostaddr));
  if (!isAddress(hostaddr)) {
    throw new PgHostsslError('connection-host-invalid', `hostaddr ${JSON.stringify(hostaddr)} is not an IP address`, {
      hint: 'Give an address, such as 10.0.0.7, or leave hostaddr out: the client then looks up the host.',
    });
  }
  return { host, hostaddr, port, user, database };
}

/**
 * The startup packet of the protocol holds zero-terminated UTF-8 texts, so a text must have no NUL and no lone
 * surrogate.
 */
function text(what: string, value: unknown): string {
  assertText(value, `the ${what} of a connection target`);
  if (!value.includes('\0') && value.isWellFormed()) return value;
  throw new PgHostsslError(
    'connection-value-invalid',
    `The ${what} ${JSON.stringify(value)} holds a NUL or a lone surrogate`,
  );
}
