/** How many runs a property gets: the given number times PG_HOSTSSL_RUNS (1 if not set). */
export function runs(count: number): number {
  return Math.ceil(count * Number(process.env.PG_HOSTSSL_RUNS ?? 1));
}

/** The seed of this process's properties: PG_HOSTSSL_SEED, or a new one, which a failure prints. */
export const seed: number = Number(process.env.PG_HOSTSSL_SEED ?? Date.now() % 0x7fffffff);

/**
 * Characters for which JavaScript and C disagree: blanks of Unicode that C does not know, a dotted capital I that becomes
 * two characters in lower case, and a Kelvin sign that becomes a k. Generators put them wherever text goes in.
 */
export const unicodeTraps: readonly string[] = ['\u00a0', '\u2003', '\ufeff', '\u0130', '\u212a'];
