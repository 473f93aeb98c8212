import { isFileElement } from '../../hba/column-element.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import type { TransportSet } from '../rules/transport.ts';
import { type AddressAtom, addressAtoms, everywhere, localAtom, meetAddresses } from './address-atom.ts';
import { type DatabaseAtom, databaseAtom, type Pair, pairOf, type UserAtom, userAtom } from './atom.ts';
import type { Budget } from './budget.ts';
import { meetPairs } from './meet.ts';
import type { RulesByName } from './rules-by-name.ts';

/** A set of connections: every combination of a pair of database and user, an address and a transport. */
export interface Region {
  /** The databases and users of the connections, as pairs. */
  readonly pairs: readonly Pair[];
  /** The sets of client addresses. */
  readonly addresses: readonly AddressAtom[];
  /** The transports, as bits. */
  readonly transports: TransportSet;
  /** `true` if the set certainly contains a connection. */
  readonly certain: boolean;
}

/**
 * The largest number of pairs for which all names of a rule are kept. Beyond this number, a few names represent the
 * others.
 */
const fewPairs = 64;

/**
 * Returns the connections that a rule matches.
 *
 * @param indexes the rule indexes that are later searched for these connections
 */
export function regionOf(rule: AccessRule, facts: AccessFacts, indexes: readonly RulesByName[]): Region {
  return {
    pairs: pairsOf(rule, indexes),
    // The lines of a file that was not read can match any address, and the Unix socket as well.
    addresses: rule.rule === undefined ? [localAtom, ...everywhere] : addressAtoms(rule.address, facts),
    transports: rule.transports,
    certain: true,
  };
}

/** The regions of rules. The region of each rule is computed once. */
export class Regions {
  readonly #facts: AccessFacts;
  readonly #indexes: readonly RulesByName[];
  readonly #known = new Map<AccessRule, Region>();

  /** @param indexes the rule indexes that are later searched for the connections of the regions */
  constructor(facts: AccessFacts, indexes: readonly RulesByName[]) {
    this.#facts = facts;
    this.#indexes = indexes;
  }

  /** Returns the connections that a rule matches. */
  of(rule: AccessRule): Region {
    let region = this.#known.get(rule);
    if (region === undefined) {
      region = regionOf(rule, this.#facts, this.#indexes);
      this.#known.set(rule, region);
    }
    return region;
  }
}

function pairsOf({ databases, users }: AccessRule, indexes: readonly RulesByName[]): Pair[] {
  const isFew = databases.length * users.length <= fewPairs;
  const databaseAtoms: readonly DatabaseAtom[] = (isFew ? databases : grouped(databases, 'databases', indexes)).map(
    databaseAtom,
  );
  const userAtoms: readonly UserAtom[] = (isFew ? users : grouped(users, 'users', indexes)).map(userAtom);
  const pairs: Pair[] = [];
  for (const database of databaseAtoms) for (const user of userAtoms) pairs.push(pairOf(database, user));
  // An `@file` that was not read can contain the keyword `replication`.
  if (databases.some(isFileElement)) {
    const physical = databaseAtom({ keyword: 'replication' });
    for (const user of userAtoms) pairs.push(pairOf(physical, user, false));
  }
  return pairs;
}

/**
 * Returns the elements of a column. If the rules of a file cannot tell some names apart, only a few of these names are
 * kept.
 */
function grouped<E>(
  elements: readonly (E | string)[],
  column: 'databases' | 'users',
  indexes: readonly RulesByName[],
): (E | string)[] {
  const names = [...new Set(elements.filter((element) => typeof element === 'string'))];
  const kept = indexes.map((index) => index.representatives(names, column));
  const others = elements.filter((element) => typeof element !== 'string');
  // If there are two files, all names are kept, because rules of one file can tell names apart that the rules of the
  // other file treat alike.
  const together = kept.length === 1 ? kept[0]! : names;
  return [...others, ...together];
}

/** Returns the connections that are in both regions; `undefined` if the regions share none. */
export function meetRegions(a: Region, b: Region, facts: AccessFacts, budget: Budget): Region | undefined {
  const transports = a.transports & b.transports;
  if (transports === 0) return undefined;
  budget.take(a.addresses.length * b.addresses.length);
  const met = a.addresses.flatMap((one) => b.addresses.flatMap((other) => meetAddresses(one, other)));
  if (met.length === 0) return undefined;
  const pairs: Pair[] = [];
  for (const one of a.pairs) {
    for (const other of b.pairs) {
      budget.take();
      const pair = meetPairs(one, other, facts);
      if (pair !== undefined) pairs.push(pair);
    }
  }
  if (pairs.length === 0) return undefined;
  const certain = a.certain && b.certain && met.some((each) => each.certain) && pairs.some((pair) => pair.certain);
  return { pairs, addresses: met.map(({ atom }) => atom), transports, certain };
}
