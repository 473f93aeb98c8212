import type { IpFamily } from '../../net/ip.ts';
import {
  type AddressNumber,
  type AddressRange,
  networksOfRange,
  rangeOfPrefix,
  wholeFamily,
} from '../../net/number.ts';
import { bitOf, firstTcp, type Transport, type TransportSet, transportsIn } from '../rules/transport.ts';
import { type AddressAtom, cubesOf, familyOf, isOpen, type OpenAddress } from './address-atom.ts';
import type { Pair } from './atom.ts';
import type { BucketAddresses } from './bucket.ts';
import type { Budget } from './budget.ts';
import type { NameFacts } from './covers.ts';
import { addressOutside, type CoveringCube, type Cube, cubeOfNetwork, cubesMeet } from './cubes.ts';
import type { Region } from './region.ts';
import type { RulesByName } from './rules-by-name.ts';

/** The rules of one file whose index is below a limit. */
export interface Layer {
  /** An index of the rules of the file. */
  readonly index: RulesByName;
  /** Only rules whose index is below `limit` are included. */
  readonly limit: number;
}

/** The parameters of a search for connections that no rule matches. */
export interface Question {
  /** The rules that are searched. With two layers, a connection is covered if a rule of either layer matches it. */
  readonly layers: readonly Layer[];
  /**
   * `sure`: a connection counts as covered only if a rule certainly matches it. `possible`: a connection also counts as
   * covered if missing facts could make a rule match it.
   */
  readonly mode: 'sure' | 'possible';
  /** Names that no rule mentions, and the facts about the server. */
  readonly names: NameFacts;
  /** The remaining computing steps. */
  readonly budget: Budget;
  /** Receives the indexes of the rules of the first layer that match connections of the region. */
  readonly used?: Set<number>;
}

/** An address, a transport, and a pair of database and user, for which no rule matches. */
export interface Gap {
  /** The database and the user of the connections. */
  readonly pair: Pair;
  /** The transport of the connections. */
  readonly transport: Transport;
  /** The set of addresses in the region to which `address` belongs. */
  readonly atom: AddressAtom;
  /**
   * The address; `undefined` for `local`. If only a fact about the server can tell the addresses of `atom`, this is one
   * of the possible addresses.
   */
  readonly address: { readonly family: IpFamily; readonly number: AddressNumber } | undefined;
}

/**
 * Returns connections of a region that no rule of the question matches, or `undefined` if the rules match all
 * connections of the region.
 */
export function findGap(region: Region, question: Question): Gap | undefined {
  for (const pair of region.pairs) {
    const covering = coveringOf(pair, question);
    const list = transportsIn(distinctTransports(region.transports, covering));
    for (const atom of region.addresses) {
      for (const transport of list) {
        if ((transport === 'local') !== (atom.kind === 'local')) continue;
        const gap = gapOfAtom(atom, transport, covering, question);
        if (gap !== undefined) return { pair, transport, atom, address: gap === 'local' ? undefined : gap };
      }
    }
  }
  return undefined;
}

/** A gap, and whether its connections certainly exist and no rule of the question can match them. */
export interface JudgedGap {
  readonly gap: Gap;
  readonly certain: boolean;
}

/**
 * Returns a gap of a region that certainly exists, if there is one; otherwise a gap that can disappear with missing
 * facts. The result is `undefined` if the rules match all connections of the region.
 *
 * @param ask returns the parameters of the search in a mode
 */
export function surestGap(region: Region, ask: (mode: Question['mode']) => Question): JudgedGap | undefined {
  const question = ask('sure');
  const gap = findGap(region, question);
  if (gap === undefined) return undefined;
  if (!region.certain) return { gap, certain: false };
  const isExact = question.layers.every(({ index }) => index.isExact);
  const surely = isExact ? gap : findGap(region, ask('possible'));
  return { gap: surely ?? gap, certain: surely !== undefined };
}

/**
 * Returns the transports to search. If all rules with addresses match the same TCP transports, the result for the first
 * TCP transport holds for all, so only this transport is searched.
 */
function distinctTransports(transports: TransportSet, covering: readonly Covering[]): TransportSet {
  const overTcp = transports & ~bitOf('local');
  for (const { buckets } of covering) {
    for (const { common } of buckets) if ((overTcp & ~common) !== 0) return transports;
  }
  return (transports & bitOf('local')) | (overTcp & -overTcp);
}

/** The addresses of the rules of one layer that match a pair, grouped by bucket. */
interface Covering {
  readonly buckets: readonly BucketAddresses[];
  readonly limit: number;
  readonly isFirst: boolean;
}

function coveringOf(pair: Pair, question: Question): Covering[] {
  return question.layers.map(({ index, limit }, i) => {
    return { buckets: index.addressesFor(pair, limit, question), limit, isFirst: i === 0 };
  });
}

type GapAddress = NonNullable<Gap['address']>;

function gapOfAtom(
  atom: AddressAtom,
  transport: Transport,
  covering: readonly Covering[],
  question: Question,
): GapAddress | 'local' | undefined {
  if (question.mode === 'possible' && isBehindUnread(question)) return undefined;
  if (atom.kind === 'local') return isLocalCovered(covering, question) ? undefined : 'local';
  const bit = bitOf(transport);
  if (isOpen(atom)) {
    if (isOpenCovered(atom, bit, covering, question)) return undefined;
    // With the mode `possible`, a rule with any network can match the unknown addresses.
    if (question.mode === 'possible' && hasTcpRule(bit, covering, question)) return undefined;
    for (const range of [wholeFamily.ipv4, wholeFamily.ipv6]) {
      const number = gapOfRange(range, bit, covering, question);
      if (number !== undefined) return { family: range.family, number };
    }
    return undefined;
  }
  if (atom.within?.some((open) => isOpenCovered(open, bit, covering, question)) === true) return undefined;
  if (question.mode === 'possible' && isPossiblyOpen(atom, bit, covering, question)) return undefined;
  const family = familyOf(atom);
  const number =
    atom.kind === 'range'
      ? gapOfRange(atom.range, bit, covering, question)
      : gapOfCubes(cubesOf(atom), family, bit, covering, question);
  return number === undefined ? undefined : { family, number };
}

function isLocalCovered(covering: readonly Covering[], { used }: Question): boolean {
  let first: number | undefined;
  for (const { buckets, limit, isFirst } of covering) {
    for (const { local } of buckets) {
      if (local >= limit) continue;
      if (isFirst) first = Math.min(first ?? local, local);
      else first ??= Number.POSITIVE_INFINITY;
    }
  }
  if (first !== undefined && Number.isFinite(first)) used?.add(first);
  return first !== undefined;
}

function isOpenCovered(atom: OpenAddress, bit: number, covering: readonly Covering[], { used }: Question): boolean {
  for (const { buckets, limit, isFirst } of covering) {
    for (const { open } of buckets) {
      const rule = open?.firstFor(atom, bit);
      if (rule === undefined || rule >= limit) continue;
      if (isFirst) used?.add(rule);
      return true;
    }
  }
  return false;
}

/** The largest number of addresses that a host name is assumed to have. */
const addressesOfHost = 256;

/** Returns whether a file that was not read can contain a rule for every connection. */
function isBehindUnread({ layers, used }: Question): boolean {
  const found = layers.map(({ index, limit }) => index.unread.filter((rule) => rule < limit));
  for (const rule of found[0] ?? []) used?.add(rule);
  return found.some((rules) => rules.length > 0);
}

/**
 * Returns whether a rule for a host name, `samehost` or `samenet` can match all addresses of a set. Only a fact about
 * the server can tell the addresses of such a rule.
 */
function isPossiblyOpen(
  atom: Exclude<AddressAtom, { kind: 'local' }>,
  bit: number,
  covering: readonly Covering[],
  question: Question,
): boolean {
  const isSmall = atom.kind === 'range' && BigInt(atom.range.next) - BigInt(atom.range.start) <= addressesOfHost;
  return anyRule(covering, question, function* ({ open }) {
    for (const { atom: wide, transports, rule } of open?.entries ?? []) {
      const isWide = wide.kind === 'samenet' || (wide.kind === 'host-name' && wide.hostName.startsWith('.'));
      yield (transports & bit) !== 0 && (isSmall || isWide) ? rule : undefined;
    }
  });
}

/**
 * Returns whether a rule for TCP connections has an index below the limit of its layer. Such a rule can match addresses
 * that only a fact about the server can tell.
 */
function hasTcpRule(bit: number, covering: readonly Covering[], question: Question): boolean {
  const transport = firstTcp(bit);
  return anyRule(covering, question, function* ({ ipv4, ipv6, masked, open }) {
    for (const odd of [open?.entries ?? [], masked.ipv4, masked.ipv6]) {
      for (const { transports, rule } of odd) yield (transports & bit) === 0 ? undefined : rule;
    }
    for (const forest of [ipv4, ipv6]) for (const { first } of forest?.blocks ?? []) yield first[transport];
  });
}

/**
 * Returns whether one of the rules that `list` returns has an index below the limit of its layer. The indexes of such
 * rules of the first layer are added to `used`.
 */
function anyRule(
  covering: readonly Covering[],
  { budget, used }: Question,
  list: (bucket: BucketAddresses) => Iterable<number | undefined>,
): boolean {
  let found = false;
  for (const { buckets, limit, isFirst } of covering) {
    for (const bucket of buckets) {
      for (const rule of list(bucket)) {
        budget.take();
        if (rule === undefined || rule >= limit) continue;
        found = true;
        // If the caller does not collect the rules in `used`, the first match ends the search.
        if (used === undefined) return true;
        if (isFirst) used.add(rule);
      }
    }
  }
  return found;
}

/** The IPv4-mapped addresses. No client has such an address, because the server sees the IPv4 address. */
export const mappedAddresses: AddressRange = rangeOfPrefix('ipv6', 0xffff00000000n, 96);

const mappedCube: CoveringCube = { ...cubeOfNetwork(mappedAddresses), rule: -1 };

function isMapped(family: IpFamily, address: AddressNumber): boolean {
  return family === 'ipv6' && address >= mappedAddresses.start && address < mappedAddresses.next;
}

/**
 * Returns the first address of a range that no network of the rules contains. The search jumps from the end of one
 * network to the next network.
 */
function gapOfRange(
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
function gapOfCubes(
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
