import { firstTcp } from '../rules/transport.ts';
import type { AddressAtom, OpenAddress } from './address-atom.ts';
import type { Pair } from './atom.ts';
import type { BucketAddresses } from './bucket.ts';
import type { Budget } from './budget.ts';
import type { NameFacts } from './covers.ts';
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

/** The addresses of the rules of one layer that match a pair, grouped by bucket. */
export interface Covering {
  readonly buckets: readonly BucketAddresses[];
  /** Only rules whose index is below `limit` count. */
  readonly limit: number;
  /** `true` for the first layer, whose rules are reported in `used` of the question. */
  readonly isFirst: boolean;
}

/** Returns the addresses of the rules that match a pair, by layer. */
export function coveringOf(pair: Pair, question: Question): Covering[] {
  return question.layers.map(({ index, limit }, i) => {
    return { buckets: index.addressesFor(pair, limit, question), limit, isFirst: i === 0 };
  });
}

/** Returns whether a rule matches all connections over the Unix socket. */
export function isLocalCovered(covering: readonly Covering[], { used }: Question): boolean {
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

/** Returns whether a rule certainly matches all addresses of a host name, `samehost` or `samenet`. */
export function isOpenCovered(
  atom: OpenAddress,
  bit: number,
  covering: readonly Covering[],
  { used }: Question,
): boolean {
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
export function isBehindUnread({ layers, used }: Question): boolean {
  const found = layers.map(({ index, limit }) => index.unread.filter((rule) => rule < limit));
  for (const rule of found[0] ?? []) used?.add(rule);
  return found.some((rules) => rules.length > 0);
}

/**
 * Returns whether a rule for a host name, `samehost` or `samenet` can match all addresses of a set. Only a fact about
 * the server can tell the addresses of such a rule.
 */
export function isPossiblyOpen(
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
export function hasTcpRule(bit: number, covering: readonly Covering[], question: Question): boolean {
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
