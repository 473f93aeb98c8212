import { HbaFile } from '../../hba/file.ts';
import type { HbaRuleInput } from '../../hba/rule.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import { readRules } from '../rules/read-rules.ts';

/**
 * Converts a new rule to an `AccessRule` whose index is above the indexes of all other rules. If the columns of the
 * rule name an `@file`, it is read with the `readFile` of `file`.
 *
 * @throws PgHostsslError `rule-invalid` for a rule that a server of this major version refuses
 */
export function accessRuleOfInput(rule: HbaRuleInput, file: HbaFile, facts: AccessFacts): AccessRule {
  const alone = HbaFile.parse('', { ...file.expandable().options, version: file.version }).insert(rule, 'end');
  return { ...readRules({ hba: alone }, facts).rules[0]!, index: Number.POSITIVE_INFINITY };
}
