import type { Token } from '../scan/token.ts';

/** An element of a comma-separated list in the file. */
interface OldElement {
  readonly token: Token;
  /** The typed value of the token, for comparison with new elements. */
  readonly value: unknown;
}

/**
 * Replaces the elements of a list. Unchanged elements keep their original text, and so does the separator between two
 * unchanged neighbours.
 *
 * @param glue the separator before and after new elements
 */
export function mergeList<T>(
  text: string,
  old: readonly OldElement[],
  elements: readonly T[],
  serialize: (element: T) => string,
  glue: string,
): string {
  // The first of equal elements is the last to be set.
  const known = new Map(old.map(({ value }, at) => [JSON.stringify(value), at] as const).reverse());
  let merged = '';
  let previous = -1;
  for (const [index, element] of elements.entries()) {
    const at = known.get(JSON.stringify(element)) ?? -1;
    const token = old[at]?.token;
    const follows = previous >= 0 && at === previous + 1;
    if (index > 0) merged += follows ? text.slice(old[previous]!.token.end, token!.start) : glue;
    merged += token === undefined ? serialize(element) : text.slice(token.start, token.end);
    previous = at;
  }
  return merged;
}
