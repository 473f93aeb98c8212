/** A task whose time is measured. */
export interface Contestant {
  readonly name: string;
  readonly run: () => unknown;
}

/**
 * Returns the median CPU time of each task in milliseconds, including garbage collection. Each round runs all tasks, so
 * that a busy machine slows all of them.
 *
 * @param warmUps the number of first rounds that are not counted
 * @param cpuTime returns the CPU time of the process so far, in milliseconds
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

/** Returns the median of numbers. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

function ownCpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Keeps the last results of the tasks, so that the compiler cannot optimize the tasks away. */
const kept: unknown[] = [];
