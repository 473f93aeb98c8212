import { type AddressNumber, type AddressRange, wholeFamily } from '../../net/number.ts';
import type { Budget } from './budget.ts';

/**
 * A set of addresses: those that equal `address` in the 1 bits of `mask`. The mask can have holes. Both fields are a
 * `number` of 32 bits for IPv4 and a `bigint` for IPv6. The same code handles both types, because JavaScript has the
 * same bitwise operators for both types. After such an operator, the bits of an IPv4 address are a signed number.
 */
export interface Cube {
  /** The address; its bits outside the mask are zero. */
  readonly address: Bits;
  /** The mask, whose 1 bits must be equal in all addresses of the set. */
  readonly mask: Bits;
}

/** The bits of an address or a mask. For IPv6 the value is in fact a `bigint`. */
type Bits = number;

export function cubeOf(address: AddressNumber, mask: AddressNumber): Cube {
  // Computing with signed 32-bit numbers is many times faster than with unsigned numbers.
  if (typeof address === 'number') return { address: address | 0, mask: (mask as number) | 0 };
  return { address: address as unknown as Bits, mask: mask as Bits };
}

/** Converts bits to an unsigned number. */
export function numberOfBits(bits: Bits): AddressNumber {
  return typeof bits === 'number' ? bits >>> 0 : bits;
}

/** Makes a `Cube` of a network, whose size is a power of two. */
export function cubeOfNetwork({ start, next }: Pick<AddressRange, 'start' | 'next'>): Cube {
  if (typeof next !== 'bigint') return cubeOf(start, ~((start as number) ^ (next - 1)));
  return cubeOf(start, (wholeFamily.ipv6.next as bigint) - (next - BigInt(start)));
}

/** Returns whether two `Cube`s share an address. */
export function cubesMeet(a: Cube, b: Cube): boolean {
  return !((a.address ^ b.address) & a.mask & b.mask);
}

/** Returns the addresses that are in both `Cube`s; `undefined` if the `Cube`s share no address. */
export function meetCubes(a: Cube, b: Cube): Cube | undefined {
  return cubesMeet(a, b) ? { address: a.address | b.address, mask: a.mask | b.mask } : undefined;
}

/** A list of `Cube`s. A search finds the elements that share addresses with a given `Cube`. */
export class CubeList {
  // Reading two arrays of numbers is many times faster than reading one array of objects.
  readonly #addresses: Bits[] = [];
  readonly #masks: Bits[] = [];

  /** Adds a `Cube` at the end of the list. */
  add({ address, mask }: Cube): void {
    this.#addresses.push(address);
    this.#masks.push(mask);
  }

  /** Returns the positions of the `Cube`s that share an address with the given `Cube`. */
  meeting({ address, mask }: Cube, budget: Budget): number[] {
    const [addresses, masks] = [this.#addresses, this.#masks];
    budget.take(addresses.length * (typeof address === 'number' ? 0.02 : 2));
    const found: number[] = [];
    for (let i = 0; i < addresses.length; i++) {
      if (!((address ^ addresses[i]!) & mask & masks[i]!)) found.push(i);
    }
    return found;
  }
}

/** A set of addresses under a mask, and the rule that matches these addresses. */
export interface CoveringCube extends Cube {
  /** The index of the rule, or -1 if the rule must not be reported. */
  readonly rule: number;
}

/**
 * Returns an address of `cube` that none of `others` contains, or `undefined` if `others` together contain all
 * addresses of `cube`. The function subtracts one element of `others` from `cube`: the element that leaves the fewest
 * pieces. The bits that this element fixes are flipped one by one, so the pieces do not overlap. The search then
 * continues in each piece with the elements of `others` that overlap the piece.
 *
 * @param others sets of addresses that overlap `cube`
 * @param used receives the indexes of the rules whose addresses were subtracted
 */
export function addressOutside(
  cube: Cube,
  others: readonly CoveringCube[],
  budget: Budget,
  used: Set<number>,
): AddressNumber | undefined {
  let best: CoveringCube | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const other of others) {
    const pieces = countBits(other.mask & ~cube.mask);
    if (pieces >= fewest) continue;
    [best, fewest] = [other, pieces];
    if (fewest === 0) break;
  }
  if (best === undefined) return numberOfBits(cube.address);
  if (best.rule >= 0) used.add(best.rule);
  let { address, mask } = cube;
  for (let rest = best.mask & ~mask, bit: Bits; rest; rest ^= bit) {
    bit = rest & -rest;
    mask |= bit;
    const piece = { address: address | (~best.address & bit), mask };
    const outside = addressOutside(piece, cubesMeeting(piece, others, budget), budget, used);
    if (outside !== undefined) return outside;
    address |= best.address & bit;
  }
  return undefined;
}

function cubesMeeting(cube: Cube, others: readonly CoveringCube[], budget: Budget): CoveringCube[] {
  budget.take(1 + others.length * (typeof cube.address === 'number' ? 0.1 : 5));
  return others.filter((other) => cubesMeet(cube, other));
}

function countBits(bits: Bits): number {
  if (typeof bits === 'number') return countBitsOfWord(bits);
  let count = 0;
  for (let rest: bigint = bits; rest !== 0n; rest >>= 32n) count += countBitsOfWord(Number(rest & 0xffffffffn) | 0);
  return count;
}

function countBitsOfWord(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
