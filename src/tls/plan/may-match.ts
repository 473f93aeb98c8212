import type { HbaDatabase, HbaRule, HbaRuleInput, HbaUser, HostRule, HostRuleInput } from '../../hba/index.ts';
import { clientCertEffect } from '../../hba/tables/client-cert.ts';
import type { PgMajor } from '../../version.ts';

// Judged from the file alone. The members of a role, a regular expression and the names in an @file are not known here and
// count as a match, so that a plan reports one rule too many rather than one too few.

/** Whether a rule may match connections of this user. */
export function mayMatchUser(rule: HbaRuleInput, user: string): boolean {
  const elements: readonly HbaUser[] = rule.users;
  return elements.some((element) => typeof element !== 'string' || element === user);
}

/** Whether a rule may match TLS connections of this user to some of these databases. */
export function mayMatchOverTls(rule: HbaRule, user: string, databases: readonly HbaDatabase[]): rule is HostRule {
  const takesTls = rule.type === 'host' || rule.type === 'hostssl' || rule.type === 'hostnogssenc';
  return takesTls && mayMatchUser(rule, user) && shareDatabase(rule.databases, databases, user);
}

/** Whether a rule certainly matches every connection of the user over TLS that another rule matches. */
export function coversRule(rule: HostRule, other: HostRuleInput, user: string): boolean {
  const users: readonly HbaUser[] = rule.users;
  const takesUser = users.some((element) => element === user || isAll(element));
  const databases: readonly HbaDatabase[] = rule.databases;
  const takesDatabases = (other.databases as readonly HbaDatabase[]).every((database) =>
    databases.some((element) => (isAll(element) && !isReplication(database)) || sameDatabase(element, database)),
  );
  return takesUser && takesDatabases && isEverywhere(rule);
}

/** Whether a rule lets nobody in without a client certificate. */
export function demandsCertificate(rule: HbaRule, version: PgMajor): boolean {
  if (rule.method === 'cert') return true;
  const option = rule.options.findLast(({ name }) => name === 'clientcert');
  if (option === undefined) return false;
  const meaning = clientCertEffect(option.value, version);
  return meaning === 'verify-ca' || meaning === 'verify-full';
}

function shareDatabase(some: readonly HbaDatabase[], others: readonly HbaDatabase[], user: string): boolean {
  return some.some((a) => others.some((b) => mayBeSame(a, b, user)));
}

function mayBeSame(a: HbaDatabase, b: HbaDatabase, user: string): boolean {
  // A physical replication connection has no database. Only the keyword matches it, and the keyword matches nothing else.
  if (isReplication(a) || isReplication(b)) return isReplication(a) && isReplication(b);
  if (typeof a === 'string' && typeof b === 'string') return a === b;
  const name = typeof a === 'string' ? a : b;
  if (typeof name === 'string' && [a, b].some(isSameUser)) return name === user;
  return true;
}

function sameDatabase(a: HbaDatabase, b: HbaDatabase): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isEverywhere({ address }: HostRule): boolean {
  return 'keyword' in address ? address.keyword === 'all' : 'prefix' in address && address.prefix === 0;
}

function isAll(element: HbaDatabase | HbaUser): boolean {
  return typeof element === 'object' && 'keyword' in element && element.keyword === 'all';
}

function isReplication(database: HbaDatabase): boolean {
  return typeof database === 'object' && 'keyword' in database && database.keyword === 'replication';
}

function isSameUser(database: HbaDatabase): boolean {
  return typeof database === 'object' && 'keyword' in database && database.keyword === 'sameuser';
}
