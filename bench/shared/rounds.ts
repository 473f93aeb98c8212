/** Something to be timed. */
export interface Contestant {
  readonly name: string;
  readonly run: () => unknown;
}

/**
 * The median CPU time of each contestant in milliseconds, garbage collection included. Each round gives every one its turn, so that a busy machine is busy
 * for all.
 *
 * @param warmUps rounds before those that count
 */
export function medianTimes(contestants: readonly Contestant[], rounds: number, warmUps = 2): Map<string, number> {
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name, run } of contestants) {
      const start = process.cpuUsage();
      kept[0] = run();
      const { user, system } = process.cpuUsage(start);
      const elapsed = (user + system) / 1000;
      if (round >= 0) times.get(name)!.push(elapsed);
    }
  }
  return new Map([...times].map(([name, list]) => [name, list.sort((a, b) => a - b)[list.length >> 1]!]));
}

/** What was returned last is kept, so that no work is optimised away. */
const kept: unknown[] = [];
