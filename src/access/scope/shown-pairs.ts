import type { OpenToken, Pair } from '../space/atom.ts';
import type { ConnectionScope } from './scope.ts';

/** The databases and users of some pairs as the fields of a scope; a column with every name is left out. */
export function shownPairs(pairs: readonly Pair[]): Pick<ConnectionScope, 'databases' | 'users' | 'replication'> {
  const databases = new Set(pairs.map(({ database }) => shownAtom(database)));
  const users = new Set(pairs.map(({ user }) => shownAtom(user)));
  const isPhysical = pairs.every(({ database }) => database.kind === 'physical');
  return {
    ...(isPhysical || databases.has('all') ? {} : { databases: [...databases] }),
    ...(users.has('all') ? {} : { users: [...users] }),
    ...(isPhysical ? { replication: 'physical' as const } : {}),
  };
}

function shownAtom(atom: Pair['database']): string {
  if (atom.kind === 'name') return atom.name;
  if (atom.kind !== 'open') return atom.kind === 'same' ? 'sameuser' : 'replication';
  return atom.tokens.map(shownToken).join(' ') || 'all';
}

function shownToken(token: OpenToken): string {
  switch (token.kind) {
    case 'role':
      return `+${token.role}`;
    case 'regex':
      return `/${token.regex}`;
    case 'file':
      return `@${token.path}`;
    default:
      return token.kind;
  }
}
