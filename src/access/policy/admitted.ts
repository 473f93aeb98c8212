import { cutStartupName } from '../../c/names.ts';
import { isKeyword } from '../../hba/column-element.ts';
import { type AccessRule, mapOf } from '../rules/access-rule.ts';
import { type AccessFacts, membersOf } from '../rules/facts.ts';
import type { AccessInput } from '../rules/input.ts';
import { type MappedUsers, usersOfMap } from '../rules/mapped-users.ts';
import { type FoundInScope, ScopeFinder } from '../scope/find-in-scope.ts';
import type { ConnectionScope, Scope } from '../scope/scope.ts';
import type { Analysis } from '../space/analysis.ts';

/**
 * Finds the connections of a scope whose users the map of the deciding rule lets in. A rule with a map authenticates
 * every connection that it decides, but lets in only the users of its mappings.
 */
export class AdmittedFinder {
  readonly #scope: Scope;
  readonly #without: readonly ConnectionScope[];
  readonly #input: AccessInput;
  readonly #analysis: Analysis;
  readonly #roles: readonly string[] | undefined;
  /** The finders for the users of each map. Thousands of rules can name one map. */
  readonly #finders = new Map<MappedUsers, ScopeFinder | 'nobody' | 'unknown'>();

  /**
   * @param without connections that are left out, in addition to `not` of the scope
   * @param roles the only users that count; `undefined` for all users
   */
  constructor(
    scope: Scope,
    without: readonly ConnectionScope[],
    input: AccessInput,
    analysis: Analysis,
    roles: readonly string[] | undefined,
  ) {
    this.#scope = scope;
    this.#without = without;
    this.#input = input;
    this.#analysis = analysis;
    this.#roles = roles;
  }

  /**
   * Returns those of the connections that are let in, certain or not; `undefined` if there are none. Connections that
   * the rule refuses are returned unchanged.
   */
  find(found: FoundInScope): FoundInScope | undefined {
    const { rule, witnesses } = found;
    if (rule?.outcome.kind !== 'way-in') return found;
    const mapped = usersOfMap(rule, this.#input);
    const user = witnesses[0]?.connection.user;
    const counts = this.#roles === undefined || (user !== undefined && this.#roles.includes(user));
    if (counts && mapped.names === undefined) return mapped.isOpen ? { ...found, certain: false } : found;
    // Often the map lets in the user of the example, and no further search is necessary.
    if (counts && user !== undefined && isLetIn(user, mapped) && namesUser(rule, user)) return found;
    const finder = this.#finders.get(mapped) ?? this.#finderOf(mapped);
    this.#finders.set(mapped, finder);
    const again = typeof finder === 'string' ? undefined : finder.find(rule);
    if (again !== undefined) return { ...again, certain: again.certain && found.certain };
    if (finder !== 'unknown' && !this.#mayLetInFurther(mapped)) return undefined;
    const possible = witnesses.filter(({ connection }) => !mapped.excludes(connection.user));
    return { ...found, witnesses: possible, certain: false };
  }

  #finderOf(mapped: MappedUsers): ScopeFinder | 'nobody' | 'unknown' {
    const existing = mapped.names === undefined ? this.#roles! : namesOfMap(mapped, this.#roles, this.#scope);
    const users = inScope(existing, this.#scope, this.#analysis.list.facts);
    if (users === undefined) return 'unknown';
    if (users.length === 0) return 'nobody';
    const ofUsers = { ...this.#scope, outcome: 'way-in', users: users.map((role) => ({ role })) } as const;
    return new ScopeFinder(this.#analysis, ofUsers, this.#without);
  }

  /** Returns whether a map can let in users of the scope whom it does not let in for certain. */
  #mayLetInFurther({ isOpen, excludes }: MappedUsers): boolean {
    const { users = [] } = this.#scope;
    const isListed = users.length > 0 && listedUsers(this.#scope).length === users.length;
    const candidates = this.#roles ?? (isListed ? users : undefined);
    return isOpen && candidates?.every(excludes) !== true;
  }
}

/** Returns whether a map certainly lets in a user. */
function isLetIn(user: string, { names, substitutes }: MappedUsers): boolean {
  return names === undefined || names.includes(user) || substitutes(user);
}

/** Returns whether the user column of a rule contains a user by name, or all users. */
function namesUser({ users }: AccessRule, user: string): boolean {
  return users.some((each) => each === user || isKeyword(each, 'all'));
}

/** Returns the users whom a map certainly lets in, of the roles of the server, or if they are unknown, of the scope. */
function namesOfMap(mapped: MappedUsers, roles: readonly string[] | undefined, scope: Scope): readonly string[] {
  const named = mapped.names!.filter((name) => roles?.includes(name) !== false);
  return [...named, ...(roles ?? listedUsers(scope)).filter(mapped.substitutes)];
}

/** Returns the users that a scope lists by name. */
function listedUsers({ users = [] }: Scope): readonly string[] {
  return users.filter((user) => !user.startsWith('+'));
}

/** Connections of a user that a rule decides, but whom the map of the rule does not let in, or perhaps not. */
interface UnmappedUser extends FoundInScope {
  /** The problem in words, for the end of a message. */
  readonly words: string;
}

/**
 * Returns the users of a scope, listed by name, whose connections one of the rules decides but whom its map may not let
 * in.
 */
export function unmappedUsers(
  rules: readonly (AccessRule | undefined)[],
  scope: Scope,
  input: AccessInput,
  analysis: Analysis,
): readonly UnmappedUser[] {
  const finders = listedUsers(scope).map((user) => ({
    user,
    finder: new ScopeFinder(analysis, { ...scope, users: [user] }),
  }));
  return rules.flatMap((rule) => {
    const mapped = rule?.outcome.kind === 'way-in' ? usersOfMap(rule, input) : undefined;
    if (rule === undefined || mapped === undefined) return [];
    return finders.flatMap(({ user, finder }) => unmappedUser(rule, user, mapped, finder) ?? []);
  });
}

function unmappedUser(
  rule: AccessRule,
  user: string,
  mapped: MappedUsers,
  finder: ScopeFinder,
): UnmappedUser | undefined {
  const { names, isOpen, excludes } = mapped;
  const name = cutStartupName(user);
  const isMapped = names === undefined ? !isOpen : isLetIn(name, mapped);
  const found = isMapped ? undefined : finder.find(rule);
  if (found === undefined) return undefined;
  const isUnknown = isOpen && !excludes(name);
  const map = mapOf(rule);
  const who = map === '' ? 'clientname=DN without a map' : `map "${map}"`;
  const words = isUnknown
    ? `and it is not known whether ${who} lets in this user`
    : `but ${who} does not let in this user`;
  return { ...found, certain: found.certain && !isUnknown, words };
}

/** Returns the users that are in the scope; `undefined` if that depends on the members of a role. */
function inScope(names: readonly string[], { users }: Scope, facts: AccessFacts): readonly string[] | undefined {
  if (users === undefined) return names;
  const wanted = new Set<string>();
  for (const user of users) {
    const members = user.startsWith('+') ? membersOf(user.slice(1), facts) : [cutStartupName(user)];
    if (members === undefined) return undefined;
    for (const each of members) wanted.add(each);
  }
  return names.filter((name) => wanted.has(name));
}
