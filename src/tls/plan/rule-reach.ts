import { RuleInFile } from '../../access/place/overlap.ts';
import { accessRuleOfInput } from '../../access/place/rule-of-input.ts';
import type { AccessRule } from '../../access/rules/access-rule.ts';
import { readRules } from '../../access/rules/read-rules.ts';
import {
  all,
  type HbaDatabase,
  type HbaFile,
  type HbaRuleInput,
  type HostRuleInput,
  type NonEmptyList,
} from '../../hba/index.ts';

const everyDatabase: NonEmptyList<HbaDatabase> = [all, { keyword: 'replication' }];

/** The rule that rejects all connections of a user over TCP. */
export function overTcp(user: string): HostRuleInput {
  return { type: 'host', databases: everyDatabase, users: [user], address: all, method: 'reject' };
}

/** The rule that rejects all connections of a user over a Unix socket. */
export function overSocket(user: string): HbaRuleInput {
  return { type: 'local', databases: everyDatabase, users: [user], method: 'reject' };
}

/** What a file does with the connections that a rule matches, whether or not the rule is in the file. */
export function connectionsOf(rule: HbaRuleInput, file: HbaFile): RuleInFile {
  return new RuleInFile(accessRuleOfInput(rule, file, readRules({ hba: file })), { hba: file }, {});
}

/** The rules that decide about some of the connections that a rule matches. */
export function decidingRules(rule: HbaRuleInput, file: HbaFile): ReadonlySet<AccessRule> {
  return new Set(connectionsOf(rule, file).overlaps.flatMap((overlap) => (overlap.decides ? [overlap.rule] : [])));
}

/**
 * Finds among rejections the one that, with those before it, rejects all connections of a rule, or all of them from IPv4
 * or from IPv6. The file is read once for all questions.
 *
 * @returns a function that takes rejections in their order
 */
export function rejectingAllOf(
  rule: HbaRuleInput,
  file: HbaFile,
): (rejections: readonly AccessRule[]) => AccessRule | undefined {
  const parts = byFamily(rule).map((part) => connectionsOf(part, file));
  return (rejections) => {
    const isEnough = (count: number): boolean => parts.some((part) => part.isCoveredByAll(rejections.slice(0, count)));
    if (rejections.length === 0 || !isEnough(rejections.length)) return undefined;
    // More rejections reject no less, so that the number is found by halving.
    let [few, enough] = [0, rejections.length];
    while (enough - few > 1) {
      const middle = Math.floor((few + enough) / 2);
      if (isEnough(middle)) enough = middle;
      else few = middle;
    }
    return rejections[enough - 1];
  };
}

/** A rule for all addresses as one for IPv4 and one for IPv6: many a last rejection names the networks of one alone. */
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
