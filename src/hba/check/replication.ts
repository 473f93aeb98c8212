import type { AuthLine } from '../../auth-file/read/line.ts';
import { ShownLines } from '../../auth-file/read/shown-line.ts';
import { isLoopback, isLoopbackHost } from '../../net/network.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { lineNumbers } from '../../text/lines.ts';
import { networkOfAddress } from '../read/address.ts';
import type { HbaRecord } from '../read/record.ts';
import type { HbaAddress, HbaDatabase, HbaRule, HbaUser } from '../rule.ts';
import type { DatabaseKeyword } from '../tables/keywords.ts';

/** Returns whether a rule is for the physical replication connections of standbys. */
export function isForReplication({ databases }: HbaRule): boolean {
  return hasKeyword(databases, 'replication');
}

/**
 * Returns whether a rule admits all users of other machines to all databases. The author of such a rule perhaps means
 * it for standbys, too. A rule for the server's own machine does not count, because many servers have no standbys: the
 * file that `initdb` of 9.6 writes has no rule for replication.
 */
export function isForAll(rule: HbaRule): boolean {
  return isForAllDatabases(rule) && hasKeyword(rule.users, 'all');
}

/**
 * Returns whether a rule for all databases names a user like `replicator` or `standby`, which suggests that there are
 * standbys.
 */
export function isForStandbys(rule: HbaRule): boolean {
  return isForAllDatabases(rule) && rule.users.some(namesStandby);
}

function namesStandby(user: HbaUser): boolean {
  if (typeof user === 'object' && 'keyword' in user) return false;
  return /repl|standby/i.test(typeof user === 'string' ? user : Object.values(user).join());
}

function isForAllDatabases(rule: HbaRule): boolean {
  return (
    hasKeyword(rule.databases, 'all') &&
    rule.type !== 'local' &&
    rule.method !== 'reject' &&
    !isOwnMachine(rule.address)
  );
}

/** Returns the place of the word `all` in the first rule of the file that seems to be meant for standbys. */
export function placeOfRuleForAll(
  lines: readonly AuthLine<HbaRecord, HbaRule>[],
): Pick<Diagnostic, 'range' | 'secrets'> | undefined {
  const index = lines.findIndex(({ entry }) => entry.kind === 'rule' && (isForAll(entry) || isForStandbys(entry)));
  if (index === -1) return undefined;
  const token = lines[index]!.read().record!.databases.find(({ value, quoted }) => value === 'all' && !quoted)!;
  return new ShownLines(lines).at(index, lineNumbers(lines)[index]!).placeOf(token.start, token.end);
}

function hasKeyword(names: readonly (HbaDatabase | HbaUser)[], keyword: DatabaseKeyword): boolean {
  // Iterating over a frozen list, such as the shared list of the keyword `all`, is many times slower.
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (typeof name !== 'string' && 'keyword' in name && name.keyword === keyword) return true;
  }
  return false;
}

function isOwnMachine(address: HbaAddress): boolean {
  if ('keyword' in address) return address.keyword === 'samehost';
  if ('hostName' in address) return isLoopbackHost(address.hostName);
  const network = networkOfAddress(address);
  return network !== undefined && isLoopback(network.address, network.mask);
}
