import type { ConnectionType } from '../../hba/index.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';

/** How a connection reaches the server: a Unix socket, TCP without encryption, TCP with TLS, TCP with GSS encryption. */
export type Transport = 'local' | 'plain' | 'ssl' | 'gss';

/** All transports, in the order of their bits. */
export const transports: readonly Transport[] = ['local', 'plain', 'ssl', 'gss'];

/** Transports as bits: bit `i` stands for `transports[i]`. */
export type TransportSet = number;

/** The bit of a transport. */
export function bitOf(transport: Transport): TransportSet {
  return bits[transport];
}

const bits: Readonly<Record<Transport, TransportSet>> = { local: 1, plain: 2, ssl: 4, gss: 8 };

/** The set of the transports in a list, as bits. */
export function transportSet(list: readonly Transport[]): TransportSet {
  return list.reduce((set, transport) => set | bitOf(transport), 0);
}

/** The transports of a set. */
export function transportsIn(set: TransportSet): readonly Transport[] {
  return bySet[set]!;
}

/** The position among `plain`, `ssl` and `gss` of the first transport of a set that is not `local`. */
export function firstTcp(set: TransportSet): number {
  const behindLocal = set >> 1;
  return 31 - Math.clz32(behindLocal & -behindLocal);
}

const bySet: readonly (readonly Transport[])[] = Array.from({ length: 1 << transports.length }, (_, set) =>
  transports.filter((transport) => (set & bits[transport]) !== 0),
);

/** The transports that a connection type matches (`check_hba`). No type matches plain TCP alone. */
const byType: Readonly<Record<ConnectionType, TransportSet>> = {
  local: transportSet(['local']),
  host: transportSet(['plain', 'ssl', 'gss']),
  hostssl: transportSet(['ssl']),
  hostnossl: transportSet(['plain', 'gss']),
  hostgssenc: transportSet(['gss']),
  hostnogssenc: transportSet(['plain', 'ssl']),
};

/** The majors that know GSS encryption. */
const gssEncryption: PgMajorSpan = { since: 12 };

/** The transports that a server of this major can offer; `ssl` is left out if it is known to be off. */
export function offeredTransports(version: PgMajor, ssl: boolean | undefined): TransportSet {
  const gss = spanIncludes(gssEncryption, version) ? bitOf('gss') : 0;
  return bitOf('local') | bitOf('plain') | gss | (ssl === false ? 0 : bitOf('ssl'));
}

/** The transports that a connection type matches. */
export function transportsOfType(type: ConnectionType): TransportSet {
  return byType[type];
}
