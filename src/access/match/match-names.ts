import { equalsIgnoringCase } from '../../c/ascii.ts';
import type { HbaDatabase, HbaUser } from '../../hba/rule.ts';
import { regexOf } from '../regex/regex.ts';
import { type AccessFacts, isMember } from '../rules/facts.ts';
import type { MatchedConnection } from './connection.ts';
import type { Verdict } from './verdict.ts';

/** Returns whether an element of the database column matches (`check_db`). */
export function matchDatabase(
  element: HbaDatabase,
  connection: Pick<MatchedConnection, 'database' | 'user' | 'isPhysical'>,
  facts: AccessFacts,
): Verdict {
  const { database, user, isPhysical } = connection;
  if (typeof element === 'string') return !isPhysical && element === database;
  if ('keyword' in element) {
    if (element.keyword === 'replication') return isPhysical;
    if (isPhysical) return false;
    if (element.keyword === 'all') return true;
    return element.keyword === 'sameuser' ? database === user : matchRole(user, database, facts);
  }
  if ('file' in element) return [{ kind: 'file', path: element.file }];
  return !isPhysical && matchRegex(element.regex, database);
}

/** Returns whether an element of the user column matches (`check_role`). */
export function matchUser(element: HbaUser, { user }: Pick<MatchedConnection, 'user'>, facts: AccessFacts): Verdict {
  if (typeof element === 'string') return element === user;
  if ('keyword' in element) return true;
  if ('memberOf' in element) return matchRole(user, element.memberOf, facts);
  return 'file' in element ? [{ kind: 'file', path: element.file }] : matchRegex(element.regex, user);
}

function matchRole(user: string, role: string, facts: AccessFacts): Verdict {
  return isMember(facts, user, role) ?? [{ kind: 'member', user, role }];
}

/** Returns whether a regular expression matches a name (`regexec_auth_token`). */
export function matchRegex(regex: string, name: string): Verdict {
  return regexOf(regex)?.test(name) ?? [{ kind: 'regex', regex, name }];
}

/**
 * Returns whether two names are equal. With `isAnyCase`, upper and lower case of ASCII letters count as equal, as in
 * `pg_strcasecmp` with UTF-8.
 */
export function isSameName(a: string, b: string, { isAnyCase }: { readonly isAnyCase: boolean }): boolean {
  return isAnyCase ? equalsIgnoringCase(a, b) : a === b;
}
