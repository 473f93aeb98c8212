import { regexOf } from '../regex/regex.ts';
import type { AccessFacts } from '../rules/facts.ts';
import {
  type DatabaseAtom,
  type OpenAtom,
  type OpenToken,
  type Pair,
  pairOf,
  sameToken,
  type UserAtom,
} from './atom.ts';
import { areApart, coversUser, type Maybe, type NameFacts, onlyFacts } from './covers.ts';

/**
 * Returns the databases and users that are in both pairs; `undefined` if the pairs share none. `certain` is `false` if
 * the answer depends on missing facts.
 */
export function meetPairs(a: Pair, b: Pair, facts: AccessFacts): Pair | undefined {
  const user = meetNames(a.user, b.user, facts);
  if (user === undefined) return undefined;
  const certain = a.certain && b.certain && user.certain;
  return meetDatabases(a.database, b.database, { atom: user.atom, certain }, facts);
}

interface Met {
  readonly atom: UserAtom;
  readonly certain: boolean;
}

function meetDatabases(a: DatabaseAtom, b: DatabaseAtom, user: Met, facts: AccessFacts): Pair | undefined {
  if (a.kind === 'physical' || b.kind === 'physical') {
    return a.kind === b.kind ? pairOf(a, user.atom, user.certain) : undefined;
  }
  if (a.kind === 'same' || b.kind === 'same') {
    const other = a.kind === 'same' ? b : a;
    if (other.kind === 'same') return pairOf(other, user.atom, user.certain);
    // Here the database has the user's name, so the other database column must match the user's name. `samerole`
    // matches such a database, because each role is a member of itself.
    const tokens = other.kind === 'open' ? other.tokens.filter(({ kind }) => kind !== 'samerole') : [];
    const named: UserAtom = other.kind === 'name' ? other : { kind: 'open', tokens };
    const met = meetNames(user.atom, named, facts);
    return met && pairOf({ kind: 'same' }, met.atom, user.certain && met.certain);
  }
  const met = meetNames(a, b, facts);
  if (met === undefined) return undefined;
  const certain = user.certain && met.certain;
  const sameRole = [a, b].some((each) => each.kind === 'open' && each.tokens.some(({ kind }) => kind === 'samerole'));
  if (!sameRole || met.atom.kind !== 'name') return pairOf(met.atom, user.atom, certain);
  // `samerole` matches only if the user is a member of the role with the database's name.
  const member = meetNames(user.atom, { kind: 'open', tokens: [{ kind: 'role', role: met.atom.name }] }, facts);
  return member && pairOf(met.atom, member.atom, certain && member.certain);
}

/** Returns the names that are in both sets; `undefined` if the sets share no name. */
function meetNames(a: UserAtom, b: UserAtom, facts: AccessFacts): Met | undefined {
  if (a.kind === 'name' && b.kind === 'name') return a.name === b.name ? { atom: a, certain: true } : undefined;
  if (a.kind === 'open' && b.kind === 'open') return meetTokens(a, b, facts);
  const [name, open] = a.kind === 'name' ? [a, b as OpenAtom] : [b as typeof a & { kind: 'name' }, a as OpenAtom];
  let certain = true;
  for (const token of open.tokens) {
    const holds = tokenHolds(token, name, facts);
    if (holds === false) return undefined;
    certain &&= holds === true;
  }
  return { atom: name, certain };
}

/** Returns whether a column element matches a name. For `samerole`, the caller checks the membership of the user. */
function tokenHolds(token: OpenToken, name: UserAtom & { readonly kind: 'name' }, facts: AccessFacts): Maybe {
  switch (token.kind) {
    case 'samerole':
      return true;
    case 'regex':
      return regexOf(token.regex)?.test(name.name);
    case 'role':
      return coversUser({ memberOf: token.role }, name, onlyFacts(facts));
    case 'file':
      return undefined;
  }
}

function meetTokens(a: OpenAtom, b: OpenAtom, facts: AccessFacts): Met | undefined {
  if (a.tokens.length === 0) return { atom: b, certain: true };
  if (b.tokens.length === 0) return { atom: a, certain: true };
  const names = onlyFacts(facts);
  if (b.tokens.length === 1 && holdsToken(b.tokens[0]!, a, names)) return { atom: a, certain: true };
  if (a.tokens.length === 1 && holdsToken(a.tokens[0]!, b, names)) return { atom: b, certain: true };
  const apart = a.tokens.some((one) => b.tokens.some((other) => areTokensApart(one, other)));
  if (apart) return undefined;
  const tokens = [...a.tokens, ...b.tokens.filter((token) => !a.tokens.some((each) => sameToken(each, token)))];
  return { atom: { kind: 'open', tokens }, certain: false };
}

function holdsToken(token: OpenToken, atom: OpenAtom, names: NameFacts): boolean {
  if (token.kind === 'regex') return coversUser({ regex: token.regex }, atom, names) === true;
  if (token.kind === 'role') return coversUser({ memberOf: token.role }, atom, names) === true;
  return atom.tokens.some((each) => sameToken(each, token));
}

function areTokensApart(a: OpenToken, b: OpenToken): boolean {
  if (a.kind !== 'regex' || b.kind !== 'regex') return false;
  const [one, other] = [regexOf(a.regex), regexOf(b.regex)];
  return one !== undefined && other !== undefined && areApart(one, other);
}
