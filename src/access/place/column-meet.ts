import { isKeyword } from '../../hba/column-element.ts';
import type { HbaDatabase, HbaUser, NonEmptyList } from '../../hba/rule.ts';

/**
 * Returns the elements that a rule's column and a scope's column share.
 *
 * @returns `undefined` if no list of elements describes the shared names, as for `+role` and a user name
 */
export function columnMeet<E extends HbaDatabase | HbaUser>(
  column: readonly E[],
  scope: readonly E[],
): NonEmptyList<E> | undefined {
  const shared: E[] = [];
  for (const own of column) {
    for (const other of scope) {
      if (isEqual(own, other)) shared.push(own);
      else if (isKeyword(own, 'all') && !isKeyword(other, 'replication')) shared.push(other);
      else if (isKeyword(other, 'all') && !isKeyword(own, 'replication')) shared.push(own);
      else if (
        (isPattern(own) || isPattern(other)) &&
        !isKeyword(own, 'replication') &&
        !isKeyword(other, 'replication')
      )
        return undefined;
    }
  }
  const [first, ...others] = shared;
  return first === undefined ? undefined : [first, ...others];
}

function isEqual(a: HbaDatabase | HbaUser, b: HbaDatabase | HbaUser): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Returns whether the element is neither a plain name nor `all` nor `replication`, such as `+role`, `sameuser` or a
 * regular expression.
 */
function isPattern(element: HbaDatabase | HbaUser): boolean {
  return typeof element === 'object' && !isKeyword(element, 'all') && !isKeyword(element, 'replication');
}
