/**
 * This file answers questions about a regular expression from its text, without matching it. In PostgreSQL's advanced
 * regular expressions, `^` and `$` match only at the start and the end of the name.
 */

/** Returns the expression with each escaped character and each bracket expression replaced by one letter. */
export function skeleton(regex: string): string {
  // A bracket without an end reaches to the end of the expression, so that no character is searched more than once.
  return regex.replace(/\\./gs, 'x').replace(/\[\^?\]?[^\]]*(?:\]|$)/g, 'x');
}

/**
 * Matches a director such as `***=` or an embedded option such as `(?n)`, which change the syntax of the expression, or
 * an escape such as `\A`, which can act as an anchor.
 */
const unusual = /^(?:\*\*\*|\(\?)|\\[A-Za-z]/;

/**
 * Returns whether an expression certainly matches no name, because a character must follow its `$` or precede its `^`.
 */
export function matchesNothing(regex: string): boolean {
  if (unusual.test(regex)) return false;
  const plain = skeleton(regex);
  return !/[|()*?{]/.test(plain) && /\$[^$]|[^^]\^/.test(plain);
}

/**
 * Returns whether an expression has a capturing group. For an expression that is a literal text (`***=`, `(?q)`) or
 * that marks groups by backslashes (`(?b)`), the answer is `true`.
 */
export function hasGroup(regex: string): boolean {
  if (/^(?:\*\*\*|\(\?[a-z]*[bq])/.test(regex)) return true;
  return /\((?!\?)/.test(skeleton(regex));
}

/**
 * Returns whether an expression can match a part of a longer name: it has no `^` and does not begin with `.*` or `.+`,
 * or it has no `$` and does not end with `.*` or `.+`.
 */
export function isOpenAtEnds(regex: string): boolean {
  if (unusual.test(regex)) return false;
  const plain = skeleton(regex);
  const isOpenInFront = !plain.includes('^') && !/^\(?\.[*+]/.test(plain);
  const isOpenBehind = !plain.includes('$') && !/\.[*+]\)?$/.test(plain);
  return isOpenInFront || isOpenBehind;
}
