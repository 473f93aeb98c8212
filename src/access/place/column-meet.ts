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
      else if (isAll(own) && !isReplication(other)) shared.push(other);
      else if (isAll(other) && !isReplication(own)) shared.push(own);
      else if ((isTied(own) || isTied(other)) && !isReplication(own) && !isReplication(other)) return undefined;
    }
  }
  const [first, ...others] = shared;
  return first === undefined ? undefined : [first, ...others];
}

function isEqual(a: HbaDatabase | HbaUser, b: HbaDatabase | HbaUser): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isAll(element: HbaDatabase | HbaUser): boolean {
  return typeof element === 'object' && 'keyword' in element && element.keyword === 'all';
}

function isReplication(element: HbaDatabase | HbaUser): boolean {
  return typeof element === 'object' && 'keyword' in element && element.keyword === 'replication';
}

/**
 * Returns whether the element is neither a plain name nor `all` nor `replication`, such as `+role`, `sameuser` or a
 * regular expression.
 */
function isTied(element: HbaDatabase | HbaUser): boolean {
  return typeof element === 'object' && !isAll(element) && !isReplication(element);
}
