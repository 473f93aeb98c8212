import { cutStartupName } from '../../c/names.ts';
import type { HbaUser } from '../../hba/rule.ts';
import {
  type AuthMethod,
  authMethodRow,
  authMethods,
  type ConnectionType,
  connectionTypes,
} from '../../hba/tables/tables.ts';
import type { AddressRange } from '../../net/number.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import { type AccessFacts, membersOf } from '../rules/facts.ts';
import { certificateLevels } from '../rules/outcome.ts';
import { bitOf, type TransportSet, transportSet, transports, transportsOfType } from '../rules/transport.ts';
import { type AddressAtom, everywhere, localAtom } from '../space/address-atom.ts';
import { type DatabaseAtom, databaseAtom, type Pair, pairOf, userAtom } from '../space/atom.ts';
import { coversUser, type NameFacts, onlyFacts } from '../space/covers.ts';
import type { Region } from '../space/region.ts';
import { type ConnectionScope, type ExactRole, readNetwork, readUser, type SearchScope } from './scope.ts';

/** A part of a scope: connections, excluded names, and a test of the deciding rule. */
export interface ScopePart {
  /** A set of connections from which the users and databases below are left out. */
  readonly region: Region;
  /** The users whose connections are left out. */
  readonly withoutUsers: readonly HbaUser[];
  /** The databases whose connections are left out. */
  readonly withoutDatabases: readonly string[];
  /**
   * Returns whether the scope includes connections that this rule decides. For the lines of a file that was not read,
   * the result is always `true`.
   */
  accepts(rule: DecidingRule | undefined): boolean;
}

/** A test of the deciding rule; `undefined` if no rule matches. */
type Test = (rule: DecidingRule | undefined) => boolean;

/** The properties of a rule that a scope restricts. */
type DecidingRule = Pick<AccessRule, 'method' | 'outcome'>;

interface Fields {
  readonly transports: TransportSet;
  readonly from: readonly AddressAtom[];
  readonly databases: readonly string[] | undefined;
  readonly users: SearchScope['users'] | undefined;
  readonly replication: ConnectionScope['replication'];
  readonly withoutUsers: readonly string[];
  readonly withoutDatabases: readonly string[];
  readonly tests: readonly Test[];
}

/**
 * Splits a scope into parts without the field `not`. A connection does not match `not` if it fails at least one field
 * of `not`, so each field of `not` becomes a part of its own.
 *
 * @param facts the members of the roles that the scope names
 * @param without connections that are left out, in addition to `not` of the scope
 */
export function scopeParts(
  scope: SearchScope,
  facts: AccessFacts,
  without: readonly ConnectionScope[] = [],
): readonly ScopePart[] {
  const { not, ...own } = scope;
  const nots = not === undefined ? without : [not, ...without];
  return nots
    .reduce((parts, each) => parts.flatMap((part) => minus(part, each)), [fieldsOf(own)])
    .map((each) => partOf(each, facts));
}

function minus(base: Fields, not: ConnectionScope): Fields[] {
  const parts: Fields[] = [];
  if (not.transport !== undefined) parts.push({ ...base, transports: base.transports & ~transportSet(not.transport) });
  if (not.from !== undefined) parts.push({ ...base, from: withoutNetworks(base.from, not.from) });
  if (not.users !== undefined) parts.push({ ...base, withoutUsers: [...base.withoutUsers, ...not.users] });
  if (not.databases !== undefined) {
    parts.push({ ...base, withoutDatabases: [...base.withoutDatabases, ...not.databases.map(cutStartupName)] });
    // A physical replication connection has no database name, so a list of databases in `not` never excludes this
    // connection.
    if (base.replication !== 'none' && base.databases === undefined) parts.push({ ...base, replication: 'physical' });
  }
  if (not.replication !== undefined && base.replication !== not.replication) {
    const other = not.replication === 'physical' ? 'none' : 'physical';
    if (other === 'none' || base.databases === undefined) parts.push({ ...base, replication: other });
  }
  for (const test of testsOf(not)) parts.push({ ...base, tests: [...base.tests, inverted(test)] });
  return parts;
}

function inverted(test: Test): Test {
  return (rule) => !test(rule);
}

function fieldsOf(scope: SearchScope): Fields {
  const given = scope.transport === undefined ? (1 << transports.length) - 1 : transportSet(scope.transport);
  const networks = scope.from?.flatMap((text) => readNetwork(text));
  return {
    transports: given,
    from: networks ?? [localAtom, ...everywhere],
    databases: scope.databases?.map(cutStartupName),
    users: scope.users,
    replication: scope.replication,
    withoutUsers: [],
    withoutDatabases: [],
    tests: testsOf(scope),
  };
}

function testsOf({ method, certificate, outcome }: Omit<ConnectionScope, 'users'>): Test[] {
  const tests: Test[] = [];
  if (method !== undefined) {
    // The server refuses every connection of a rule that demands a certificate if the server cannot check certificates.
    // The method of such a rule does not count.
    const counts = (rule: DecidingRule): boolean => rule.outcome.kind === 'way-in' || rule.method === 'reject';
    tests.push((rule) => rule !== undefined && counts(rule) && method.includes(rule.method));
  }
  if (certificate !== undefined) {
    tests.push((rule) => rule?.outcome.kind === 'way-in' && certificate.includes(rule.outcome.certificate));
  }
  if (outcome !== undefined) tests.push((rule) => (rule?.outcome.kind ?? 'refused') === outcome);
  return tests;
}

function partOf(fields: Fields, facts: AccessFacts): ScopePart {
  const { databases, users, replication, tests } = fields;
  const databaseAtoms: DatabaseAtom[] = [];
  if (replication !== 'physical') {
    for (const name of databases ?? [{ keyword: 'all' } as const]) databaseAtoms.push(databaseAtom(name));
  }
  // A physical replication connection has no database name, so a scope with a list of databases does not include this
  // connection.
  const isPhysical = replication !== 'none' && databases === undefined;
  if (isPhysical && fields.withoutDatabases.length === 0) databaseAtoms.push(databaseAtom({ keyword: 'replication' }));
  const userAtoms = (users?.flatMap((user) => usersIn(user, facts)) ?? [{ keyword: 'all' } as const]).map(userAtom);
  const pairs = databaseAtoms.flatMap((database) => userAtoms.map((user) => pairOf(database, user)));
  return {
    region: { pairs, addresses: fields.from, transports: fields.transports, certain: true },
    withoutUsers: fields.withoutUsers.flatMap((user) => usersIn(user, facts)),
    withoutDatabases: fields.withoutDatabases,
    accepts: (rule) => rule?.outcome.kind === 'unknown' || tests.every((test) => test(rule)),
  };
}

/** Converts a user of a scope. `+role` is replaced by the members of the role if the facts contain these members. */
function usersIn(text: string | ExactRole, facts: AccessFacts): readonly HbaUser[] {
  const user = readUser(text);
  if (typeof user !== 'object' || !('memberOf' in user)) return [user];
  return membersOf(user.memberOf, facts) ?? [user];
}

/**
 * Removes the users and databases that a part of a scope leaves out from a region; returns `undefined` if no connection
 * is left.
 */
export function withoutNames(region: Region, part: ScopePart, names: NameFacts): Region | undefined {
  const pairs = region.pairs.flatMap((pair): Pair[] => {
    const verdicts = part.withoutUsers.map((user) => coversUser(user, pair.user, names));
    const { database } = pair;
    if (verdicts.includes(true)) return [];
    if (database.kind === 'name' && part.withoutDatabases.includes(database.name)) return [];
    return verdicts.includes(undefined) ? [{ ...pair, certain: false }] : [pair];
  });
  if (pairs.length === 0) return undefined;
  return { ...region, pairs, certain: region.certain && pairs.some(({ certain }) => certain) };
}

/** Returns whether a scope contains no connection, whatever the files and the facts are. */
export function isEmptyScope(scope: SearchScope, without: readonly ConnectionScope[] = []): boolean {
  return scopeParts(scope, {}, without).every((part) => {
    return (
      !possibleRules(transportsOf(part.region)).some(part.accepts) ||
      withoutNames(part.region, part, onlyFacts({})) === undefined
    );
  });
}

/** Returns the transports of the connections of a scope, whatever the files and the facts are. */
export function transportsOfScope(scope: SearchScope): TransportSet {
  return scopeParts(scope, {}).reduce((all, { region }) => all | transportsOf(region), 0);
}

function transportsOf({ addresses, transports: set }: Region): TransportSet {
  const [local, tcp] = [set & bitOf('local'), set & ~bitOf('local')];
  return addresses.reduce((all, { kind }) => all | (kind === 'local' ? local : tcp), 0);
}

/**
 * Returns every combination of method and outcome that a rule can have if it decides connections over these transports.
 * The element `undefined` means that no rule matches.
 */
function possibleRules(reached: TransportSet): (DecidingRule | undefined)[] {
  if (reached === 0) return [];
  const waysIn = Object.keys(authMethods).flatMap((name): DecidingRule[] => {
    const method = name as AuthMethod;
    if (method === 'reject') return [];
    const decided = transportsOfMethod(method) & reached;
    const levels = certificateLevels.filter((level) => {
      if (method === 'cert' && level !== 'verify-full') return false;
      return (decided & (level === 'none' ? ~0 : bitOf('ssl'))) !== 0;
    });
    return levels.map((certificate) => ({ method, outcome: { kind: 'way-in', method, certificate } }));
  });
  return [...waysIn, undefined];
}

/**
 * Returns the transports over which a rule with this method can decide. A `local` rule with `ident` has the method
 * `peer`.
 */
function transportsOfMethod(method: AuthMethod): TransportSet {
  const { types = Object.keys(connectionTypes) as ConnectionType[] } = authMethodRow(method);
  const set = types.reduce((all, type) => all | transportsOfType(type), 0);
  return method === 'ident' ? set & ~bitOf('local') : set;
}

/**
 * Subtracts networks from sets of addresses. A connection over a Unix socket is in no network, so `local` always stays.
 */
function withoutNetworks(atoms: readonly AddressAtom[], networks: readonly string[]): readonly AddressAtom[] {
  let ranges = atoms.flatMap((atom) => (atom.kind === 'range' ? [atom.range] : []));
  for (const atom of networks.flatMap((text) => readNetwork(text))) {
    if (atom.kind === 'range') ranges = ranges.flatMap((range) => subtract(range, atom.range));
  }
  // The largest ranges come first: an example address is then taken from a large range rather than from a small one.
  ranges = ranges.toSorted((a, b) => sizeOf(b) - sizeOf(a));
  const local = atoms.filter(({ kind }) => kind === 'local');
  return [...local, ...ranges.map((range) => ({ kind: 'range', range }) as const)];
}

function sizeOf({ start, next }: AddressRange): number {
  return Number(next) - Number(start);
}

function subtract(range: AddressRange, other: AddressRange): AddressRange[] {
  if (range.family !== other.family || other.next <= range.start || other.start >= range.next) return [range];
  const { family, start, next } = range;
  return [
    ...(start < other.start ? [{ family, start, next: other.start }] : []),
    ...(other.next < next ? [{ family, start: other.next, next }] : []),
  ];
}
