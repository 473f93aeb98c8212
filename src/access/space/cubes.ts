import type { IpFamily } from '../../net/ip.ts';
import { addressBits } from '../../net/network.ts';
import type { AddressRange } from '../../net/number.ts';
import type { Budget } from './budget.ts';

/** The addresses that are equal to `address` under `mask`, which may have holes. */
export interface Cube {
  /** The address, with zeros outside the mask. */
  readonly address: bigint;
  /** The mask. */
  readonly mask: bigint;
}

/** The networks that a range of addresses is made of, as cubes. */
export function cubesOfRange({ family, start, next }: AddressRange): Cube[] {
  const bits = addressBits(family);
  const cubes: Cube[] = [];
  let at = BigInt(start);
  const end = BigInt(next);
  while (at < end) {
    let size = 1n;
    while (size < 1n << BigInt(bits) && at % (size * 2n) === 0n && at + size * 2n <= end) size *= 2n;
    cubes.push({ address: at, mask: fullMask(family) ^ (size - 1n) });
    at += size;
  }
  return cubes;
}

/** The mask of all bits of a family. */
export function fullMask(family: IpFamily): bigint {
  return (1n << BigInt(addressBits(family))) - 1n;
}

/** The addresses that two cubes share, if they share some. */
export function meetCubes(a: Cube, b: Cube): Cube | undefined {
  const common = a.mask & b.mask;
  if ((a.address & common) !== (b.address & common)) return undefined;
  return { address: a.address | b.address, mask: a.mask | b.mask };
}

/**
 * What is left of some cubes without others: an address of it, or `undefined` if the others cover everything. Each fixed
 * bit of the other cube is flipped in turn, so that the pieces do not overlap.
 *
 * @param onUse called with the position of each other cube that takes something away
 */
export function addressOutside(
  cubes: readonly Cube[],
  others: readonly Cube[],
  budget: Budget,
  onUse: (index: number) => void,
): bigint | undefined {
  let left = cubes;
  for (const [i, other] of others.entries()) {
    const rest = left.flatMap((cube) => {
      budget.take();
      return without(cube, other);
    });
    if (rest.length !== left.length || rest.some((cube, at) => cube !== left[at])) onUse(i);
    left = rest;
    if (left.length === 0) return undefined;
  }
  return left[0]?.address;
}

function without(cube: Cube, other: Cube): readonly Cube[] {
  if (meetCubes(cube, other) === undefined) return [cube];
  const pieces: Cube[] = [];
  let { address, mask } = cube;
  for (let rest = other.mask & ~cube.mask, bit = 1n; rest > 0n; rest >>= 1n, bit <<= 1n) {
    if ((rest & 1n) === 0n) continue;
    mask |= bit;
    pieces.push({ address: address | (~other.address & bit), mask });
    address |= other.address & bit;
  }
  return pieces;
}
