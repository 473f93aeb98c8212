/**
 * Facts that the text of a regular expression proves without running it. In the syntax (ARE), `^` and `$` match only at
 * the ends of the name.
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

/** Returns whether an expression, at one of its ends, has no anchor and does not begin or end with "any text". */
export function isOpenAtEnds(regex: string): boolean {
  const plain = skeleton(regex);
  // Embedded options and letter escapes can act as anchors.
  if (/^(?:\*\*\*|\(\?)/.test(regex) || /\\[A-Za-z]/.test(regex)) return false;
  const isOpenInFront = !plain.includes('^') && !/^\(?\.[*+]/.test(plain);
  const isOpenBehind = !plain.includes('$') && !/\.[*+]\)?$/.test(plain);
  return isOpenInFront || isOpenBehind;
}
