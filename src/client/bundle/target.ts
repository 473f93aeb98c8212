import { PgHostsslError } from '../../errors.ts';
import { isAddress, normalizeHost } from './host.ts';

/** Where and as whom a client connects; no password and no TLS setting is part of it. */
export interface ConnectionTarget {
  /** DNS name or IP address: what the server's certificate is checked against. */
  readonly host: string;
  /** IP address to connect to in place of looking `host` up, like libpq's `hostaddr`. */
  readonly hostaddr?: string;
  /** TCP port. */
  readonly port: number;
  /** The database role. */
  readonly user: string;
  /** The database. */
  readonly database: string;
}

/** A {@link ConnectionTarget} whose parts that have a default in libpq may be left out. */
export interface ConnectionTargetParts {
  /** DNS name or IP address; an internationalised name is turned into its A-labels. */
  readonly host: string;
  /** IP address to connect to in place of looking `host` up. */
  readonly hostaddr?: string | undefined;
  /** TCP port; 5432 if not given. */
  readonly port?: number | undefined;
  /** The database role. There is no default: a guess would name the wrong person in a certificate. */
  readonly user: string;
  /** The database; the one named like the user if not given. */
  readonly database?: string | undefined;
}

/**
 * A checked target: the host in the one spelling in which client and certificate agree, defaults filled in.
 *
 * @throws PgHostsslError `connection-host-invalid` for a host that is no DNS name and no address,
 * `connection-user-missing` for an empty user, `connection-value-invalid` for a port out of range, or text that no
 * connection can carry.
 */
export function connectionTarget(parts: ConnectionTargetParts): ConnectionTarget {
  const { user, port = 5432 } = parts;
  if (user === '') {
    throw new PgHostsslError('connection-user-missing', 'No database user is given', {
      hint: 'Name the role that connects: it becomes the common name of the client certificate.',
    });
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new PgHostsslError('connection-value-invalid', `${port} is not a TCP port`);
  }
  const database = parts.database === undefined || parts.database === '' ? user : parts.database;
  assertCarried('user', user);
  assertCarried('database', database);
  const host = normalizeHost(parts.host);
  if (parts.hostaddr === undefined) return { host, port, user, database };
  const hostaddr = normalizeHost(parts.hostaddr);
  if (!isAddress(hostaddr)) {
    throw new PgHostsslError('connection-host-invalid', `hostaddr ${JSON.stringify(hostaddr)} is not an IP address`);
  }
  return { host, hostaddr, port, user, database };
}

/** The protocol's startup packet holds zero-terminated UTF-8 text. */
function assertCarried(what: string, text: string): void {
  if (/\0|\p{Surrogate}/u.test(text)) {
    throw new PgHostsslError(
      'connection-value-invalid',
      `The ${what} ${JSON.stringify(text)} holds a NUL or a lone surrogate`,
    );
  }
}
