/** Returns the number of runs of a property: the given number times PG_HOSTSSL_RUNS (1 by default). */
export function runs(count: number): number {
  return Math.ceil(count * Number(process.env.PG_HOSTSSL_RUNS ?? 1));
}

/** The seed of all properties of this process: PG_HOSTSSL_SEED, or a new seed, which a failure prints. */
export const seed: number = Number(process.env.PG_HOSTSSL_SEED ?? Date.now() % 0x7fffffff);

/**
 * Characters that JavaScript and C treat differently: blanks of Unicode that C does not know, a dotted capital I whose
 * lower case is two characters, and a Kelvin sign whose lower case is k. Generators insert them wherever text goes in.
 */
export const unicodeTraps: readonly string[] = ['\u00a0', '\u2003', '\ufeff', '\u0130', '\u212a'];
