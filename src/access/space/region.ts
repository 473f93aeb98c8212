import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import type { TransportSet } from '../rules/transport.ts';
import { type AddressAtom, addressAtoms, meetAddresses } from './address-atom.ts';
import { type DatabaseAtom, databaseAtom, type Pair, pairOf, type UserAtom, userAtom } from './atom.ts';
import type { Budget } from './budget.ts';
import { meetPairs } from './meet.ts';
import type { RulesByName } from './rules-by-name.ts';

/** A set of connections: each pair of names with each address over each transport. */
export interface Region {
  /** The pairs of database and user. */
  readonly pairs: readonly Pair[];
  /** Addresses. */
  readonly addresses: readonly AddressAtom[];
  /** Transports. */
  readonly transports: TransportSet;
  /** `true` if such a connection certainly exists. */
  readonly certain: boolean;
}

/** The number of pairs up to which the names of a rule are not grouped. */
const fewPairs = 64;

/** Returns the connections that a rule matches. @param indexes the indexes in which the region will be searched */
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

/** Returns the elements. If no index distinguishes some names, only a few of them are kept. */
function grouped<E>(
  elements: readonly (E | string)[],
  column: 'databases' | 'users',
  indexes: readonly RulesByName[],
): (E | string)[] {
  const names = [...new Set(elements.filter((element) => typeof element === 'string'))];
  const kept = indexes.map((index) => index.representatives(names, column));
  const others = elements.filter((element) => typeof element !== 'string');
  // If there are two files, all names are kept: one file can distinguish names that the other file does not.
  const together = kept.length === 1 ? kept[0]! : names;
  return [...others, ...together];
}

/** Returns the connections that two regions share, if they share some. */
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
