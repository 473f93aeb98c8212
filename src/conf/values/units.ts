import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import type { SettingUnit } from '../catalogue/catalogue.ts';

/** A number with its unit. */
export interface Quantity {
  /** The number of units. */
  readonly amount: number;
  /** The setting's own unit, even if the file gives the value in another unit. */
  readonly unit: SettingUnit;
}

interface Unit extends PgMajorSpan {
  readonly name: string;
  /** The size of the unit in bytes (memory) or in microseconds (time). */
  readonly size: number;
}

/** Units of memory in bytes, largest first: `memory_unit_conversion_table` of guc.c. */
const memoryUnits: readonly Unit[] = [
  { name: 'TB', size: 1024 ** 4 },
  { name: 'GB', size: 1024 ** 3 },
  { name: 'MB', size: 1024 ** 2 },
  { name: 'kB', size: 1024 },
  { name: 'B', size: 1, since: 11 },
];

/** Units of time in microseconds, largest first: `time_unit_conversion_table` of guc.c. */
const timeUnits: readonly Unit[] = [
  { name: 'd', size: 86_400_000_000 },
  { name: 'h', size: 3_600_000_000 },
  { name: 'min', size: 60_000_000 },
  { name: 's', size: 1_000_000 },
  { name: 'ms', size: 1000 },
  { name: 'us', size: 1, since: 12 },
];

const baseSizes: Readonly<Record<SettingUnit, number>> = {
  B: 1,
  kB: 1024,
  '8kB': 8192,
  '16MB': 16 * 1024 ** 2,
  MB: 1024 ** 2,
  ms: 1000,
  s: 1_000_000,
  min: 60_000_000,
};

/**
 * The major versions that compute with whole numbers: they read no fractions for integer settings, accept units only
 * for integer settings, and cut a number with a unit to a whole number. Later versions round the number with `rint`.
 */
export const wholeNumbers: PgMajorSpan = { until: 11 };

/** Returns the units in which a value of a setting can be written, largest first. */
export function unitNames(base: SettingUnit, version: PgMajor): readonly string[] {
  return unitsOf(base)
    .filter((unit) => spanIncludes(unit, version))
    .map((unit) => unit.name);
}

/**
 * Converts a number with a unit to the setting's own unit. Returns `undefined` for a unit that the major version does
 * not accept for the setting.
 */
export function toBaseUnit(value: number, unit: string, base: SettingUnit, version: PgMajor): number | undefined {
  const units = unitsOf(base).filter((candidate) => spanIncludes(candidate, version));
  const index = units.findIndex((candidate) => candidate.name === unit);
  if (index === -1) return undefined;
  const baseSize = baseSizes[base];
  const { size } = units[index]!;
  if (spanIncludes(wholeNumbers, version)) {
    return size < baseSize ? Math.trunc(value / (baseSize / size)) : value * (size / baseSize);
  }
  const converted = value * (size / baseSize);
  const next = units[index + 1];
  // A fraction of a unit, as in 30.1GB, is rounded in the next smaller unit.
  return next === undefined ? converted : roundHalfEven(converted / (next.size / baseSize)) * (next.size / baseSize);
}

/**
 * Rounds like `rint` of C: to the nearest whole number. A number halfway between two whole numbers is rounded to the
 * even one.
 */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return fraction < 0.5 ? floor : floor + 1;
}

/** Formats an amount of bytes or microseconds in the largest unit in which it is a whole number. */
export function inLargestUnit(size: number, family: 'memory' | 'time'): string {
  if (size === 0) return family === 'memory' ? '0kB' : '0ms';
  const unit = (family === 'memory' ? memoryUnits : timeUnits).find((unit) => size % unit.size === 0)!;
  return `${size / unit.size}${unit.name}`;
}

/** Returns an amount in bytes or microseconds. */
export function sizeOf({ amount, unit }: Quantity): number {
  return amount * baseSizes[unit];
}

/** Formats an amount in the largest unit in which it is a whole number. */
export function shownQuantity(quantity: Quantity): string {
  const { amount, unit } = quantity;
  const size = sizeOf(quantity);
  if (!Number.isSafeInteger(size)) return `${amount}${unit}`;
  return inLargestUnit(size, unit.endsWith('B') ? 'memory' : 'time');
}

function unitsOf(base: SettingUnit): readonly Unit[] {
  return base.endsWith('B') ? memoryUnits : timeUnits;
}
