import type { HbaDatabase, HbaUser } from '../../hba/index.ts';

/** The key of an element of a column; equal elements have equal keys. */
export function keyOf(element: HbaDatabase | HbaUser): string {
  // The key of a name is the name itself: no name holds a NUL, with which all other keys begin.
  if (typeof element === 'string') return element;
  return 'keyword' in element && element.keyword === 'all' ? allKey : `${specialMark}${JSON.stringify(element)}`;
}

/** The key of `all`. */
export const allKey = '\0all';

const specialMark = '\0special ';

/** Whether a key is that of an element that has to be asked which names it holds. */
export function isSpecialKey(key: string): boolean {
  return key.startsWith(specialMark);
}

/** Whether an element has to be asked which names it holds: it is neither a name nor `all`. */
export function isSpecial(element: HbaDatabase | HbaUser): boolean {
  return typeof element === 'object' && !('keyword' in element && element.keyword === 'all');
}

/** An element that has to be asked which names it holds, with its key. */
export interface Special<E> {
  readonly element: E;
  readonly key: string;
}
