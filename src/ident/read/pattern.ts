/**
 * This file answers questions about a regular expression from its text, without matching it. In PostgreSQL's advanced
 * regular expressions, `^` and `$` match only at the start and the end of the name.
 */

/** Returns the expression with each escaped character and each bracket expression replaced by one letter. */
function skeleton(regex: string): string {
  return regex.replace(/\\./gs, 'x').replace(/\[\^?\]?[^\]]*\]/gs, 'x');
}

/**
 * Returns whether an expression certainly matches no name, because a character must follow its `$` or precede its `^`.
 */
export function matchesNothing(regex: string): boolean {
  const plain = skeleton(regex);
  return !/[|()*?{]/.test(plain) && /\$[^$]|[^^]\^/.test(plain);
}

/** Returns whether an expression has a capturing group. */
export function hasGroup(regex: string): boolean {
  return /\((?!\?)/.test(skeleton(regex));
}

/**
 * Returns whether an expression can match a part of a longer name: it has no `^` and does not begin with `.*` or `.+`,
 * or it has no `$` and does not end with `.*` or `.+`.
 */
export function isOpenAtEnds(regex: string): boolean {
  const plain = skeleton(regex);
  // An embedded option such as `(?n)` or an escape such as `\A` can act as an anchor.
  if (/^(?:\*\*\*|\(\?)/.test(regex) || /\\[A-Za-z]/.test(regex)) return false;
  const isOpenInFront = !plain.includes('^') && !/^\(?\.[*+]/.test(plain);
  const isOpenBehind = !plain.includes('$') && !/\.[*+]\)?$/.test(plain);
  return isOpenInFront || isOpenBehind;
}
