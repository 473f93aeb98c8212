/** How many runs a property gets: the given number times PG_HOSTSSL_RUNS (1 if not set). */
export function runs(count: number): number {
  return Math.ceil(count * Number(process.env.PG_HOSTSSL_RUNS ?? 1));
}

/** The seed of this process's properties: PG_HOSTSSL_SEED, or a new one, which a failure prints. */
export const seed: number = Number(process.env.PG_HOSTSSL_SEED ?? Date.now() % 0x7fffffff);
