import type { IpFamily } from '../../net/ip.ts';
import { type AddressNumber, wholeFamily } from '../../net/number.ts';
import { bitOf, type Transport, type TransportSet, transportsIn } from '../rules/transport.ts';
import { type AddressAtom, cubesOf, familyOf, isOpen } from './address-atom.ts';
import { gapOfCubes, gapOfRange } from './address-gap.ts';
import type { Pair } from './atom.ts';
import type { SharedSteps } from './budget.ts';
import {
  type Covering,
  coveringOf,
  hasTcpRule,
  isBehindUnread,
  isLocalCovered,
  isOpenCovered,
  isPossiblyOpen,
  type Layer,
  type Question,
} from './covering.ts';
import type { NameFacts } from './covers.ts';
import { meetRegions, type Region } from './region.ts';

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

/** The rules of a search, the names that no rule mentions, and the computing steps that the search shares. */
export interface SearchedRules {
  readonly layer: Layer;
  readonly names: NameFacts;
  readonly steps: SharedSteps;
}

/**
 * Returns whether the rules of a layer together certainly match all connections of a region. If the search takes too
 * many steps, the result is `false`.
 */
export function isCovered(region: Region, { layer, names, steps }: SearchedRules): boolean {
  const asked = steps.ask((budget) => findGap(region, { layers: [layer], mode: 'sure', names, budget }));
  return asked !== undefined && asked.answer === undefined;
}

/**
 * Returns whether the rules of a layer leave some connections of two regions, which both regions contain; `undefined`
 * if no connection is in both regions. If the search takes too many steps, the result is `true`.
 */
export function leavesShared(
  [first, second]: readonly [Region, Region],
  { layer, names, steps }: SearchedRules,
): boolean | undefined {
  const asked = steps.ask((budget) => {
    const shared = meetRegions(first, second, names.facts, budget);
    return shared && { gap: findGap(shared, { layers: [layer], mode: 'sure', names, budget }) };
  });
  if (asked === undefined) return true;
  return asked.answer && asked.answer.gap !== undefined;
}

/** A gap, and whether its connections certainly exist and no rule of the question can match them. */
export interface JudgedGap {
  readonly gap: Gap;
  readonly certain: boolean;
}

/**
 * Returns a gap of a region that certainly exists, if there is one; otherwise a gap that can disappear with missing
 * facts. The result is `undefined` if the rules match all connections of the region.
 */
export function surestGap(region: Region, question: Omit<Question, 'mode'>): JudgedGap | undefined {
  const gap = findGap(region, { ...question, mode: 'sure' });
  if (gap === undefined) return undefined;
  if (!region.certain) return { gap, certain: false };
  const isExact = question.layers.every(({ index }) => index.isExact);
  const surely = isExact ? gap : findGap(region, { ...question, mode: 'possible' });
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

type GapAddress = NonNullable<Gap['address']>;

/** Returns an address of a set that no rule matches over a transport; `local` for the Unix socket. */
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
