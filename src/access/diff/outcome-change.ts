import { type AccessRule, type PlacedRule, shownPlace } from '../rules/access-rule.ts';
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
  return rule === undefined ? { outcome: refused } : { rule: rule.placed, outcome: rule.outcome };
}

/** Returns a key of the outcome of a rule. Equal outcomes have equal keys. */
export function outcomeKeyOf(rule: AccessRule | undefined): string {
  return rule?.outcomeKey ?? 'refused';
}

/**
 * Returns how the outcome changes if the second rule decides instead of the first rule. The result is `other` if
 * neither outcome is weaker, or if the maps or the options of the rules can admit different users.
 */
export function changeOf(before: AccessRule | undefined, after: AccessRule | undefined): Comparison {
  return haveOtherUsers(before, after)
    ? 'other'
    : compareOutcomes(before?.outcome ?? refused, after?.outcome ?? refused);
}

/**
 * Returns whether the maps or the options of two rules can admit different users, so that a comparison of the
 * certificate and of the secret does not tell which rule admits more users. Without a map, an operating-system name or
 * a certificate admits the user with this name. With a map, it can admit every user, or nobody.
 */
function haveOtherUsers(before: AccessRule | undefined, after: AccessRule | undefined): boolean {
  const [from, to] = [before?.outcome, after?.outcome];
  if (from?.kind !== 'way-in' || to?.kind !== 'way-in') return false;
  const [old, now] = [before!.heldOptions, after!.heldOptions];
  if (old.get('db_user_namespace') !== now.get('db_user_namespace')) return true;
  if (admitsEveryUser(from) || admitsEveryUser(to)) return false;
  const isSameMethod = from.method === to.method;
  const compareNames = from.certificate === 'verify-full' && to.certificate === 'verify-full';
  return [...old.keys(), ...now.keys()].some((name) => {
    // The options of two methods, such as `ldapserver` and `pamservice`, cannot be compared, but all maps can.
    const counts = name === 'clientname' ? compareNames : isSameMethod || name === 'map';
    return counts && old.get(name) !== now.get(name);
  });
}

/** Returns whether a rule admits each user, whoever the client is. */
function admitsEveryUser({ method, certificate }: Extract<Outcome, { readonly kind: 'way-in' }>): boolean {
  return method === 'trust' && certificate !== 'verify-full';
}

/**
 * Returns whether somebody gets in by the second rule whom the first rule does not let in. If the maps or the options
 * of the rules can admit different users, this package does not compare which users they admit, and the result is never
 * `no`.
 */
export function newAccessOf(before: AccessRule | undefined, after: AccessRule | undefined): 'certain' | 'maybe' | 'no' {
  const further = admitsFurther(before?.outcome ?? refused, after?.outcome ?? refused);
  return further === 'no' && haveOtherUsers(before, after) ? 'maybe' : further;
}

/** Describes the outcome for a connection in words: `let in by md5 (pg_hba.conf line 2)`. */
export function outcomeWords(rule: AccessRule | undefined): string {
  if (rule === undefined) return 'refused, since no rule matches';
  const { outcome } = rule;
  const place = shownPlace(rule.placed);
  if (outcome.kind === 'unknown') return `decided by a file that was not read (${place})`;
  if (outcome.kind === 'refused') return `refused (${place})`;
  const certificate = outcome.certificate === 'none' ? '' : ` with a certificate (${outcome.certificate})`;
  return `let in by ${outcome.method}${certificate} (${place})`;
}
