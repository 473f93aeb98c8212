import type { HbaDatabase, HbaUser } from '../../hba/index.ts';

/**
 * A column element whose names are not in the file: the members of a role, the matches of a regular expression, the
 * databases named like a role of the user, the words of a file that was not read.
 */
export type OpenToken =
  | { readonly kind: 'role'; readonly role: string }
  | { readonly kind: 'regex'; readonly regex: string }
  | { readonly kind: 'samerole' }
  | { readonly kind: 'file'; readonly path: string };

/** One name. */
export interface NameAtom {
  readonly kind: 'name';
  readonly name: string;
}

/**
 * Names that no line mentions and that all of these tokens match. Without tokens it is a fresh name. Because no rule
 * excludes names, a rule that matches a fresh name for one reason but a regular expression matches every name: a fresh
 * name is the one that is least covered, and it stands for `all`.
 */
export interface OpenAtom {
  readonly kind: 'open';
  readonly tokens: readonly OpenToken[];
}

/** What a rule's user column is made of. */
export type UserAtom = NameAtom | OpenAtom;

/** What a rule's database column is made of; `same` is the database named like the user, `physical` none at all. */
export type DatabaseAtom = NameAtom | OpenAtom | { readonly kind: 'same' } | { readonly kind: 'physical' };

/** A database and a user: the two columns are tied together by `sameuser` and `samerole`. */
export interface Pair {
  readonly database: DatabaseAtom;
  readonly user: UserAtom;
  /** Whether such a pair exists for certain, if roles and regular expressions have members that no line mentions. */
  readonly certain: boolean;
}

const fresh: OpenAtom = { kind: 'open', tokens: [] };
const same: DatabaseAtom = { kind: 'same' };
const physical: DatabaseAtom = { kind: 'physical' };

/** The atom of an element of the user column. */
export function userAtom(element: HbaUser): UserAtom {
  if (typeof element === 'string') return { kind: 'name', name: element };
  if ('keyword' in element) return fresh;
  return { kind: 'open', tokens: [tokenOf(element)] };
}

/** The atom of an element of the database column. */
export function databaseAtom(element: HbaDatabase): DatabaseAtom {
  if (typeof element === 'string') return { kind: 'name', name: element };
  if (!('keyword' in element)) return { kind: 'open', tokens: [tokenOf(element)] };
  if (element.keyword === 'all') return fresh;
  if (element.keyword === 'sameuser') return same;
  return element.keyword === 'replication' ? physical : { kind: 'open', tokens: [{ kind: 'samerole' }] };
}

function tokenOf(
  element: { readonly memberOf: string } | { readonly regex: string } | { readonly file: string },
): OpenToken {
  if ('memberOf' in element) return { kind: 'role', role: element.memberOf };
  return 'regex' in element ? { kind: 'regex', regex: element.regex } : { kind: 'file', path: element.file };
}

/** The pair of two atoms; a database that is named like a known user is that name. */
export function pairOf(database: DatabaseAtom, user: UserAtom, certain = true): Pair {
  if (database.kind === 'same' && user.kind === 'name') return { database: user, user, certain };
  return { database, user, certain };
}

/** A text that is equal for equal tokens. */
export function tokenKey(token: OpenToken): string {
  return JSON.stringify(token);
}
