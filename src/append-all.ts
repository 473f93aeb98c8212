/**
 * Appends items to a list. `list.push(...items)` would pass each item as an argument, and throws a RangeError for some
 * 120,000 items, for example the lines or the diagnostics of a large file.
 */
export function appendAll<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}
