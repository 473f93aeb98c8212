import type { ConnectionType } from '../../hba/tables/tables.ts';

/**
 * How a connection reaches the server: a Unix socket, TCP without encryption, TCP with TLS, TCP with GSS encryption.
 */
export type Transport = 'local' | 'plain' | 'ssl' | 'gss';

/** All transports, in the order of their bits. */
export const transports: readonly Transport[] = ['local', 'plain', 'ssl', 'gss'];

/** Transports as bits: bit `i` is `transports[i]`. */
export type TransportSet = number;

export function bitOf(transport: Transport): TransportSet {
  return bits[transport];
}

const bits: Readonly<Record<Transport, TransportSet>> = { local: 1, plain: 2, ssl: 4, gss: 8 };

/** The number of TCP transports: all transports except `local`. */
export const tcpTransports: number = transports.length - 1;

/** Returns the TCP transports of a set as bits: bit `i` is `transports[i + 1]`. */
export function tcpBits(set: TransportSet): number {
  return set >> 1;
}

/** Returns the transports of a list as bits. */
export function transportSet(list: readonly Transport[]): TransportSet {
  return list.reduce((set, transport) => set | bitOf(transport), 0);
}

export function transportsIn(set: TransportSet): readonly Transport[] {
  return bySet[set]!;
}

/** Returns the lowest bit of {@link tcpBits} that a set has; -1 if the set has no TCP transport. */
export function firstTcp(set: TransportSet): number {
  const tcp = tcpBits(set);
  return 31 - Math.clz32(tcp & -tcp);
}

const bySet: readonly (readonly Transport[])[] = Array.from({ length: 1 << transports.length }, (_, set) =>
  transports.filter((transport) => (set & bits[transport]) !== 0),
);

/** The transports that a connection type matches (`check_hba`). No type matches only unencrypted TCP. */
const byType: Readonly<Record<ConnectionType, TransportSet>> = {
  local: transportSet(['local']),
  host: transportSet(['plain', 'ssl', 'gss']),
  hostssl: transportSet(['ssl']),
  hostnossl: transportSet(['plain', 'gss']),
  hostgssenc: transportSet(['gss']),
  hostnogssenc: transportSet(['plain', 'ssl']),
};

/** Returns the transports that a connection type matches. */
export function transportsOfType(type: ConnectionType): TransportSet {
  return byType[type];
}
