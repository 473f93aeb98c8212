/**
 * What the text of a regular expression tells for certain, without running it (ARE syntax, in which `^` and `$` match at the
 * ends of the name only).
 */

/** The expression with each escaped character and each bracket expression as one letter. */
function skeleton(regex: string): string {
  return regex.replace(/\\./gs, 'x').replace(/\[\^?\]?[^\]]*\]/gs, 'x');
}

/** Whether an expression surely matches no name: something must follow its `$`, or come before its `^`. */
export function matchesNothing(regex: string): boolean {
  const plain = skeleton(regex);
  return !/[|()*?{]/.test(plain) && /\$[^$]|[^^]\^/.test(plain);
}

/** Whether an expression has a group that catches what it matches. */
export function hasGroup(regex: string): boolean {
  return /\((?!\?)/.test(skeleton(regex));
}

/** Whether an expression holds no anchor at an end at which it does not match any text. */
export function isOpenAtEnds(regex: string): boolean {
  const plain = skeleton(regex);
  // Embedded options and escapes with letters may anchor.
  if (/^(?:\*\*\*|\(\?)/.test(regex) || /\\[A-Za-z]/.test(regex)) return false;
  const isOpenInFront = !plain.includes('^') && !/^\(?\.[*+]/.test(plain);
  const isOpenBehind = !plain.includes('$') && !/\.[*+]\)?$/.test(plain);
  return isOpenInFront || isOpenBehind;
}
