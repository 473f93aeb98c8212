import { equalsIgnoringCase } from '../c/ascii.ts';
import { equalBytes } from '../c/compare.ts';
import { lazily } from '../lazily.ts';
import { type IpAddress, type IpFamily, parseIpAddress } from './ip.ts';

/** Returns the number of bits of an address of this family. */
export function addressBits(family: IpFamily): 32 | 128 {
  return family === 'ipv4' ? 32 : 128;
}

/**
 * Returns the mask with `prefix` leading 1 bits, like `pg_sockaddr_cidr_mask`.
 *
 * @param prefix 0 to 32 or 128
 */
export function maskOfPrefix(family: IpFamily, prefix: number): IpAddress {
  const masks = masksOf[family];
  masks[prefix] ??= newMask(family, prefix);
  return masks[prefix];
}

/** A cache of masks by prefix length. There are only 162 possible masks. */
const masksOf: Readonly<Record<IpFamily, IpAddress[]>> = { ipv4: [], ipv6: [] };

function newMask(family: IpFamily, prefix: number): IpAddress {
  const bytes = Array.from({ length: addressBits(family) / 8 }, (_, i) => {
    const bits = Math.min(8, Math.max(0, prefix - 8 * i));
    return 0xff & (0xff00 >> bits);
  });
  return { family, bytes };
}

/** Returns the number of leading 1 bits of a mask, or `undefined` for a mask with holes. */
export function prefixOfMask(mask: IpAddress): number | undefined {
  let prefix = 0;
  let ended = false;
  for (const byte of mask.bytes) {
    const ones = Math.clz32(~(byte << 24));
    if ((byte << ones) & 0xff || (ended && byte !== 0)) return undefined;
    prefix += ones;
    ended ||= ones < 8;
  }
  return prefix;
}

/** Returns the address with all bits outside the mask cleared. */
export function networkOf(address: IpAddress, mask: IpAddress): IpAddress {
  return { family: address.family, bytes: address.bytes.map((byte, i) => byte & mask.bytes[i]!) };
}

/** Returns whether an address has 1 bits outside its mask. */
export function hasBitsOutside(address: IpAddress, mask: IpAddress): boolean {
  for (let i = 0; i < address.bytes.length; i++) if ((address.bytes[i]! & ~mask.bytes[i]!) !== 0) return true;
  return false;
}

/** Returns whether two addresses have the same family and are equal. */
export function sameAddress(a: IpAddress, b: IpAddress): boolean {
  return a.family === b.family && equalBytes(a.bytes, b.bytes);
}

/**
 * Returns whether a network contains an address (`pg_range_sockaddr`): both have the same family, and they are equal in
 * the bits of the mask. The mask can have holes.
 */
export function networkContains(network: IpAddress, mask: IpAddress, address: IpAddress): boolean {
  return network.family === address.family && sameAddress(networkOf(network, mask), networkOf(address, mask));
}

/** A network: an address, and the mask of the bits that all its addresses share. */
export interface Network {
  readonly address: IpAddress;
  readonly mask: IpAddress;
}

/**
 * Parses a network: `10.0.0.0/8`, a single address, or an address, a blank and a mask. Addresses of pg_hba.conf are
 * parsed by `src/hba/read/address.ts` instead.
 *
 * @returns `undefined` for any other text, a prefix that is too long, or a mask of the other family
 */
export function parseNetwork(text: string): Network | undefined {
  const [, ip, prefixText, maskText] = /^([^/ ]+)(?:\/(\d{1,3})| ([^/ ]+))?$/.exec(text) ?? [];
  const address = ip === undefined ? undefined : parseIpAddress(ip);
  if (address === undefined) return undefined;
  if (maskText !== undefined) {
    const mask = parseIpAddress(maskText);
    return mask?.family === address.family ? { address, mask } : undefined;
  }
  const bits = addressBits(address.family);
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  return prefix > bits ? undefined : { address, mask: maskOfPrefix(address.family, prefix) };
}

/** The prefix length of `::ffff:0:0/96`, the network of all IPv4-mapped addresses. */
export const mappedPrefix = 96;

/** Returns whether an address is an IPv4-mapped IPv6 address (`::ffff:0:0/96`, RFC 4291 section 2.5.5.2). */
export function isIpv4Mapped(address: IpAddress): boolean {
  return address.family === 'ipv6' && address.bytes.every((byte, i) => i >= 12 || byte === (i >= 10 ? 0xff : 0));
}

/** Returns the IPv4 address of an IPv4-mapped IPv6 address. */
export function ipv4OfMapped({ bytes }: IpAddress): IpAddress {
  return { family: 'ipv4', bytes: bytes.slice(12) };
}

/** The networks of loopback addresses (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export const loopbackNetworks: readonly string[] = ['127.0.0.0/8', '::1/128'];

const loopbacks = lazily(() => loopbackNetworks.map((text) => parseNetwork(text)!));

/** Returns whether a network contains only loopback addresses. */
export function isLoopback(address: IpAddress, mask: IpAddress): boolean {
  return loopbacks().some(
    (loopback) => networkContains(loopback.address, loopback.mask, address) && !hasBitsOutside(loopback.mask, mask),
  );
}

/** Returns whether a host name or an address always means the own machine: `localhost`, or a loopback address. */
export function isLoopbackHost(host: string): boolean {
  if (equalsIgnoringCase(host, 'localhost')) return true;
  const address = parseIpAddress(host);
  return address !== undefined && isLoopback(address, maskOfPrefix(address.family, addressBits(address.family)));
}
