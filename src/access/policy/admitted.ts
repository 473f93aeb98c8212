import { cutStartupName } from '../../c/names.ts';
import type { AuthMethod } from '../../hba/tables/tables.ts';
import type { IdentFile } from '../../ident/file.ts';
import type { IdentMapping } from '../../ident/mapping.ts';
import { hasGroup } from '../../ident/read/pattern.ts';
import { fileTextOfToken, tokenOfFileText } from '../../text/bytes.ts';
import type { PgMajor } from '../../version.ts';
import { captureOf } from '../regex/capture.ts';
import { regexOf } from '../regex/regex.ts';
import { type AccessRule, mapOf } from '../rules/access-rule.ts';
import { type AccessFacts, membersOf } from '../rules/facts.ts';
import { type AccessInput, ignoresCase, isNamespaced } from '../rules/input.ts';
import { mappingsOf, substitutedName } from '../rules/map-key.ts';
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

interface MappedUsers {
  /** The users that the map lets in for certain; `undefined` if each user can be let in. */
  readonly names: readonly string[] | undefined;
  /** Returns whether a mapping with `\1` lets in a user for certain. */
  readonly substitutes: (user: string) => boolean;
  /** `true` if the map can let in further users. */
  readonly isOpen: boolean;
}

const everyone: MappedUsers = { names: undefined, substitutes: () => true, isOpen: false };
const perhapsEveryone: MappedUsers = { ...everyone, isOpen: true };

/** Returns the users whom the map of a rule lets in. */
function usersOfMap(rule: AccessRule | undefined, input: AccessInput): MappedUsers {
  const { hba, ident } = input;
  if (rule === undefined) return everyone;
  const map = mapOf(rule);
  if (map === '') return everyone;
  if (ident === undefined || isNamespaced(input)) return perhapsEveryone;
  // Thousands of rules can name one map with thousands of mappings.
  const users = keptUsers.get(ident) ?? new Map<string, MappedUsers>();
  keptUsers.set(ident, users);
  const key = `${ignoresCase(rule.method)} ${hba.version} ${map}`;
  const kept = users.get(key) ?? usersOf(mappingsOf(ident, map), rule.method, hba.version);
  users.set(key, kept);
  return kept;
}

const keptUsers = new WeakMap<IdentFile, Map<string, MappedUsers>>();

function usersOf(mappings: readonly IdentMapping[] | undefined, method: AuthMethod, version: PgMajor): MappedUsers {
  if (mappings === undefined) return perhapsEveryone;
  const names: string[] = [];
  const substitutions: Substitution[] = [];
  // With krb_caseins_users, upper and lower case of the names do not count.
  let isOpen = ignoresCase(method);
  for (const [at, { systemUser, pgUser }] of mappings.entries()) {
    if (typeof pgUser === 'string') names.push(pgUser);
    else if ('keyword' in pgUser) return everyone;
    else if (!('substitute' in pgUser)) isOpen = true;
    else if (typeof systemUser === 'string' || !hasGroup(systemUser.regex)) {
      // Here the server ends the search with an error, so that the mappings below may let in nobody.
      isOpen ||= at + 1 < mappings.length;
      break;
    } else {
      const substitution = { regex: systemUser.regex, substitute: pgUser.substitute };
      const example = regexOf(systemUser.regex)?.example;
      const name = example === undefined ? undefined : roleOf(substitution, example, version);
      if (name !== undefined) names.push(name);
      substitutions.push(substitution);
      isOpen = true;
    }
  }
  const substitutes = (user: string): boolean => substitutions.some((each) => letsIn(each, user, version));
  return { names, substitutes, isOpen };
}

/** A mapping whose role name contains the text that the first parenthesis of the regular expression matches. */
interface Substitution {
  readonly regex: string;
  readonly substitute: string;
}

/** Returns the role as which a mapping lets in a system user, if that is certain. */
function roleOf({ regex, substitute }: Substitution, systemUser: string, version: PgMajor): string | undefined {
  const capture = captureOf(regex, systemUser);
  if (capture?.kind !== 'match' || capture.text === undefined) return undefined;
  return substitutedName(substitute, capture.text, version);
}

/**
 * Returns whether a mapping certainly lets in a user. The function tries one system user: the text that the parenthesis
 * must match, between the texts with which each matched name begins and ends.
 */
function letsIn(mapping: Substitution, user: string, version: PgMajor): boolean {
  const { substitute, regex } = mapping;
  const parsed = regexOf(regex);
  if (parsed === undefined) return false;
  const literal = substitutedName(substitute, '', version).length;
  const count = substitutedName(substitute, 'x', version).length - literal;
  const start = substitute.indexOf('\\1');
  const text = user.slice(start, start + (user.length - literal) / count);
  const systemUser = tokenOfFileText(parsed.prefix + fileTextOfToken(text) + parsed.suffix, 'bytes');
  return roleOf(mapping, systemUser, version) === user;
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
