import { shownValue } from '../../arguments.ts';
import { strtod } from '../../c/numbers.ts';
import { PgHostsslError } from '../../errors.ts';
import { pgMajors } from '../../version.ts';
import type { DurationText, MemoryText } from './setting-input.ts';
import { inLargestUnit, toBaseUnit } from './units.ts';

/**
 * Formats an amount of memory or storage for a setting, in the largest unit in which the amount is a whole number.
 *
 * @param amount a text with a unit, or a number of bytes
 * @throws PgHostsslError `quantity-invalid` for an unknown unit, a negative amount or a fraction of a byte
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { memorySize } from 'pg-hostssl/conf';
 *
 * assert.equal(memorySize('4096MB'), '4GB');
 * assert.equal(memorySize(16 * 1024), '16kB');
 * ```
 */
export function memorySize(amount: MemoryText | number): MemoryText {
  const bytes = typeof amount === 'number' ? amount : inBaseUnit(amount, 'B');
  return inLargestUnit(whole(bytes, amount), 'memory') as MemoryText;
}

/**
 * Formats a length of time for a setting, in the largest unit in which the time is a whole number.
 *
 * @param time a text with a unit, or a number of milliseconds
 * @throws PgHostsslError `quantity-invalid` for an unknown unit, a negative time or a fraction of a microsecond
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { duration } from 'pg-hostssl/conf';
 *
 * assert.equal(duration('120min'), '2h');
 * assert.equal(duration(30_000), '30s');
 * ```
 */
export function duration(time: DurationText | number): DurationText {
  const milliseconds = typeof time === 'number' ? time : inBaseUnit(time, 'ms');
  return inLargestUnit(whole(milliseconds * 1000, time), 'time') as DurationText;
}

const newestMajor = pgMajors[pgMajors.length - 1]!;

function inBaseUnit(amount: string, base: 'B' | 'ms'): number {
  if (typeof amount !== 'string') throw invalid(amount);
  const number = strtod(amount);
  // The units of the newest major version are accepted, because older major versions know fewer units.
  const size = toBaseUnit(1, amount.slice(number.end), base, newestMajor);
  if (number.end === 0 || number.outOfRange || size === undefined) throw invalid(amount);
  return number.value * size;
}

function whole(amount: number, given: string | number): number {
  const rounded = Math.round(amount);
  if (!(rounded >= 0 && Number.isSafeInteger(rounded)) || Math.abs(amount - rounded) > 1e-6) throw invalid(given);
  return rounded;
}

function invalid(given: string | number): PgHostsslError {
  return new PgHostsslError(
    'quantity-invalid',
    `${shownValue(given)} is not an amount that a setting can hold exactly`,
  );
}
