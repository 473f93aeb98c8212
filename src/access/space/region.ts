import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import type { TransportSet } from '../rules/transport.ts';
import { type AddressAtom, addressAtoms, meetAddresses } from './address-atom.ts';
import { type DatabaseAtom, databaseAtom, type Pair, pairOf, type UserAtom, userAtom } from './atom.ts';
import type { Budget } from './budget.ts';
import { meetPairs } from './meet.ts';
import type { RulesByName } from './rules-by-name.ts';

/** Connections: each pair of names with each address over each transport. */
export interface Region {
  /** Databases and users. */
  readonly pairs: readonly Pair[];
  /** Addresses. */
  readonly addresses: readonly AddressAtom[];
  /** Transports. */
  readonly transports: TransportSet;
  /** Whether such a connection exists for certain. */
  readonly certain: boolean;
}

/** A rule with so many pairs has its names grouped first. */
const fewPairs = 64;

/** The connections that a rule matches. @param indexes where the region is going to be asked about */
export function regionOf(rule: AccessRule, facts: AccessFacts, indexes: readonly RulesByName[]): Region {
  return {
    pairs: pairsOf(rule, indexes),
    addresses: addressAtoms(rule.address, facts),
    transports: rule.transports,
    certain: true,
  };
}

function pairsOf({ databases, users }: AccessRule, indexes: readonly RulesByName[]): Pair[] {
  const isFew = databases.length * users.length <= fewPairs;
  const databaseAtoms: readonly DatabaseAtom[] = (isFew ? databases : grouped(databases, 'databases', indexes)).map(
    databaseAtom,
  );
  const userAtoms: readonly UserAtom[] = (isFew ? users : grouped(users, 'users', indexes)).map(userAtom);
  const pairs: Pair[] = [];
  for (const database of databaseAtoms) for (const user of userAtoms) pairs.push(pairOf(database, user));
  return pairs;
}

/** The elements, with a few names for each group that no index tells apart. */
function grouped<E>(
  elements: readonly (E | string)[],
  column: 'databases' | 'users',
  indexes: readonly RulesByName[],
): (E | string)[] {
  const names = [...new Set(elements.filter((element) => typeof element === 'string'))];
  const kept = indexes.map((index) => index.representatives(names, column));
  const others = elements.filter((element) => typeof element !== 'string');
  // Two files may tell different names apart: names that one index groups may be apart in the other.
  const together = kept.length === 1 ? kept[0]! : names;
  return [...others, ...together];
}

/** The connections that two regions share, if they share some. */
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
