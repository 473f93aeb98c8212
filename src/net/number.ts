import type { IpAddress, IpFamily } from './ip.ts';
import { addressBits } from './network.ts';

/**
 * An address as a number: a `number` for IPv4, a `bigint` for IPv6. Addresses of one family can be compared with `<`.
 */
export type AddressNumber = number | bigint;

/** The addresses from `start` up to, but not including, `next`. */
export interface AddressRange {
  /** The family of the addresses. */
  readonly family: IpFamily;
  /** The first address of the range. */
  readonly start: AddressNumber;
  /** The number that follows the number of the last address. */
  readonly next: AddressNumber;
}

/** Returns the number of an address: its bytes as one integer in network order. */
export function numberOfAddress({ family, bytes }: IpAddress): AddressNumber {
  if (family === 'ipv4') return bytes.reduce((number, byte) => number * 256 + byte, 0);
  return BigInt(`0x${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);
}

/** Converts a number to an IP address of the given family. */
export function addressOfNumber(family: IpFamily, number: AddressNumber): IpAddress {
  if (family === 'ipv4') {
    const value = Number(number);
    return { family, bytes: [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256) };
  }
  const hex = BigInt(number).toString(16).padStart(32, '0');
  return { family, bytes: Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)) };
}

/** All addresses of a family. */
export const wholeFamily: Readonly<Record<IpFamily, AddressRange>> = {
  ipv4: { family: 'ipv4', start: 0, next: 2 ** 32 },
  ipv6: { family: 'ipv6', start: 0n, next: 1n << 128n },
};

/** Returns the addresses of the network with the prefix length `prefix` that contains the address `number`. */
export function rangeOfPrefix(family: IpFamily, number: AddressNumber, prefix: number): AddressRange {
  if (family === 'ipv4') {
    const size = 2 ** (32 - prefix);
    const start = Number(number) - (Number(number) % size);
    return { family, start, next: start + size };
  }
  const shift = BigInt(128 - prefix);
  const start = (BigInt(number) >> shift) << shift;
  return { family, start, next: start + (1n << shift) };
}

/** Returns the addresses that are in both ranges; `undefined` if the ranges share no address. */
export function meetRanges(a: AddressRange, b: AddressRange): AddressRange | undefined {
  if (a.family !== b.family) return undefined;
  const start = a.start > b.start ? a.start : b.start;
  const next = a.next < b.next ? a.next : b.next;
  return start < next ? { family: a.family, start, next } : undefined;
}

/** Splits a range of addresses into as few networks as possible. */
export function networksOfRange({ family, start, next }: AddressRange): AddressRange[] {
  const bits = addressBits(family);
  const networks: AddressRange[] = [];
  let at = BigInt(start);
  const end = BigInt(next);
  const numberOf = (value: bigint): AddressNumber => (family === 'ipv4' ? Number(value) : value);
  while (at < end) {
    let size = 1n;
    while (size < 1n << BigInt(bits) && at % (size * 2n) === 0n && at + size * 2n <= end) size *= 2n;
    networks.push({ family, start: numberOf(at), next: numberOf(at + size) });
    at += size;
  }
  return networks;
}

/** Returns the prefix length of a network. */
export function prefixOfNetwork({ family, start, next }: AddressRange): number {
  const size = BigInt(next) - BigInt(start);
  return addressBits(family) - (size.toString(2).length - 1);
}
