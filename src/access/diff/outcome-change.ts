import { type AccessRule, type PlacedRule, placedRule, shownPlace } from '../rules/access-rule.ts';
import { type Comparison, compareOutcomes, type Outcome, refused } from '../rules/outcome.ts';

/** What decides about a connection, and its outcome. */
export interface Decision {
  /** The deciding rule; none if the connection is refused for the lack of one. */
  readonly rule?: PlacedRule;
  /** What the rule does. */
  readonly outcome: Outcome;
}

/** The decision of a rule, or of no rule. */
export function decisionOf(rule: AccessRule | undefined): Decision {
  return rule === undefined ? { outcome: refused } : { rule: placedRule(rule), outcome: rule.outcome };
}

/** A text that is equal for equal outcomes. */
export function outcomeKeyOf(rule: AccessRule | undefined): string {
  return rule?.outcomeKey ?? 'refused';
}

/** How the outcome changes from one rule to another; `other` for ways that are not compared, and for another map. */
export function changeOf(before: AccessRule | undefined, after: AccessRule | undefined): Comparison {
  if (isOtherMap(before, after)) return 'other';
  return compareOutcomes(before?.outcome ?? refused, after?.outcome ?? refused);
}

/** Whether two rules ask in the same way by other maps or options, which may let in others than before. */
export function isOtherMap(before: AccessRule | undefined, after: AccessRule | undefined): boolean {
  const isSameWay = compareOutcomes(before?.outcome ?? refused, after?.outcome ?? refused) === 'equal';
  return isSameWay && outcomeKeyOf(before) !== outcomeKeyOf(after);
}

/** What the server does with a connection, in words: `let in by md5 (pg_hba.conf line 2)`. */
export function outcomeWords(rule: AccessRule | undefined): string {
  if (rule === undefined) return 'refused, since no rule matches';
  const { outcome } = rule;
  const place = shownPlace(rule);
  if (outcome.kind === 'unknown') return `decided by a file that was not read (${place})`;
  if (outcome.kind === 'refused') return `refused (${place})`;
  const certificate = outcome.certificate === 'none' ? '' : ` with a certificate (${outcome.certificate})`;
  return `let in by ${outcome.method}${certificate} (${place})`;
}
