import { type AccessRule, type PlacedRule, placedRule, shownPlace } from '../rules/access-rule.ts';
import { admitsFurther, type Comparison, compareOutcomes, type Outcome, refused } from '../rules/outcome.ts';

/** The deciding rule of a connection, and the outcome. */
export interface Decision {
  /** The deciding rule; missing if the connection is refused because no rule matches. */
  readonly rule?: PlacedRule;
  /** What the server does with the connection. */
  readonly outcome: Outcome;
}

/** Returns the decision of a rule, or the refusal if there is no rule. */
export function decisionOf(rule: AccessRule | undefined): Decision {
  return rule === undefined ? { outcome: refused } : { rule: placedRule(rule), outcome: rule.outcome };
}

/** Returns a key of the outcome of a rule. Equal outcomes have equal keys. */
export function outcomeKeyOf(rule: AccessRule | undefined): string {
  return rule?.outcomeKey ?? 'refused';
}

/**
 * Returns how the outcome changes if the second rule decides instead of the first rule. The result is `other` if
 * neither outcome is weaker, or if only the map or the options of the method differ.
 */
export function changeOf(before: AccessRule | undefined, after: AccessRule | undefined): Comparison {
  if (isOtherMap(before, after)) return 'other';
  return compareOutcomes(before?.outcome ?? refused, after?.outcome ?? refused);
}

/**
 * Returns whether two rules have the same method and certificate level, but different maps or options. Such rules can
 * admit different users.
 */
function isOtherMap(before: AccessRule | undefined, after: AccessRule | undefined): boolean {
  const isSameWay = compareOutcomes(before?.outcome ?? refused, after?.outcome ?? refused) === 'equal';
  return isSameWay && outcomeKeyOf(before) !== outcomeKeyOf(after);
}

/**
 * Returns whether somebody gets in by the second rule whom the first rule does not let in. If only the map or the
 * options of the method differ, this package does not compare which users they admit, and the result is `maybe`.
 */
export function newAccessOf(before: AccessRule | undefined, after: AccessRule | undefined): 'certain' | 'maybe' | 'no' {
  if (isOtherMap(before, after)) return 'maybe';
  return admitsFurther(before?.outcome ?? refused, after?.outcome ?? refused);
}

/** Describes the outcome for a connection in words: `let in by md5 (pg_hba.conf line 2)`. */
export function outcomeWords(rule: AccessRule | undefined): string {
  if (rule === undefined) return 'refused, since no rule matches';
  const { outcome } = rule;
  const place = shownPlace(rule);
  if (outcome.kind === 'unknown') return `decided by a file that was not read (${place})`;
  if (outcome.kind === 'refused') return `refused (${place})`;
  const certificate = outcome.certificate === 'none' ? '' : ` with a certificate (${outcome.certificate})`;
  return `let in by ${outcome.method}${certificate} (${place})`;
}
