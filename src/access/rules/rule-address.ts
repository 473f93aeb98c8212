import { pgAsciiToLower } from '../../c/ascii.ts';
import type { HbaAddress } from '../../hba/rule.ts';
import { dottedIpv4Number, type IpAddress, type IpFamily, parseIpAddress } from '../../net/ip.ts';
import { addressBits, maskOfPrefix, networkOf, prefixOfMask } from '../../net/network.ts';
import { type AddressNumber, type AddressRange, numberOfAddress, rangeOfPrefix } from '../../net/number.ts';

/** The address column of a rule as a set of addresses. */
export type RuleAddress =
  | {
      /** Every IPv4 and IPv6 address. */
      readonly kind: 'all';
    }
  | NetworkAddress
  | MaskedAddress
  | {
      /** The addresses of the server's interfaces, or the networks of these addresses. */
      readonly kind: 'samehost' | 'samenet';
    }
  | {
      /** The addresses of a host name. A name with a leading dot means all names that end with it. */
      readonly kind: 'host-name';
      /** The host name in lower case. */
      readonly hostName: string;
    };

/** The addresses of a network. */
export interface NetworkAddress {
  /** A network: one range of addresses. */
  readonly kind: 'network';
  /** The addresses of the network. */
  readonly range: AddressRange;
}

/** Addresses that match an address under a mask whose 1 bits are not all at the start. */
export interface MaskedAddress {
  /** The mask has holes: its 1 bits are not all at the start. */
  readonly kind: 'masked';
  /** The family of the addresses. */
  readonly family: IpFamily;
  /** The address; its bits outside the mask are zero. */
  readonly address: AddressNumber;
  /** The mask, as a number. */
  readonly mask: AddressNumber;
}

/** Converts the address column of a parsed rule. A text that is not an IP address is a host name. */
export function ruleAddress(address: HbaAddress): RuleAddress {
  if ('keyword' in address) return { kind: address.keyword };
  if ('hostName' in address) return { kind: 'host-name', hostName: pgAsciiToLower(address.hostName) };
  if ('prefix' in address) {
    // A shortcut for the most frequent form, because parsing addresses takes most of the time.
    const number = dottedIpv4Number(address.ip);
    if (number !== undefined) return { kind: 'network', range: rangeOfPrefix('ipv4', number, address.prefix) };
  }
  const ip = parseIpAddress(address.ip);
  if (ip === undefined) return { kind: 'host-name', hostName: pgAsciiToLower(address.ip) };
  if ('prefix' in address) {
    return { kind: 'network', range: rangeOfPrefix(ip.family, numberOfAddress(ip), address.prefix) };
  }
  const mask = parseIpAddress(address.mask);
  return networkAddress(ip, mask ?? maskOfPrefix(ip.family, addressBits(ip.family)));
}

/** Returns the addresses that match an address under a mask. */
export function networkAddress(ip: IpAddress, mask: IpAddress): NetworkAddress | MaskedAddress {
  const { family } = ip;
  const prefix = prefixOfMask(mask);
  if (prefix !== undefined) return { kind: 'network', range: rangeOfPrefix(family, numberOfAddress(ip), prefix) };
  return { kind: 'masked', family, address: numberOfAddress(networkOf(ip, mask)), mask: numberOfAddress(mask) };
}

/**
 * The number of addresses of the largest network that does not count as wide: an IPv4 network such as 10.0.0.0/8, or
 * the IPv6 network of a provider.
 */
const narrow: Readonly<Record<IpFamily, number>> = { ipv4: 2 ** 24, ipv6: 2 ** 96 };

/**
 * Returns whether an address column contains more addresses than a private network, so that it includes internet
 * addresses.
 */
export function isWide(address: RuleAddress): boolean {
  switch (address.kind) {
    case 'all':
      return true;
    case 'network':
      return Number(address.range.next) - Number(address.range.start) > narrow[address.range.family];
    case 'masked':
      return 2 ** freeBits(address) > narrow[address.family];
    default:
      return false;
  }
}

function freeBits({ family, mask }: MaskedAddress): number {
  return addressBits(family) - BigInt(mask).toString(2).replaceAll('0', '').length;
}
