import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import type { SettingUnit } from '../catalogue/catalogue.ts';

interface Unit extends PgMajorSpan {
  readonly name: string;
  /** How many of the family's smallest unit it is. */
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

/** Majors whose numbers with units are whole ones and truncated; later they are rounded, by `rint`. */
const wholeNumbers: PgMajorSpan = { until: 11 };

/** The units that a setting's values can be given in, for a major, largest first. */
export function unitNames(base: SettingUnit, version: PgMajor): readonly string[] {
  return unitsOf(base)
    .filter((unit) => spanIncludes(unit, version))
    .map((unit) => unit.name);
}

/** A number with a unit in the setting's own unit, or undefined for a unit that the major does not know for it. */
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
  // A fraction of a unit, as in 30.1GB, is rounded to the next smaller one.
  return next === undefined ? converted : roundHalfEven(converted / (next.size / baseSize)) * (next.size / baseSize);
}

/** C's `rint`: to the nearest whole number, of two equally near ones to the even one. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return fraction < 0.5 ? floor : floor + 1;
}

/** The amount in the largest unit in which it is a whole number, given in bytes or microseconds. */
export function inLargestUnit(size: number, family: 'memory' | 'time'): string {
  if (size === 0) return family === 'memory' ? '0kB' : '0ms';
  const unit = (family === 'memory' ? memoryUnits : timeUnits).find((unit) => size % unit.size === 0)!;
  return `${size / unit.size}${unit.name}`;
}

function unitsOf(base: SettingUnit): readonly Unit[] {
  return base.endsWith('B') ? memoryUnits : timeUnits;
}
