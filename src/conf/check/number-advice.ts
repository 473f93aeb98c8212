import { pgAsciiToLower } from '../../c/ascii.ts';
import { strtol } from '../../c/numbers.ts';
import { trimEndOf } from '../../text/trim-end.ts';
import type { PgMajor } from '../../version.ts';
import type { SettingDefinition } from '../catalogue/catalogue.ts';
import { unitNames } from '../values/units.ts';
import { readValue } from '../values/value.ts';

/** Advice about a number in a setting's value: the text for a message, and the value to write instead. */
export interface NumberAdvice {
  /** The reason and how to correct the value, as part of a sentence. */
  readonly hint: string;
  /** The value to write instead, if the old value tells it exactly. */
  readonly value?: string;
}

/**
 * Returns the advice for a percentage, such as `25%`. For a setting whose values are fractions, the advice is the
 * percentage as a fraction. For any other setting with numbers, a percentage has no meaning, so the advice is an
 * example of a valid value.
 *
 * @returns `undefined` if the setting's values are not numbers
 */
export function percentageAdvice(
  definition: SettingDefinition,
  text: string,
  version: PgMajor,
): NumberAdvice | undefined {
  const { type, unit, name } = definition;
  if (type !== 'integer' && type !== 'real') return undefined;
  const why = 'the server does not accept percentages';
  if (type === 'real' && unit === undefined) {
    const value = fractionOf(text);
    const isAccepted = value !== undefined && readValue(definition, value, version).ok;
    return isAccepted
      ? { hint: `${why}. ${name} is a number such as a fraction: write ${value}`, value }
      : { hint: `${why}. Write a number such as ${definition.default}` };
  }
  const example = unit === undefined ? definition.default : exampleAmount(definition, version);
  const what = unit === undefined ? 'a whole number' : 'an amount';
  return { hint: `${why}. Write ${what}${example === undefined ? '' : ` such as ${example}`}` };
}

/**
 * Converts a percentage to a fraction: `90%` to `0.9`. The decimal point is moved in the text, so that no binary
 * fraction is rounded.
 */
function fractionOf(text: string): string | undefined {
  const [, whole, fraction = ''] = /^\+?(\d{1,9})(?:\.(\d{1,9}))?[ \t]*%$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = whole.padStart(3, '0');
  const decimal = `${digits.slice(0, -2)}.${digits.slice(-2)}${fraction}`.replace(/^0+(?=\d)/, '');
  return trimEndOf(decimal, '0').replace(/\.$/, '.0');
}

const amounts = ['2GB', '64MB', '1MB', '64kB', '5min', '30s', '100ms', '1d'];

/** Returns an amount with a unit that the major version accepts for the setting. */
function exampleAmount(definition: SettingDefinition, version: PgMajor): string | undefined {
  const names = unitNames(definition.unit!, version);
  return amounts.find(
    (amount) => names.includes(amount.replace(/^\d+/, '')) && readValue(definition, amount, version).ok,
  );
}

/** A whole number with a leading zero, which the server reads in base 8. */
export interface OctalNumber {
  /** The digits with their leading zeros. */
  readonly digits: string;
  /** The digits without leading zeros: the number that a reader sees. */
  readonly plain: string;
  /** The number that the server reads. */
  readonly read: number;
}

/**
 * Finds a number that the server reads in base 8 (`strtol` with base 0 in `parse_int`) although a reader sees a decimal
 * number: `0200` is 128. Numbers below 8 are left out, because they are equal in both bases.
 */
export function octalNumber({ type }: SettingDefinition, text: string): OctalNumber | undefined {
  if (type !== 'integer') return undefined;
  const [, digits] = /^[ \t]*[-+]?(0[0-9]+)(?![.eExX0-9])/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const plain = digits.replace(/^0+(?=\d)/, '');
  const { value, end } = strtol(digits, 0);
  return end === digits.length && value === Number(plain) ? undefined : { digits, plain, read: value };
}

/** Units as people write them, in lower case, with PostgreSQL's name for a memory setting or a time setting. */
const unitSpellings: Readonly<Record<'memory' | 'time', readonly (readonly [RegExp, string])[]>> = {
  memory: [
    [/^b(?:ytes?)?$/, 'B'],
    [/^k(?:i?b)?$/, 'kB'],
    [/^m(?:i?b)?$/, 'MB'],
    [/^g(?:i?b)?$/, 'GB'],
    [/^t(?:i?b)?$/, 'TB'],
  ],
  time: [
    [/^(?:us|usecs?|microseconds?)$/, 'us'],
    [/^(?:ms|msecs?|milliseconds?)$/, 'ms'],
    [/^(?:s|secs?|seconds?)$/, 's'],
    [/^(?:m|mins?|minutes?)$/, 'min'],
    [/^(?:h|hrs?|hours?)$/, 'h'],
    [/^(?:d|days?)$/, 'd'],
  ],
};

/**
 * Returns an amount with the name that PostgreSQL has for its unit: `4GB` for `4 gb`, `15min` for `15 minutes`.
 *
 * @returns `undefined` if the text is not such an amount, or if the major version refuses the result
 */
export function withKnownUnit(definition: SettingDefinition, text: string, version: PgMajor): string | undefined {
  const { unit } = definition;
  const [, amount, word] = /^[ \t]*([-+]?\d+(?:\.\d+)?)[ \t]*([A-Za-z]+)[ \t]*$/.exec(text) ?? [];
  if (unit === undefined || word === undefined) return undefined;
  const spellings = unitSpellings[unit.endsWith('B') ? 'memory' : 'time'];
  const name = spellings.find(([spelling]) => spelling.test(pgAsciiToLower(word)))?.[1];
  const changed = `${amount}${name}`;
  return name !== undefined && readValue(definition, changed, version).ok ? changed : undefined;
}
