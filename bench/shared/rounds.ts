/** Something to be timed. */
export interface Contestant {
  readonly name: string;
  readonly run: () => unknown;
}

/**
 * The median CPU time of each contestant in milliseconds, garbage collection included. Each round gives every contestant a
 * turn, so that a busy machine is busy for all.
 *
 * @param warmUps rounds before those that count
 * @param cpuTime the CPU time so far, in milliseconds
 */
export async function medianTimes(
  contestants: readonly Contestant[],
  rounds: number,
  warmUps = 2,
  cpuTime: () => number = ownCpuTime,
): Promise<Map<string, number>> {
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name, run } of contestants) {
      const start = cpuTime();
      const result = run();
      kept[0] = result instanceof Promise ? await result : result;
      const elapsed = cpuTime() - start;
      if (round >= 0) times.get(name)!.push(elapsed);
    }
  }
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

/** The median of some numbers. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

function ownCpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What was returned last is kept, so that no work is optimised away. */
const kept: unknown[] = [];
