import { addToGroup, groupBy } from '../../group-by.ts';
import type { AddressRange } from '../../net/number.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import { type TransportSet, tcpBits } from '../rules/transport.ts';
import { type AddressAtom, addressAtoms, mayMeet } from './address-atom.ts';
import { type Block, NetworkForest } from './network-forest.ts';
import { holdersOf } from './open-rules.ts';

/** Addresses and transports of a set of connections. */
export interface Addresses {
  /** The sets of client addresses. */
  readonly addresses: readonly AddressAtom[];
  /** The transports, as bits. */
  readonly transports: TransportSet;
}

/** The largest number of rules for which a search examines each rule and builds no index. */
const fewRules = 8;

/** An index of rules by address and transport. */
export class RulesByAddress {
  readonly #rules: readonly AccessRule[];
  readonly #facts: AccessFacts;
  #groups: readonly Group[] | undefined = undefined;

  /** @param rules the rules, in file order */
  constructor(rules: readonly AccessRule[], facts: AccessFacts) {
    this.#rules = rules;
    this.#facts = facts;
  }

  /**
   * Yields the rules that may match one of the addresses over one of the transports, in no order. A rule may be yielded
   * twice.
   *
   * @param from the smallest index of a rule to yield
   * @param hostNames the host names of the client, if they are known
   */
  *near(
    { addresses, transports }: Addresses,
    from: number,
    hostNames: readonly string[] | undefined,
  ): Generator<AccessRule> {
    if (this.#rules.length <= fewRules) {
      for (const rule of this.#rules) {
        if (rule.index < from || (rule.transports & transports) === 0) continue;
        if (mayMeet(addresses, addressAtoms(rule.address, this.#facts))) yield rule;
      }
      return;
    }
    // Rules are grouped by transports, so that a search for TLS connections skips all rules without TLS at once.
    this.#groups ??= Array.from(
      groupBy(this.#rules, (rule) => rule.transports),
      ([set, rules]) => new Group(set, rules, this.#facts),
    );
    for (const group of this.#groups)
      if ((group.transports & transports) !== 0) yield* group.near(addresses, from, hostNames);
  }
}

/** An index by address of rules that have the same transports. */
class Group {
  readonly transports: TransportSet;
  readonly #rules: readonly AccessRule[];
  /** The rules whose addresses are neither a network nor a host name, such as `samenet`. */
  readonly #odd: readonly AccessRule[];
  readonly #byHostName = new Map<string, AccessRule[]>();
  readonly #networks: Readonly<Record<AddressRange['family'], RulesOfNetworks>>;

  constructor(transports: TransportSet, rules: readonly AccessRule[], facts: AccessFacts) {
    this.transports = transports;
    this.#rules = rules;
    const odd = new Set<AccessRule>();
    const entries: Record<AddressRange['family'], Entry[]> = { ipv4: [], ipv6: [] };
    for (const rule of rules) {
      for (const atom of addressAtoms(rule.address, facts)) {
        if (atom.kind === 'range') entries[atom.range.family].push({ range: atom.range, rule });
        else if (atom.kind !== 'host-name') odd.add(rule);
        else addToGroup(this.#byHostName, atom.hostName, rule);
      }
    }
    this.#odd = [...odd];
    this.#networks = { ipv4: new RulesOfNetworks(entries.ipv4), ipv6: new RulesOfNetworks(entries.ipv6) };
  }

  *near(
    addresses: readonly AddressAtom[],
    from: number,
    hostNames: readonly string[] | undefined,
  ): Generator<AccessRule> {
    const isKnown = addresses.every(({ kind }) => kind === 'range');
    yield* rulesFrom(isKnown ? this.#odd : this.#rules, from);
    if (!isKnown) return;
    const names = hostNames?.flatMap(holdersOf) ?? this.#byHostName.keys();
    for (const name of names) yield* rulesFrom(this.#byHostName.get(name) ?? [], from);
    for (const atom of addresses)
      if (atom.kind === 'range') yield* this.#networks[atom.range.family].near(atom.range, from);
  }
}

/** A rule and one of its networks. */
interface Entry {
  readonly range: AddressRange;
  readonly rule: AccessRule;
}

/** An index of the rules by their networks, for one address family. */
class RulesOfNetworks {
  readonly #forest = new NetworkForest();
  readonly #rules = new Map<Block, AccessRule[]>();
  /**
   * A binary tree in an array. Node `i` is the parent of the nodes `2i` and `2i + 1`. The leaves begin at position
   * `#size`, one leaf for each network. The value of a node is the greatest rule index in its subtree.
   */
  readonly #greatest: Float64Array;
  readonly #size: number;

  constructor(entries: readonly Entry[]) {
    for (const { range, rule } of entries) this.#forest.add(range, tcpBits(rule.transports), rule.index);
    const { blocks } = this.#forest;
    for (const { range, rule } of entries) {
      let block = this.#forest.innermostAt(range.start)!;
      while (block.next !== range.next || block.start !== range.start) block = block.parent!;
      addToGroup(this.#rules, block, rule);
    }
    this.#size = 2 ** Math.ceil(Math.log2(blocks.length + 1));
    this.#greatest = new Float64Array(2 * this.#size).fill(-1);
    for (const [i, block] of blocks.entries()) this.#greatest[this.#size + i] = this.#rules.get(block)!.at(-1)!.index;
    for (let i = this.#size - 1; i > 0; i--) {
      this.#greatest[i] = Math.max(this.#greatest[2 * i]!, this.#greatest[2 * i + 1]!);
    }
  }

  /** Yields the rules whose network contains the range or is inside of the range. */
  *near({ start, next }: AddressRange, from: number): Generator<AccessRule> {
    for (let block = this.#forest.innermostAt(start); block !== undefined; block = block.parent) {
      if (block.start < start) yield* rulesFrom(this.#rules.get(block)!, from);
    }
    const { blocks } = this.#forest;
    const end = this.#forest.positionOf(next);
    for (let i = this.#nextFrom(this.#forest.positionOf(start), from); i < end; i = this.#nextFrom(i + 1, from)) {
      yield* rulesFrom(this.#rules.get(blocks[i]!)!, from);
    }
  }

  /**
   * Returns the position of the first network, at `position` or later, that has a rule with an index of at least
   * `from`.
   */
  #nextFrom(position: number, from: number): number {
    let node = this.#size + position;
    while (this.#greatest[node]! < from) {
      // Moves to the node of the tree that follows on the right.
      while ((node & 1) === 1) node >>= 1;
      if (node === 0) return Number.POSITIVE_INFINITY;
      node++;
    }
    while (node < this.#size) node = this.#greatest[2 * node]! >= from ? 2 * node : 2 * node + 1;
    return node - this.#size;
  }
}

/** Yields the rules whose index is at least `from`, the last rule first. */
function* rulesFrom(rules: readonly AccessRule[], from: number): Generator<AccessRule> {
  for (let i = rules.length - 1; i >= 0 && rules[i]!.index >= from; i--) yield rules[i]!;
}
