import { isKeyword } from '../../hba/column-element.ts';
import type { HbaDatabase, HbaUser } from '../../hba/rule.ts';

/** Returns the key of a column element. Equal elements have equal keys. */
export function keyOf(element: HbaDatabase | HbaUser): string {
  // A name is its own key. All other keys begin with NUL, which no name contains.
  if (typeof element === 'string') return element;
  return isKeyword(element, 'all') ? allKey : `${specialMark}${JSON.stringify(element)}`;
}

/** The key of `all`. It begins with NUL, which no name contains. */
export const allKey = '\0all';

const specialMark = '\0special ';

/**
 * Returns whether an element is special: neither a name nor `all`. A lookup of a name cannot tell whether a special
 * element matches the name.
 */
export function isSpecial(element: HbaDatabase | HbaUser): boolean {
  return typeof element === 'object' && !isKeyword(element, 'all');
}

/** A column element that is neither a name nor `all`, with its key. */
export interface Special<E> {
  readonly element: E;
  readonly key: string;
}
