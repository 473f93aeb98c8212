import { RuleInFile } from '../../../access/place/rule-in-file.ts';
import { accessRuleOfInput } from '../../../access/place/rule-of-input.ts';
import type { AccessRule } from '../../../access/rules/access-rule.ts';
import { firstPosition } from '../../../first-position.ts';
import type { HbaFile } from '../../../hba/file.ts';
import { all, type HbaDatabase, type HbaRuleInput, type HostRuleInput, type NonEmptyList } from '../../../hba/rule.ts';

const everyDatabase: NonEmptyList<HbaDatabase> = [all, { keyword: 'replication' }];

/** The rule that rejects all TCP connections of a user. */
export function overTcp(user: string): HostRuleInput {
  return { type: 'host', databases: everyDatabase, users: [user], address: all, method: 'reject' };
}

/** The rule that rejects all Unix socket connections of a user. */
export function overSocket(user: string): HbaRuleInput {
  return { type: 'local', databases: everyDatabase, users: [user], method: 'reject' };
}

/**
 * Analyses how the rules of a file decide about the connections that a rule matches. The rule need not be in the file.
 */
export function connectionsOf(rule: HbaRuleInput, file: HbaFile): RuleInFile {
  return new RuleInFile(accessRuleOfInput(rule, file, {}), { hba: file }, {});
}

/** The rules that decide about some of the connections which a rule matches. */
export function decidingRules(rule: HbaRuleInput, file: HbaFile): ReadonlySet<AccessRule> {
  return new Set(connectionsOf(rule, file).overlaps.flatMap((overlap) => (overlap.decides ? [overlap.rule] : [])));
}

/**
 * Returns a function that finds out how many of some rejecting rules are needed to reject all IPv4 connections of a
 * given rule, or all of its IPv6 connections. The file is analysed only once.
 *
 * @returns a function that takes rejecting rules in the order of the file, and returns the last rule that is needed;
 * `undefined` if all of the rejecting rules together are not enough
 */
export function rejectingAllOf(
  rule: HbaRuleInput,
  file: HbaFile,
): (rejections: readonly AccessRule[]) => AccessRule | undefined {
  const parts = byFamily(rule).map((part) => connectionsOf(part, file));
  return (rejections) => {
    const isEnough = (count: number): boolean => parts.some((part) => part.isCoveredByAll(rejections.slice(0, count)));
    if (rejections.length === 0 || !isEnough(rejections.length)) return undefined;
    return rejections[firstPosition(rejections.length - 1, (position) => isEnough(position + 1))];
  };
}

/**
 * Splits a rule for all addresses into a rule for IPv4 and a rule for IPv6, because many files end with a rejection of
 * all IPv4 addresses only, or of all IPv6 addresses only.
 */
function byFamily(rule: HbaRuleInput): readonly HbaRuleInput[] {
  if (rule.type === 'local') return [rule];
  const { address } = rule;
  const isAll = typeof address === 'object' && 'keyword' in address && address.keyword === 'all';
  return isAll
    ? [
        { ...rule, address: '0.0.0.0/0' },
        { ...rule, address: '::/0' },
      ]
    : [rule];
}
