import { given } from '../../arguments.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { addressBits } from '../../net/network.ts';
import { rangeOfPrefix } from '../../net/number.ts';
import { type MatchedConnection, readConnection } from '../match/connection.ts';
import { findRules } from '../match/match-rule.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessInput } from '../rules/input.ts';
import { refusalOfMap } from '../rules/map-key.ts';
import type { AddressAtom } from './address-atom.ts';
import type { Analysis } from './analysis.ts';
import type { DatabaseAtom, UserAtom } from './atom.ts';
import type { Maybe } from './covers.ts';
import type { Region } from './region.ts';
import { factsOf, type Witness } from './witness.ts';

/** The rule that decides an example connection in some files; `undefined` if no rule matches. */
export interface DecidedBy {
  readonly rule: AccessRule | undefined;
  readonly input: AccessInput;
  readonly analysis: Analysis;
}

/** An example of the connections of an answer, and whether the answer is certain. */
export interface Proof {
  readonly witness?: Witness;
  readonly certainty: 'certain' | 'maybe';
}

/**
 * Matches the examples against the rules again, and returns the first that the given rules decide. If there is none,
 * the answer is `maybe`, with an example that the rules decide if missing facts say so. A map of a pg_ident.conf that
 * the server refuses is such a fact.
 */
export function proofOf(witnesses: readonly Witness[], certain: boolean, decided: readonly DecidedBy[]): Proof {
  let possible: Witness | undefined;
  for (const witness of witnesses) {
    const verdicts = decided.map((each) => isDecided(witness, each));
    if (verdicts.every((verdict) => verdict === true)) return { witness, certainty: certain ? 'certain' : 'maybe' };
    if (!verdicts.includes(false)) possible ??= witness;
  }
  return { ...given({ witness: possible }), certainty: 'maybe' };
}

/**
 * Returns whether the given rule decides an example connection; `undefined` if that depends on missing facts or on a
 * map that is not known. Only the rules that can match the names and the address of the connection are compared,
 * because a comparison with all rules would take quadratic time for many examples.
 */
function isDecided(witness: Witness, { rule, input, analysis: { list, index } }: DecidedBy): Maybe {
  const connection = readConnection(witness.connection, input);
  const { facts } = list;
  const supposed = factsOf(witness, facts);
  // Without facts about roles, the user is a member only of the roles that the example assumes.
  const roles = witness.supposing?.flatMap((each) => ('member' in each ? [each.member[1]] : [])) ?? [];
  const client = {
    roles: facts.memberOf === undefined ? [connection.user, ...roles] : undefined,
    hostNames: supposed.hostNames?.map(pgAsciiToLower),
  };
  const near = index.rulesNear({ ...regionOfConnection(connection), client });
  const { found, possible } = findRules(near, connection, supposed);
  const end = found?.index ?? list.rules.length;
  const isUnread = index.unread.some((i) => i < end && (list.rules[i]!.transports & connection.transport) !== 0);
  if (possible.length > 0 || isUnread) return undefined;
  if (found?.outcome.kind === 'way-in' && refusalOfMap(found, input) !== undefined) return undefined;
  return found === rule;
}

function regionOfConnection({ transport, address, number, database, user, isPhysical }: MatchedConnection): Region {
  const name: UserAtom = { kind: 'name', name: user };
  const asked: DatabaseAtom = isPhysical ? { kind: 'physical' } : { kind: 'name', name: database };
  const atom: AddressAtom =
    address === undefined
      ? { kind: 'local' }
      : { kind: 'range', range: rangeOfPrefix(address.family, number!, addressBits(address.family)) };
  return {
    pairs: [{ database: asked, user: name, certain: true }],
    addresses: [atom],
    transports: transport,
    certain: true,
  };
}
