import assert from 'node:assert/strict';

/**
 * Calls a function on input that makes a bad algorithm take quadratic or exponential time, and fails if the call needs
 * more processor time than the limit. The limit is no measure of speed: the calls need a small part of it, also on a
 * slow machine, and a bad algorithm needs many times the limit.
 *
 * @param limit seconds
 * @returns the result of the call
 */
export async function endsSoon<T>(call: () => T | Promise<T>, limit = 10): Promise<T> {
  const start = process.cpuUsage();
  const result = await call();
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  assert.ok(seconds < limit, `The call took ${seconds.toFixed(1)} seconds of processor time`);
  return result;
}
