import type { HbaDatabase, HbaUser } from './rule.ts';
import type { DatabaseKeyword } from './tables/keywords.ts';

/** Returns whether an element of a database or user column is a keyword. The name `"all"` is no keyword. */
export function isKeyword(element: HbaDatabase | HbaUser, keyword: DatabaseKeyword): boolean {
  return typeof element === 'object' && 'keyword' in element && element.keyword === keyword;
}

/** Returns whether an element of a database or user column is an `@file` that was not read. */
export function isFileElement(element: HbaDatabase | HbaUser): boolean {
  return typeof element === 'object' && 'file' in element;
}
