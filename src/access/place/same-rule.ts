import type { HbaRuleInput } from '../../hba/index.ts';
import { keyOfRule, normalizeRule } from '../../hba/write/normalize.ts';

/** Whether two rules are equivalent: they differ in spelling and comment only. */
export function isSameRule(a: HbaRuleInput, b: HbaRuleInput): boolean {
  return keyOfRule(normalizeRule(a)) === keyOfRule(normalizeRule(b));
}

/** Whether two rules have the same type, databases, users and address. */
export function hasSameKey(a: HbaRuleInput, b: HbaRuleInput): boolean {
  return isSameRule(keyOf(a), keyOf(b));
}

function keyOf(rule: HbaRuleInput): HbaRuleInput {
  return { ...rule, method: 'reject', options: [] };
}
