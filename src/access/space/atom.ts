import type { HbaDatabase, HbaUser } from '../../hba/index.ts';

/**
 * A column element whose names are not in the file: the members of a role, the matches of a regular expression, the
 * databases named like a role of the user, the contents of a file that was not read.
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
 * Names that no line mentions and that all of the tokens match. Without tokens, the atom is a fresh name, which
 * represents `all`. A fresh name is matched only by elements that match every name and by some regular expressions.
 */
export interface OpenAtom {
  readonly kind: 'open';
  readonly tokens: readonly OpenToken[];
}

/** An element of a rule's user column in the analysis. */
export type UserAtom = NameAtom | OpenAtom;

/**
 * An element of a rule's database column in the analysis. `same` is the database named like the user. `physical` is a
 * connection without a database.
 */
export type DatabaseAtom = NameAtom | OpenAtom | { readonly kind: 'same' } | { readonly kind: 'physical' };

/** A database together with a user. The keywords `sameuser` and `samerole` connect the two columns. */
export interface Pair {
  readonly database: DatabaseAtom;
  readonly user: UserAtom;
  /**
   * `true` if such a pair certainly exists, assuming that roles have members and regular expressions match names that
   * no line mentions.
   */
  readonly certain: boolean;
}

const fresh: OpenAtom = { kind: 'open', tokens: [] };
const same: DatabaseAtom = { kind: 'same' };
const physical: DatabaseAtom = { kind: 'physical' };

/** Converts an element of the user column. */
export function userAtom(element: HbaUser): UserAtom {
  if (typeof element === 'string') return { kind: 'name', name: element };
  if ('keyword' in element) return fresh;
  return { kind: 'open', tokens: [tokenOf(element)] };
}

/** Converts an element of the database column. */
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

/** Combines two atoms. If the database is named like a user with a known name, the database is that name. */
export function pairOf(database: DatabaseAtom, user: UserAtom, certain = true): Pair {
  if (database.kind === 'same' && user.kind === 'name') return { database: user, user, certain };
  return { database, user, certain };
}

/** Returns whether two tokens are equal. */
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
