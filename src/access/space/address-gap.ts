import type { IpFamily } from '../../net/ip.ts';
import { mappedPrefix } from '../../net/network.ts';
import { type AddressNumber, type AddressRange, networksOfRange, rangeOfPrefix } from '../../net/number.ts';
import { firstTcp } from '../rules/transport.ts';
import type { Budget } from './budget.ts';
import type { Covering, Question } from './covering.ts';
import { addressOutside, type CoveringCube, type Cube, cubeOfNetwork, cubesMeet } from './cubes.ts';

/** The IPv4-mapped addresses. No client has such an address, because the server sees the IPv4 address. */
export const mappedAddresses: AddressRange = rangeOfPrefix('ipv6', 0xffff00000000n, mappedPrefix);

const mappedCube: CoveringCube = { ...cubeOfNetwork(mappedAddresses), rule: -1 };

function isMapped(family: IpFamily, address: AddressNumber): boolean {
  return family === 'ipv6' && address >= mappedAddresses.start && address < mappedAddresses.next;
}

/**
 * Returns the first address of a range that no network of the rules contains. The search jumps from the end of one
 * network to the next network.
 */
export function gapOfRange(
  range: AddressRange,
  bit: number,
  covering: readonly Covering[],
  question: Question,
): AddressNumber | undefined {
  const { family, start, next } = range;
  const transport = firstTcp(bit);
  const { budget, used } = question;
  const rules: number[] = [];
  let position = start;
  while (position < next) {
    let widest: { readonly next: AddressNumber; readonly rule: number } | undefined;
    for (const { buckets, limit, isFirst } of covering) {
      for (const bucket of buckets) {
        const block = bucket[family]?.widestAt(position, transport, limit, budget);
        if (block === undefined || (widest !== undefined && block.next <= widest.next)) continue;
        widest = { next: block.next, rule: isFirst ? block.first[transport]! : -1 };
      }
    }
    if (widest === undefined && isMapped(family, position)) {
      position = mappedAddresses.next;
      continue;
    }
    if (widest === undefined) {
      if (!hasMasked(family, covering)) return position;
      return gapOfCubes(networksOfRange(range).map(cubeOfNetwork), family, bit, covering, question);
    }
    if (widest.rule >= 0) rules.push(widest.rule);
    position = widest.next;
  }
  for (const rule of rules) used?.add(rule);
  return undefined;
}

function hasMasked(family: IpFamily, covering: readonly Covering[]): boolean {
  return covering.some(({ buckets }) => buckets.some(({ masked }) => masked[family].length > 0));
}

/**
 * Returns an address of the given `Cube`s that no rule matches, neither with a network nor with a mask that has holes.
 */
export function gapOfCubes(
  cubes: readonly Cube[],
  family: IpFamily,
  bit: number,
  covering: readonly Covering[],
  { budget, used }: Question,
): AddressNumber | undefined {
  const taking = new Set<number>();
  for (const cube of cubes) {
    const others = covering.flatMap((layer) => cubesOfLayer(cube, family, bit, layer, budget));
    if (family === 'ipv6' && cubesMeet(cube, mappedCube)) others.push(mappedCube);
    const outside = addressOutside(cube, others, budget, taking);
    if (outside !== undefined) return outside;
  }
  for (const rule of taking) used?.add(rule);
  return undefined;
}

/** Returns the networks and masks of the rules of one layer that share addresses with a `Cube`. */
function cubesOfLayer(
  cube: Cube,
  family: IpFamily,
  bit: number,
  { buckets, limit, isFirst }: Covering,
  budget: Budget,
): CoveringCube[] {
  const transport = firstTcp(bit);
  const cubes: CoveringCube[] = [];
  for (const bucket of buckets) {
    const forest = bucket[family];
    for (const i of forest?.cubes.meeting(cube, budget) ?? []) {
      const block = forest!.blocks[i]!;
      const rule = block.first[transport]!;
      if (rule < limit) cubes.push({ ...cubeOfNetwork(block), rule });
    }
    for (const i of bucket.maskedCubes[family].meeting(cube, budget)) {
      const { address, mask, rule, transports } = bucket.masked[family][i]!;
      if (rule >= limit) break;
      if ((transports & bit) !== 0) cubes.push({ address, mask, rule });
    }
  }
  return isFirst ? cubes : cubes.map(({ address, mask }) => ({ address, mask, rule: -1 }));
}
