import type { HbaDatabase, HbaUser } from '../../hba/rule.ts';

/**
 * A column element that stands for names which the file does not contain: the members of a role, the names that a
 * regular expression matches, the databases of `samerole`, or the contents of an `@file` that was not read.
 */
export type OpenToken =
  | { readonly kind: 'role'; readonly role: string }
  | { readonly kind: 'regex'; readonly regex: string }
  | { readonly kind: 'samerole' }
  | { readonly kind: 'file'; readonly path: string };

/** A set of a single name. */
export interface NameAtom {
  readonly kind: 'name';
  readonly name: string;
}

/**
 * A set of names: the names that no line mentions and that all of the `tokens` match. Without tokens, these are all
 * names that no line mentions. Only `all` and regular expressions can match such a name.
 */
export interface OpenAtom {
  readonly kind: 'open';
  readonly tokens: readonly OpenToken[];
}

/** A set of user names: one name, or names that no line mentions. */
export type UserAtom = NameAtom | OpenAtom;

/**
 * A set of databases: one name, or names that no line mentions. `same` is the database with the user's name. `physical`
 * means a physical replication connection, which has no database.
 */
export type DatabaseAtom = NameAtom | OpenAtom | { readonly kind: 'same' } | { readonly kind: 'physical' };

/** A database together with a user. The keywords `sameuser` and `samerole` connect the two columns. */
export interface Pair {
  readonly database: DatabaseAtom;
  readonly user: UserAtom;
  /**
   * `true` if a user and a database of this kind certainly exist. Here, each role is assumed to have members, and each
   * regular expression is assumed to match names that no line mentions.
   */
  readonly certain: boolean;
}

const fresh: OpenAtom = { kind: 'open', tokens: [] };
const same: DatabaseAtom = { kind: 'same' };
const physical: DatabaseAtom = { kind: 'physical' };

/** Converts an element of a rule's user column to a `UserAtom`. */
export function userAtom(element: HbaUser): UserAtom {
  if (typeof element === 'string') return { kind: 'name', name: element };
  if ('keyword' in element) return fresh;
  return { kind: 'open', tokens: [tokenOf(element)] };
}

/** Converts an element of a rule's database column to a `DatabaseAtom`. */
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

/**
 * Makes a pair of a database and a user. If the database has the same name as the user and the user's name is known,
 * the database gets that name.
 */
export function pairOf(database: DatabaseAtom, user: UserAtom, certain = true): Pair {
  if (database.kind === 'same' && user.kind === 'name') return { database: user, user, certain };
  return { database, user, certain };
}

/** Returns whether two `OpenToken`s are equal. */
export function sameToken(a: OpenToken, b: OpenToken): boolean {
  return textOf(a) === textOf(b) && a.kind === b.kind;
}

function textOf(token: OpenToken): string {
  switch (token.kind) {
    case 'role':
      return token.role;
    case 'regex':
      return token.regex;
    case 'file':
      return token.path;
    case 'samerole':
      return '';
  }
}
