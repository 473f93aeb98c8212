import type { DatabaseAtom, Pair, UserAtom } from '../space/atom.ts';
import type { ConnectionScope } from './scope.ts';

/**
 * Converts pairs of database and user to the fields of a scope. A field that would contain every name is left out. A
 * field is also left out if a scope cannot express its content: `sameuser`, a regular expression, or database names
 * together with physical replication.
 */
export function shownPairs(pairs: readonly Pair[]): Pick<ConnectionScope, 'databases' | 'users' | 'replication'> {
  const physical = pairs.filter(({ database }) => database.kind === 'physical').length;
  const databases = textsOf(pairs.map(({ database }) => shownDatabase(database)));
  const users = textsOf(pairs.map(({ user }) => shownUser(user)));
  return {
    ...(databases === undefined ? {} : { databases }),
    ...(users === undefined ? {} : { users }),
    ...(physical === pairs.length ? { replication: 'physical' as const } : {}),
    ...(physical === 0 && databases === undefined ? { replication: 'none' as const } : {}),
  };
}

function textsOf(texts: readonly (string | undefined)[]): readonly string[] | undefined {
  const known = texts.filter((text) => text !== undefined);
  return known.length < texts.length ? undefined : [...new Set(known)];
}

function shownDatabase(atom: DatabaseAtom): string | undefined {
  return atom.kind === 'name' ? atom.name : undefined;
}

function shownUser(atom: UserAtom): string | undefined {
  // In a scope, a leading plus means the members of a role.
  if (atom.kind === 'name') return atom.name.startsWith('+') ? undefined : atom.name;
  const role = atom.tokens.find((token) => token.kind === 'role');
  return role && `+${role.role}`;
}
