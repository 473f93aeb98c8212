import type { HbaRuleInput } from '../../hba/rule.ts';
import { keyOfRule, normalizeRule } from '../../hba/write/normalize.ts';

/** Returns whether two rules are equivalent. Their notation and comments can differ. */
export function isSameRule(a: HbaRuleInput, b: HbaRuleInput): boolean {
  return keyOfRule(normalizeRule(a)) === keyOfRule(normalizeRule(b));
}

/** Returns whether two rules have the same type, databases, users and address. */
export function hasSameKey(a: HbaRuleInput, b: HbaRuleInput): boolean {
  return isSameRule(withoutMethod(a), withoutMethod(b));
}

/** Returns a rule with the same method and options for all rules, so that only the other columns are compared. */
function withoutMethod(rule: HbaRuleInput): HbaRuleInput {
  return { ...rule, method: 'reject', options: [] };
}
