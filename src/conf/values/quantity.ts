import { strtod } from '../../c/numbers.ts';
import { PgHostsslError } from '../../errors.ts';
import { pgMajors } from '../../version.ts';
import type { DurationText, MemoryText } from './setting-input.ts';
import { inLargestUnit, toBaseUnit } from './units.ts';

/**
 * An amount of memory or storage in the largest unit in which it is a whole number: `memorySize('4096MB')` is `4GB`.
 *
 * @param amount a text with a unit, or a number of bytes
 * @throws PgHostsslError `quantity-invalid` for another unit, a negative amount, or a fraction of a byte.
 */
export function memorySize(amount: MemoryText | number): MemoryText {
  const bytes = typeof amount === 'number' ? amount : inBaseUnit(amount, 'B');
  return inLargestUnit(whole(bytes, amount), 'memory') as MemoryText;
}

/**
 * A time in the largest unit in which it is a whole number: `duration('90min')` is `90min`, `duration(30_000)` is `30s`.
 *
 * @param time a text with a unit, or a number of milliseconds
 * @throws PgHostsslError `quantity-invalid` for another unit, a negative time, or a fraction of a microsecond.
 */
export function duration(time: DurationText | number): DurationText {
  const milliseconds = typeof time === 'number' ? time : inBaseUnit(time, 'ms');
  return inLargestUnit(whole(milliseconds * 1000, time), 'time') as DurationText;
}

const newestMajor = pgMajors[pgMajors.length - 1]!;

function inBaseUnit(amount: string, base: 'B' | 'ms'): number {
  const number = strtod(amount);
  // By the newest units; older majors know fewer of them.
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
  return new PgHostsslError('quantity-invalid', `${JSON.stringify(given)} is no amount that can be written exactly`);
}
