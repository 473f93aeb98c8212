import { assertKnownValue, assertProperties } from '../../arguments.ts';
import { cutStartupName, isStartupName } from '../../c/names.ts';
import { PgHostsslError } from '../../errors.ts';
import { type IpAddress, parseIpAddress } from '../../net/ip.ts';
import { ipv4OfMapped, isIpv4Mapped } from '../../net/network.ts';
import { type AddressNumber, numberOfAddress } from '../../net/number.ts';
import { type PgMajorSpan, spanIncludes } from '../../version.ts';
import { type AccessInput, isNamespaced } from '../rules/input.ts';
import { bitOf, type Transport, type TransportSet, transports } from '../rules/transport.ts';

/**
 * A connection request of a client. The names of the database and the user are encoded as UTF-8. To write a name that
 * is not UTF-8, replace each byte above 0x7F by a lone surrogate: U+DC00 plus the byte.
 */
export interface Connection {
  /** How the connection reaches the server. */
  readonly transport: Transport;
  /**
   * The client's IP address: required for TCP, and missing for `local`. Node shows the IPv4 address of a client of a
   * dual-stack socket as `::ffff:10.0.0.1`, but PostgreSQL never does. Such an address is read as the IPv4 address.
   */
  readonly address?: string | undefined;
  /** The database; the user's name by default, as in the server. */
  readonly database?: string | undefined;
  /** The name of the user. */
  readonly user: string;
  /** The kind of a replication connection: `physical` names no database, `logical` names a database. */
  readonly replication?: 'physical' | 'logical' | undefined;
}

/** A connection in the form that the server's matching uses. */
export interface MatchedConnection {
  /** The transport of the connection, as a bit. */
  readonly transport: TransportSet;
  /** The client's address; `undefined` for `local`. */
  readonly address: IpAddress | undefined;
  /** The client's address as a number; `undefined` for `local`. */
  readonly number: AddressNumber | undefined;
  /** The name of the database, cut to 63 bytes. */
  readonly database: string;
  /** The name of the user, cut to 63 bytes. */
  readonly user: string;
  /**
   * `true` for a physical replication connection. In the database column, only the keyword `replication` matches such a
   * connection.
   */
  readonly isPhysical: boolean;
}

/** The major versions that treat each replication connection as physical (`check_db`). */
const everyReplication: PgMajorSpan = { until: 9.6 };

/**
 * Reads a connection as a server does (`ProcessStartupPacket`).
 *
 * @throws PgHostsslError `argument-invalid` if no client can make the connection
 */
export function readConnection(connection: Connection, input: AccessInput): MatchedConnection {
  const { version } = input.hba;
  const known = { transport: true, address: true, database: true, user: true, replication: true } as const;
  assertProperties(connection, known, 'the connection');
  const { transport, replication } = connection;
  assertKnownValue(transport, transports, 'transport of the connection');
  if (replication !== undefined)
    assertKnownValue(replication, ['physical', 'logical'], 'replication of the connection');
  if (typeof connection.user !== 'string' || connection.user === '') throw invalid('user must be a name');
  if (connection.database !== undefined && typeof connection.database !== 'string')
    throw invalid('database must be a name');
  for (const name of [connection.user, connection.database ?? '']) {
    if (!isStartupName(name))
      throw invalid(`the name ${JSON.stringify(name)} contains a NUL, or a lone surrogate outside U+DC80 to U+DCFF`);
  }
  const address = transport === 'local' ? undefined : clientAddress(connection.address);
  if (transport === 'local' && connection.address !== undefined) throw invalid('a local connection has no address');
  const database = connection.database || connection.user;
  const user = isNamespaced(input) ? namespacedUser(connection.user, database) : connection.user;
  const isPhysical =
    replication === 'physical' || (replication === 'logical' && spanIncludes(everyReplication, version));
  return {
    transport: bitOf(transport),
    address,
    number: address && numberOfAddress(address),
    // A physical replication connection has no database.
    database: replication === 'physical' ? '' : cutStartupName(database),
    user: cutStartupName(user),
    isPhysical,
  };
}

/**
 * Returns the role name with the setting `db_user_namespace`: `user@database`. If the name of the user ends with `@`,
 * the server removes this `@` and appends nothing.
 */
function namespacedUser(user: string, database: string): string {
  return user.indexOf('@') === user.length - 1 ? user.slice(0, -1) : `${user}@${database}`;
}

function clientAddress(text: string | undefined): IpAddress {
  const address = typeof text === 'string' ? parseIpAddress(text) : undefined;
  if (address === undefined) throw invalid('a connection over TCP needs an IP address');
  return isIpv4Mapped(address) ? ipv4OfMapped(address) : address;
}

function invalid(message: string): PgHostsslError {
  return new PgHostsslError('argument-invalid', `The connection is not valid: ${message}`);
}
