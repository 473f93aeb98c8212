import { isFileElement, isKeyword } from '../../hba/column-element.ts';
import type { HbaDatabase, HbaUser } from '../../hba/rule.ts';
import { type Regex, regexOf } from '../regex/regex.ts';
import { type AccessFacts, askMember, isMember } from '../rules/facts.ts';
import { type OpenToken, type Pair, sameToken, type UserAtom } from './atom.ts';

/** The answer to a yes-no question; `undefined` if the answer depends on a fact that was not given. */
export type Maybe = boolean | undefined;

/** A user name and a database name that no line mentions, and the known facts. */
export interface NameFacts {
  readonly freshUser: string;
  readonly freshDatabase: string;
  /** The databases that a scope names. No example of the other databases has such a name. */
  readonly scopeDatabases?: ReadonlySet<string>;
  /** The known facts about the server. */
  readonly facts: AccessFacts;
}

/** Returns the known facts, for a question in which no invented name occurs. */
export function onlyFacts(facts: AccessFacts): NameFacts {
  return { facts, freshUser: '', freshDatabase: '' };
}

/** Returns whether an element of a user column matches all users of a set. */
export function coversUser(element: HbaUser, user: UserAtom, names: NameFacts): Maybe {
  if (typeof element === 'string') return user.kind === 'name' && user.name === element;
  if ('keyword' in element) return true;
  if ('memberOf' in element) return roleCovers(element.memberOf, user, names.facts);
  if ('file' in element) return openHolds(user, { kind: 'file', path: element.file }) ? true : undefined;
  return regexCovers(element.regex, user, names.freshUser);
}

/** Returns whether an element of a database column matches all databases of a pair. */
export function coversDatabase(element: HbaDatabase, { database, user }: Pair, names: NameFacts): Maybe {
  if (database.kind === 'physical') return isKeyword(element, 'replication') || mayHoldReplication(element);
  if (typeof element === 'string') return database.kind === 'name' && database.name === element;
  if ('keyword' in element) {
    switch (element.keyword) {
      case 'all':
        return true;
      case 'replication':
        return false;
      case 'sameuser':
        return database.kind === 'same' || (database.kind === 'name' && isName(user, database.name));
      default:
        return sameRoleCovers({ database, user }, names.facts);
    }
  }
  if ('file' in element) return openHolds(database, { kind: 'file', path: element.file }) ? true : undefined;
  // The database with the user's name can have any name that the user can have.
  if (database.kind === 'same')
    return user.kind === 'open' ? regexCovers(element.regex, user, names.freshUser) : undefined;
  return regexCovers(element.regex, database, names.freshDatabase);
}

/** Returns `undefined` for an unread `@file`, which can contain `replication`; `false` for other elements. */
function mayHoldReplication(element: HbaDatabase): Maybe {
  return isFileElement(element) ? undefined : false;
}

function isName(user: UserAtom, name: string): boolean {
  return user.kind === 'name' && user.name === name;
}

function openHolds(atom: Pair['database'], token: OpenToken): boolean {
  return atom.kind === 'open' && atom.tokens.some((each) => sameToken(each, token));
}

/** Returns whether all users of a set, such as the members of another role, are members of the role. */
function roleCovers(role: string, user: UserAtom, facts: AccessFacts): Maybe {
  if (user.kind === 'name') return isMember(facts, user.name, role);
  let verdict: Maybe = false;
  for (const token of user.tokens) {
    // Names that match a regular expression can be members of the role or not, so they do not give the answer `true`.
    const holds: Maybe =
      token.kind === 'role'
        ? token.role === role || askMember(facts, token.role, role)
        : token.kind === 'file'
          ? undefined
          : false;
    if (holds === true) return true;
    if (holds === undefined) verdict = undefined;
  }
  return verdict;
}

/** Returns whether each user of the pair is a member of the role that has the database's name. */
function sameRoleCovers({ database, user }: Pick<Pair, 'database' | 'user'>, facts: AccessFacts): Maybe {
  // Each role is a member of itself.
  if (database.kind === 'same') return true;
  if (database.kind === 'open') return openHolds(database, { kind: 'samerole' });
  return database.kind === 'name' && roleCovers(database.name, user, facts);
}

/** Returns whether a regular expression matches every name of a set. */
function regexCovers(pattern: string, atom: Pair['database'], freshName: string): Maybe {
  const regex = regexOf(pattern);
  if (regex?.isEverything === true) return true;
  if (atom.kind === 'name') return regex?.test(atom.name);
  if (atom.kind !== 'open') return undefined;
  if (openHolds(atom, { kind: 'regex', regex: pattern })) return true;
  if (regex === undefined) return undefined;
  // If the expression does not match the invented name, the answer is `false`. If the expression matches the invented
  // name, it may still not match other names.
  if (atom.tokens.length === 0) return regex.test(freshName) ? undefined : false;
  const patterns = atom.tokens.map((token) => (token.kind === 'regex' ? regexOf(token.regex) : undefined));
  if (patterns.some((other) => other !== undefined && holdsRegex(regex, other))) return true;
  return patterns.some((other) => other !== undefined && areApart(regex, other)) ? false : undefined;
}

function holdsRegex(wide: Regex, narrow: Regex): boolean {
  return wide.isPrefixOnly && narrow.prefix.startsWith(wide.prefix);
}

/**
 * Returns whether two regular expressions certainly match no common name, because the names that they match begin
 * differently.
 */
export function areApart(a: Regex, b: Regex): boolean {
  return !a.prefix.startsWith(b.prefix) && !b.prefix.startsWith(a.prefix);
}
