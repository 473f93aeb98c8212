import { formatIpAddress, parseIpAddress } from '../../net/ip.ts';
import {
  type AddressNumber,
  type AddressRange,
  addressOfNumber,
  meetRanges,
  networksOfRange,
  prefixOfNetwork,
  wholeFamily,
} from '../../net/number.ts';
import { type AccessFacts, interfaceMask } from '../rules/facts.ts';
import { type MaskedAddress, networkAddress, type RuleAddress } from '../rules/rule-address.ts';
import { type Cube, cubeOf, cubeOfNetwork, meetCubes, numberOfBits } from './cubes.ts';

/** A set of addresses in a rule or a scope. `local` is the Unix socket, which has no address. */
export type AddressAtom =
  | { readonly kind: 'local' }
  | ({ readonly kind: 'range'; readonly range: AddressRange } & Supposed)
  | (MaskedAddress & Supposed)
  | { readonly kind: 'samehost' | 'samenet' }
  | { readonly kind: 'host-name'; readonly hostName: string };

/**
 * Addresses that must also belong to a host name or to a network interface of the server. As long as the facts do not
 * tell, it is unknown whether there are such addresses.
 */
interface Supposed {
  /**
   * The host names and network interfaces to which all of the addresses belong. A rule for one of these host names or
   * interfaces matches all of the addresses.
   */
  readonly within?: readonly OpenAddress[];
}

/** The Unix socket. */
export const localAtom: AddressAtom = { kind: 'local' };

/** All IP addresses. */
export const everywhere: readonly AddressAtom[] = [
  { kind: 'range', range: wholeFamily.ipv4 },
  { kind: 'range', range: wholeFamily.ipv6 },
];

/** Returns the sets of addresses that an address column matches. The column of a `local` rule is `undefined`. */
export function addressAtoms(address: RuleAddress | undefined, facts: AccessFacts): readonly AddressAtom[] {
  if (address === undefined) return [localAtom];
  switch (address.kind) {
    case 'all':
      return everywhere;
    case 'network':
      return [{ kind: 'range', range: address.range }];
    case 'samehost':
    case 'samenet':
      return facts.interfaces === undefined ? [{ kind: address.kind }] : ofInterfaces(address.kind, facts.interfaces);
    default:
      return [address];
  }
}

function ofInterfaces(
  kind: 'samehost' | 'samenet',
  interfaces: NonNullable<AccessFacts['interfaces']>,
): readonly AddressAtom[] {
  return interfaces.flatMap((each): readonly AddressAtom[] => {
    const own = parseIpAddress(each.address);
    if (own === undefined) return [];
    return addressAtoms(networkAddress(own, interfaceMask(own, each.netmask, kind)), {});
  });
}

/**
 * Returns the addresses that are in both sets `a` and `b`. `certain` is `true` if the sets certainly share an address.
 */
export function meetAddresses(
  a: AddressAtom,
  b: AddressAtom,
): readonly { readonly atom: AddressAtom; readonly certain: boolean }[] {
  if (a.kind === 'local' || b.kind === 'local') return a.kind === b.kind ? [{ atom: a, certain: true }] : [];
  if (isOpen(a) || isOpen(b)) {
    if (isOpen(a) && isOpen(b)) {
      if (holdsOpen(a, b)) return [{ atom: b, certain: true }];
      return [{ atom: a, certain: holdsOpen(b, a) }];
    }
    const [open, other] = (isOpen(a) ? [a, b] : [b, a]) as readonly [OpenAddress, ClosedAtom];
    // If a network contains all addresses of its family, it contains every address of a host name or interface in that
    // family.
    return [{ atom: isWhole(other) ? open : { ...other, within: [...(other.within ?? []), open] }, certain: false }];
  }
  if (a.kind === 'range' && b.kind === 'range') {
    const range = meetRanges(a.range, b.range);
    return range === undefined ? [] : [{ atom: { kind: 'range', range, ...withinBoth(a, b) }, certain: true }];
  }
  if (familyOf(a) !== familyOf(b)) return [];
  return cubesOf(a).flatMap((one) =>
    cubesOf(b).flatMap((other) => {
      const met = meetCubes(one, other);
      if (met === undefined) return [];
      const [address, mask] = [numberOfBits(met.address), numberOfBits(met.mask)];
      return [
        { atom: { kind: 'masked', family: familyOf(a), address, mask, ...withinBoth(a, b) } as const, certain: true },
      ];
    }),
  );
}

function withinBoth(a: ClosedAtom, b: ClosedAtom): Supposed {
  const within = [...(a.within ?? []), ...(b.within ?? [])];
  return within.length === 0 ? {} : { within };
}

type ClosedAtom = Extract<AddressAtom, { readonly kind: 'range' | 'masked' }>;

/**
 * Addresses that only a fact about the server can tell: the addresses of a host name, or of the server's network
 * interfaces.
 */
export type OpenAddress =
  | { readonly kind: 'samehost' | 'samenet' }
  | { readonly kind: 'host-name'; readonly hostName: string };

/**
 * Returns whether only a fact about the server can tell the addresses of the set: `samehost`, `samenet` or a host name.
 */
export function isOpen(atom: AddressAtom): atom is OpenAddress {
  return atom.kind === 'samehost' || atom.kind === 'samenet' || atom.kind === 'host-name';
}

/** Returns whether the addresses of an address column depend on a fact that was not given. */
export function isOpenAddress({ kind }: RuleAddress, { interfaces }: AccessFacts): boolean {
  return kind === 'host-name' || ((kind === 'samehost' || kind === 'samenet') && interfaces === undefined);
}

/**
 * Returns `false` if two lists of addresses certainly share no address. This is a quick check: with the result `true`,
 * the lists can still be disjoint.
 */
export function mayMeet(list: readonly AddressAtom[], others: readonly AddressAtom[]): boolean {
  for (const a of list) {
    for (const b of others) {
      if (a.kind !== 'range' || b.kind !== 'range') return true;
      const [one, other] = [a.range, b.range];
      if (one.family === other.family && one.start < other.next && other.start < one.next) return true;
    }
  }
  return false;
}

/** Returns whether the set `wide` certainly contains all addresses of the set `narrow`. */
function holdsOpen(wide: AddressAtom, narrow: OpenAddress): boolean {
  if (wide.kind === 'host-name' && narrow.kind === 'host-name') {
    return (
      wide.hostName === narrow.hostName || (wide.hostName.startsWith('.') && narrow.hostName.endsWith(wide.hostName))
    );
  }
  return wide.kind === narrow.kind || (wide.kind === 'samenet' && narrow.kind === 'samehost');
}

/** Converts a set of addresses to a list of `Cube`s: addresses under masks. */
export function cubesOf(atom: ClosedAtom): readonly Cube[] {
  return atom.kind === 'range' ? networksOfRange(atom.range).map(cubeOfNetwork) : [cubeOf(atom.address, atom.mask)];
}

/** Returns the address family of a set of addresses. */
export function familyOf(atom: ClosedAtom): AddressRange['family'] {
  return atom.kind === 'range' ? atom.range.family : atom.family;
}

function isWhole(atom: AddressAtom): boolean {
  return (
    atom.kind === 'range' &&
    atom.range.start === wholeFamily[atom.range.family].start &&
    atom.range.next === wholeFamily[atom.range.family].next
  );
}

/**
 * Returns a set of addresses as texts: networks, addresses with a mask, host names or keywords. For `local`, returns an
 * empty list.
 */
export function shownAddresses(atom: AddressAtom): readonly string[] {
  switch (atom.kind) {
    case 'local':
      return [];
    case 'range':
      return networksOfRange(atom.range).map((network) => {
        const ip = formatIpAddress(addressOfNumber(network.family, network.start));
        return `${ip}/${prefixOfNetwork(network)}`;
      });
    case 'masked': {
      const text = (number: AddressNumber): string => formatIpAddress(addressOfNumber(atom.family, number));
      return [`${text(atom.address)} ${text(atom.mask)}`];
    }
    case 'host-name':
      return [atom.hostName];
    default:
      return [atom.kind];
  }
}
