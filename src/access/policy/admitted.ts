import { cutStartupName } from '../../c/names.ts';
import type { AuthMethod } from '../../hba/tables/tables.ts';
import type { IdentFile } from '../../ident/file.ts';
import type { IdentMapping } from '../../ident/mapping.ts';
import { type AccessRule, optionValue } from '../rules/access-rule.ts';
import { membersOf } from '../rules/facts.ts';
import { type AccessInput, ignoresCase } from '../rules/input.ts';
import { mappingsOf } from '../rules/map-key.ts';
import { type FoundInScope, ScopeFinder } from '../scope/find-in-scope.ts';
import type { Scope } from '../scope/scope.ts';
import type { Analysis } from '../space/analysis.ts';

type Certainty = 'certain' | 'maybe' | 'no';

/**
 * Returns whether a rule that authenticates connections of a scope lets in a user of the scope. A map lets in only the
 * users of its mappings, and only roles that exist can log in.
 */
export function whetherAdmitted(found: FoundInScope, scope: Scope, input: AccessInput, analysis: Analysis): Certainty {
  const { rule, witness, certain } = found;
  const best = certain && rule?.outcome.kind === 'way-in' ? 'certain' : 'maybe';
  const { roles } = analysis.list.facts;
  const mapped = usersOfMap(found, input);
  const isEveryone = mapped.names === undefined;
  if (isEveryone && (roles === undefined || (witness !== undefined && roles.includes(witness.connection.user))))
    return mapped.isOpen ? 'maybe' : best;
  const existing = isEveryone ? roles! : mapped.names.filter((name) => roles?.includes(name) !== false);
  const users = inScope(existing, scope, analysis);
  const otherwise = mapped.isOpen ? 'maybe' : 'no';
  if (users === undefined) return 'maybe';
  if (users.length === 0) return otherwise;
  const ofUsers = { outcome: 'way-in', ...scope, users: users.map((role) => ({ role })) } as const;
  const again = new ScopeFinder(analysis, ofUsers).find(rule);
  if (again === undefined) return otherwise;
  return again.certain ? best : 'maybe';
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
  const users = (scope.users ?? []).filter((user) => !user.startsWith('+'));
  const finders = users.map((user) => ({ user, finder: new ScopeFinder(analysis, { ...scope, users: [user] }) }));
  return rules.flatMap((rule) => {
    const mapped = rule?.outcome.kind === 'way-in' ? usersOfMap({ rule }, input) : undefined;
    if (rule === undefined || mapped === undefined) return [];
    return finders.flatMap(({ user, finder }) => unmappedUser(rule, user, mapped, finder) ?? []);
  });
}

function unmappedUser(
  rule: AccessRule,
  user: string,
  { names, isOpen }: MappedUsers,
  finder: ScopeFinder,
): UnmappedUser | undefined {
  const isMapped = names === undefined ? !isOpen : names.includes(cutStartupName(user));
  const found = isMapped ? undefined : finder.find(rule);
  if (found === undefined) return undefined;
  const map = optionValue(rule.options, 'map') ?? '';
  const words = isOpen
    ? `and it is not known whether map "${map}" lets in this user`
    : `but map "${map}" does not let in this user`;
  return { ...found, certain: found.certain && !isOpen, words };
}

interface MappedUsers {
  /** The users that the map lets in for certain; `undefined` if each user can be let in. */
  readonly names: readonly string[] | undefined;
  /** `true` if the map can let in further users. */
  readonly isOpen: boolean;
}

function usersOfMap({ rule }: Pick<FoundInScope, 'rule'>, { ident }: AccessInput): MappedUsers {
  const map = rule === undefined ? '' : (optionValue(rule.options, 'map') ?? '');
  if (map === '') return { names: undefined, isOpen: false };
  if (ident === undefined) return { names: undefined, isOpen: true };
  // Thousands of rules can name one map with thousands of mappings.
  const users = keptUsers.get(ident) ?? new Map<string, MappedUsers>();
  keptUsers.set(ident, users);
  const key = `${ignoresCase(rule!.method)} ${map}`;
  const kept = users.get(key) ?? usersOf(mappingsOf(ident, map), rule!.method);
  users.set(key, kept);
  return kept;
}

const keptUsers = new WeakMap<IdentFile, Map<string, MappedUsers>>();

function usersOf(mappings: readonly IdentMapping[] | undefined, method: AuthMethod): MappedUsers {
  if (mappings === undefined) return { names: undefined, isOpen: true };
  const names: string[] = [];
  // With krb_caseins_users, upper and lower case of the names do not count.
  let isOpen = ignoresCase(method);
  for (const { systemUser, pgUser } of mappings) {
    if (typeof pgUser === 'string') names.push(pgUser);
    else if ('substitute' in pgUser && typeof systemUser === 'string') names.push(pgUser.substitute);
    else if ('substitute' in pgUser || 'keyword' in pgUser) return { names: undefined, isOpen: false };
    else isOpen = true;
  }
  return { names, isOpen };
}

/** Returns the users that are in the scope; `undefined` if that depends on the members of a role. */
function inScope(names: readonly string[], { users }: Scope, analysis: Analysis): readonly string[] | undefined {
  if (users === undefined) return names;
  const wanted = new Set<string>();
  for (const user of users) {
    const members = user.startsWith('+') ? membersOf(user.slice(1), analysis.list.facts) : [user];
    if (members === undefined) return undefined;
    for (const each of members) wanted.add(each);
  }
  return names.filter((name) => wanted.has(name));
}
