import { cutStartupName } from '../../c/names.ts';
import { type AccessRule, mapOf } from '../rules/access-rule.ts';
import { type AccessFacts, membersOf } from '../rules/facts.ts';
import { type AccessInput, isNamespaced } from '../rules/input.ts';
import { type MappedUsers, usersOfMap } from '../rules/mapped-users.ts';
import { type FoundInScope, ScopeFinder } from '../scope/find-in-scope.ts';
import type { Scope } from '../scope/scope.ts';
import type { Analysis } from '../space/analysis.ts';

type Certainty = 'certain' | 'maybe' | 'no';

/**
 * Returns whether a rule that authenticates connections of a scope lets in a user of the scope. A map lets in only the
 * users of its mappings, and only roles that exist can log in.
 */
export function whetherAdmitted(found: FoundInScope, scope: Scope, input: AccessInput, analysis: Analysis): Certainty {
  // The users of the scope are not the roles that the server looks up.
  if (isNamespaced(input)) return 'maybe';
  const { rule, witnesses, certain } = found;
  const best = certain && rule?.outcome.kind === 'way-in' ? 'certain' : 'maybe';
  const { roles } = analysis.list.facts;
  const mapped = usersOfMap(rule, input);
  const isEveryone = mapped.names === undefined;
  if (
    isEveryone &&
    (roles === undefined || (witnesses[0] !== undefined && roles.includes(witnesses[0].connection.user)))
  )
    return mapped.isOpen ? 'maybe' : best;
  const existing = isEveryone ? roles! : namesOfMap(mapped, roles, scope);
  const users = inScope(existing, scope, analysis.list.facts);
  const otherwise = mapped.isOpen ? 'maybe' : 'no';
  if (users === undefined) return 'maybe';
  if (users.length === 0) return otherwise;
  const ofUsers = { ...scope, outcome: 'way-in', users: users.map((role) => ({ role })) } as const;
  const again = new ScopeFinder(analysis, ofUsers).find(rule);
  if (again === undefined) return otherwise;
  return again.certain ? best : 'maybe';
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
  { names, substitutes, isOpen }: MappedUsers,
  finder: ScopeFinder,
): UnmappedUser | undefined {
  const name = cutStartupName(user);
  const isMapped = names === undefined ? !isOpen : names.includes(name) || substitutes(name);
  const found = isMapped ? undefined : finder.find(rule);
  if (found === undefined) return undefined;
  const map = mapOf(rule);
  const words = isOpen
    ? `and it is not known whether map "${map}" lets in this user`
    : `but map "${map}" does not let in this user`;
  return { ...found, certain: found.certain && !isOpen, words };
}

/** Returns the users that are in the scope; `undefined` if that depends on the members of a role. */
function inScope(names: readonly string[], { users }: Scope, facts: AccessFacts): readonly string[] | undefined {
  if (users === undefined) return names;
  const wanted = new Set<string>();
  for (const user of users) {
    const members = user.startsWith('+') ? membersOf(user.slice(1), facts) : [user];
    if (members === undefined) return undefined;
    for (const each of members) wanted.add(each);
  }
  return names.filter((name) => wanted.has(name));
}
