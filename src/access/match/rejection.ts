import { formatIpAddress, type IpAddress } from '../../net/ip.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import type { Connection, MatchedConnection } from './connection.ts';

interface Words extends PgMajorSpan {
  /** The end of the message for a connection with TLS. */
  readonly ssl: string;
  /** The end of the message for a connection without encryption. */
  readonly none: string;
  /** The kinds of replication connections for which the message names no database. */
  readonly withoutDatabase: readonly Connection['replication'][];
}

/** The parts of the message that differ between major versions. */
const wordRows: readonly Words[] = [
  { until: 13, ssl: 'SSL on', none: 'SSL off', withoutDatabase: ['physical', 'logical'] },
  { since: 14, ssl: 'SSL encryption', none: 'no encryption', withoutDatabase: ['physical'] },
];

/** Returns the address as `getnameinfo` with `NI_NUMERICHOST` writes it. */
function shownHost(address: IpAddress): string {
  const { zone } = address;
  return zone === undefined ? formatIpAddress(address) : `${formatIpAddress(address)}%${zone}`;
}

/**
 * Returns the message with which the server refuses a connection if a `reject` rule or no rule matches the connection
 * (`ClientAuthentication`).
 */
export function rejectionMessage(
  { transport, replication }: Connection,
  { user, database, address }: Pick<MatchedConnection, 'user' | 'database' | 'address'>,
  { version, isRejected }: { readonly version: PgMajor; readonly isRejected: boolean },
): string {
  const words = wordRows.find((row) => spanIncludes(row, version))!;
  const encryption = transport === 'gss' ? 'GSS encryption' : transport === 'ssl' ? words.ssl : words.none;
  const host = transport === 'local' ? '[local]' : shownHost(address!);
  const isWithoutDatabase = words.withoutDatabase.includes(replication);
  const of = isWithoutDatabase ? 'replication connection' : 'connection';
  const what = isRejected
    ? `pg_hba.conf rejects ${of} for host`
    : `no pg_hba.conf entry for ${isWithoutDatabase ? 'replication connection from ' : ''}host`;
  const ofDatabase = isWithoutDatabase ? '' : `, database "${database}"`;
  return `${what} "${host}", user "${user}"${ofDatabase}, ${encryption}`;
}
