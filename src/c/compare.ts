/**
 * `memcmp`: compares two arrays of bytes. The result is negative, zero or positive. If one array is the beginning of
 * the other array, the shorter array comes first.
 */
export function memcmp(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** Returns whether two arrays contain the same bytes. */
export function equalBytes(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && memcmp(a, b) === 0;
}

/**
 * `strcmp`: compares two texts by their UTF-8 bytes. JavaScript's `<` compares UTF-16 units, which gives another order.
 */
export function strcmp(a: string, b: string): number {
  const encoder = new TextEncoder();
  return memcmp(encoder.encode(a), encoder.encode(b));
}
