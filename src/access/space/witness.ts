import { formatIpAddress } from '../../net/ip.ts';
import { type AddressRange, addressOfNumber, meetRanges, rangeOfPrefix } from '../../net/number.ts';
import type { Connection } from '../match/connection.ts';
import { regexOf } from '../regex/regex.ts';
import { type AccessFacts, askMember } from '../rules/facts.ts';
import { bitOf } from '../rules/transport.ts';
import { type AddressAtom, isOpen, type OpenAddress } from './address-atom.ts';
import type { DatabaseAtom, OpenToken, Pair, UserAtom } from './atom.ts';
import type { Budget, SharedSteps } from './budget.ts';
import type { Question } from './covering.ts';
import type { NameFacts } from './covers.ts';
import { findGap, type Gap, surestGap } from './gap.ts';
import type { Region } from './region.ts';

/**
 * An assumption about a role, a host name or an interface under which an example connection proves the answer. The
 * caller gave no fact about it.
 */
export type Supposition =
  | {
      /** The user is a member of the role. */
      readonly member: readonly [user: string, role: string];
    }
  | {
      /** The client's address has this host name. */
      readonly hostName: string;
    }
  | {
      /** An interface of the server, or its network, has this address. */
      readonly interface: string;
    };

/** A connection that proves an answer, such as a connection that a given rule lets in. */
export interface Witness {
  /** The example connection. */
  readonly connection: Connection;
  /** The assumptions about the roles and the machine under which the connection proves the answer. */
  readonly supposing?: readonly Supposition[];
  /**
   * `true` if clients do not have the address of the example, because all other possible addresses are in networks such
   * as 0.0.0.0/8 or multicast networks as well.
   */
  readonly improbable?: boolean;
}

/** The ranges of addresses that clients can have, the likely ranges first. */
const likelyRanges: readonly AddressRange[] = [
  { family: 'ipv4', start: 2 ** 24, next: 127 * 2 ** 24 },
  { family: 'ipv4', start: 128 * 2 ** 24, next: 224 * 2 ** 24 },
  { family: 'ipv4', start: 127 * 2 ** 24 + 1, next: 128 * 2 ** 24 },
  rangeOfPrefix('ipv6', 0x2000n << 112n, 3),
  rangeOfPrefix('ipv6', 0xfc00n << 112n, 7),
  { family: 'ipv6', start: 1n, next: 2n },
  rangeOfPrefix('ipv6', 0xfe80n << 112n, 10),
];

/** A function that makes the parameters of the search that found a gap, for another search with its own budget. */
export type AskAgain = (budget: Budget) => Question;

/** A gap, and examples of its connections. */
export interface AskedGap {
  /** `true` if the connections certainly exist and no rule of the question can match them. */
  readonly certain: boolean;
  /** Returns examples of the connections, the best first; empty if the search took too many steps. */
  readonly witnesses: () => readonly Witness[];
}

/**
 * Searches regions for a gap that certainly exists, otherwise for a gap that can disappear with missing facts. The result
 * is `undefined` if the rules match all connections of the regions.
 */
export function askForGap(
  regions: (budget: Budget) => readonly Region[],
  { layers, names }: Pick<Question, 'layers' | 'names'>,
  steps: SharedSteps,
): AskedGap | undefined {
  const asked = steps.ask((budget) => {
    const gaps = regions(budget).flatMap((region) => surestGap(region, { layers, names, budget }) ?? []);
    return gaps.find(({ certain }) => certain) ?? gaps[0];
  });
  if (asked === undefined) return { certain: false, witnesses: () => [] };
  if (asked.answer === undefined) return undefined;
  const { gap, certain } = asked.answer;
  // No rule may match an example of a certain gap, whatever the missing facts are. For another gap, the rules that
  // missing facts could make match are taken not to match.
  const mode = certain ? 'possible' : 'sure';
  return { certain, witnesses: () => witnessesOf(gap, (budget) => ({ layers, names, budget, mode }), names, steps) };
}

/** Returns a gap with an address that a client can have, if there is such an address. */
function likelyGap(
  gap: Gap,
  question: AskAgain,
  steps: SharedSteps,
): { readonly gap: Gap; readonly improbable: boolean } {
  const { atom, pair, transport } = gap;
  if (atom.kind === 'local' || atom.kind === 'masked') return { gap, improbable: false };
  for (const likely of likelyRanges) {
    const range = atom.kind === 'range' ? meetRanges(atom.range, likely) : likely;
    if (range === undefined) continue;
    const region = {
      pairs: [pair],
      addresses: [atom.kind === 'range' ? { ...atom, range } : ({ kind: 'range', range } as const)],
      transports: bitOf(transport),
      certain: true,
    };
    // The example assumes that the address has the host name or belongs to the interface. Other rules for host names
    // and interfaces are assumed not to match the address.
    const found = steps.ask((budget) => {
      const asked = question(budget);
      return findGap(region, atom.kind === 'range' ? asked : { ...asked, mode: 'sure' });
    })?.answer;
    if (found !== undefined) return { gap: { ...found, atom }, improbable: false };
  }
  return { gap, improbable: true };
}

/**
 * Makes example connections of a gap, the best first. Where the gap has names that no line mentions, the examples have
 * invented names. Names of a regular expression can match another line, too, so there are several examples.
 */
export function witnessesOf(
  first: Gap,
  question: AskAgain,
  { freshUser, freshDatabase, scopeDatabases, facts }: NameFacts,
  steps: SharedSteps,
): readonly Witness[] {
  const { gap, improbable } = likelyGap(first, question, steps);
  const [userName, ...otherUsers] = namesOfAtom(gap.pair.user, freshUser);
  const { database } = gap.pair;
  const [databaseName, ...otherDatabases] =
    database.kind === 'same' || database.kind === 'physical' ? [''] : namesOfAtom(database, freshDatabase);
  const roles = isOfRoles(database) ? rolesOf(userName, facts).filter((role) => !scopeDatabases?.has(role)) : [];
  return [
    witness(gap, userName, databaseName, improbable),
    ...otherUsers.map((name) => witness(gap, name, databaseName, improbable)),
    ...otherDatabases.map((name) => witness(gap, userName, name, improbable)),
    ...roles.map((name) => {
      const pair: Pair = { ...gap.pair, database: { kind: 'name', name } };
      return witness({ ...gap, pair }, userName, name, improbable);
    }),
  ];
}

/** Returns whether the databases of a set are those that `samerole` matches. */
function isOfRoles(database: DatabaseAtom): boolean {
  return database.kind === 'open' && database.tokens.some(({ kind }) => kind === 'samerole');
}

/**
 * Returns the roles of which a user is certainly a member, the user first. If the facts list the roles, no role has an
 * invented name, so `samerole` matches only databases with the names of these roles.
 */
function rolesOf(user: string, facts: AccessFacts): readonly string[] {
  const { roles = [] } = facts;
  if (!roles.includes(user)) return [];
  return [user, ...roles.filter((role) => role !== user && askMember(facts, user, role) === true)];
}

/**
 * Makes an example connection of a gap with a user and a database.
 *
 * @param named the database; ignored if the gap has the database with the name of the user, or no database
 */
function witness(gap: Gap, userName: string, named: string, improbable: boolean): Witness {
  const supposing: Supposition[] = [];
  const { database, user } = gap.pair;
  for (const token of tokensOf(user)) if (token.kind === 'role') supposing.push({ member: [userName, token.role] });
  const isPhysical = database.kind === 'physical';
  const databaseName = database.kind === 'same' ? userName : isPhysical ? undefined : named;
  if (isOfRoles(database)) {
    supposing.push({ member: [userName, databaseName!] });
  }
  const address = gap.address && formatIpAddress(addressOfNumber(gap.address.family, gap.address.number));
  for (const open of supposedOf(gap.atom)) {
    if (open.kind !== 'host-name') supposing.push({ interface: address! });
    else supposing.push({ hostName: open.hostName.startsWith('.') ? `client${open.hostName}` : open.hostName });
  }
  return {
    connection: {
      transport: gap.transport,
      ...(address === undefined ? {} : { address }),
      ...(databaseName === undefined ? {} : { database: databaseName }),
      user: userName,
      ...(isPhysical ? { replication: 'physical' as const } : {}),
    },
    ...(supposing.length === 0 ? {} : { supposing }),
    ...(improbable ? { improbable } : {}),
  };
}

/** Returns the host names and interfaces to which the addresses of a set are assumed to belong. */
function supposedOf(atom: AddressAtom): readonly OpenAddress[] {
  if (isOpen(atom)) return [atom];
  return atom.kind === 'local' ? [] : (atom.within ?? []);
}

function tokensOf(atom: Gap['pair']['database']): readonly OpenToken[] {
  return atom.kind === 'open' ? atom.tokens : [];
}

/**
 * Returns names of a set, those first that no other line is likely to match. If the set has regular expressions, the
 * names match all of them.
 */
function namesOfAtom(atom: UserAtom, fresh: string): readonly [string, ...string[]] {
  if (atom.kind === 'name') return [atom.name];
  const regexes = atom.tokens.flatMap((token) => (token.kind === 'regex' ? [regexOf(token.regex)] : []));
  if (regexes.length === 0 || regexes.some((regex) => regex === undefined)) return [fresh];
  const example = regexes[0]!.example ?? fresh;
  const variants = [fresh, `${example}${fresh}`, `${example}-${fresh}`, `${fresh}${example}`, `${example}x`, example];
  const [name = example, ...others] = variants.filter((each) => regexes.every((regex) => regex!.test(each)));
  return [name, ...others];
}

/**
 * Returns the facts together with the assumptions of an example connection. Every other unknown fact is assumed to be
 * false.
 */
export function factsOf({ supposing = [] }: Witness, facts: AccessFacts): AccessFacts {
  const members = supposing.flatMap((each) => ('member' in each ? [each.member] : []));
  const hostNames = supposing.flatMap((each) => ('hostName' in each ? [each.hostName] : []));
  const interfaces = supposing.flatMap((each) => ('interface' in each ? [{ address: each.interface }] : []));
  return {
    ...facts,
    hostNames: facts.hostNames ?? hostNames,
    interfaces: facts.interfaces ?? interfaces,
    memberOf: (user, role) =>
      user === role || members.some(([u, r]) => u === user && r === role) || askMember(facts, user, role) === true,
  };
}
