import { skipSpaces } from './ascii.ts';

/** A number at the start of a text, as a function of C reads it. */
export interface CNumber {
  /** The number. If it is out of the function's range, this is the nearest end of the range. */
  readonly value: number;
  /** The offset after the last character of the number; 0 if the text does not begin with a number. */
  readonly end: number;
  /** `true` if the number is out of the function's range (`ERANGE`). */
  readonly outOfRange: boolean;
}

const none: CNumber = { value: 0, end: 0, outOfRange: false };

/**
 * `strtol` with a `long` of 64 bits. With base 0, a number with `0x` is hexadecimal, and a number with a leading `0` is
 * octal.
 */
export function strtol(text: string, base: 0 | 10): CNumber {
  const digits = findDigits(text, 0, base);
  if (digits === undefined) return none;
  const magnitude = magnitudeOf(text, digits);
  if (typeof magnitude === 'number') {
    return { value: digits.isNegative ? -magnitude : magnitude, end: digits.end, outOfRange: false };
  }
  const outOfRange = magnitude > 2n ** 63n || (magnitude === 2n ** 63n && !digits.isNegative);
  const value = outOfRange ? 2 ** 63 : Number(magnitude);
  return { value: digits.isNegative ? -value : value, end: digits.end, outOfRange };
}

/**
 * `strtoul` with base 0 and an `unsigned long` of 64 bits. A negative number wraps around.
 *
 * @param from the offset at which the number begins
 */
export function strtoul(text: string, from = 0): CNumber {
  const digits = findDigits(text, from, 0);
  if (digits === undefined) return none;
  const magnitude = magnitudeOf(text, digits);
  const isExact = typeof magnitude === 'number';
  if (isExact && !digits.isNegative) return { value: magnitude, end: digits.end, outOfRange: false };
  const outOfRange = !isExact && magnitude >= 2n ** 64n;
  if (!digits.isNegative && !outOfRange) return { value: Number(magnitude), end: digits.end, outOfRange };
  const value = outOfRange ? 2n ** 64n - 1n : BigInt.asUintN(64, -BigInt(magnitude));
  return { value: Number(value), end: digits.end, outOfRange };
}

/** `strtou64` with base 0: like {@link strtoul}, but with the exact value. */
export function strtou64(text: string): Omit<CNumber, 'value'> & { readonly value: bigint } {
  const digits = findDigits(text, 0, 0);
  if (digits === undefined) return { value: 0n, end: 0, outOfRange: false };
  const magnitude = BigInt(magnitudeOf(text, digits));
  const outOfRange = magnitude >= 2n ** 64n;
  const value = outOfRange ? 2n ** 64n - 1n : BigInt.asUintN(64, digits.isNegative ? -magnitude : magnitude);
  return { value, end: digits.end, outOfRange };
}

/** `atoi`, which casts the `long` of `strtol` to 32 bits. Returns the number at the start of a text, or 0. */
export function atoi(text: string): number {
  const digits = findDigits(text, 0, 10);
  if (digits === undefined) return 0;
  const magnitude = BigInt(magnitudeOf(text, digits));
  const [smallest, largest] = [-(2n ** 63n), 2n ** 63n - 1n];
  const value = digits.isNegative ? -magnitude : magnitude;
  return Number(BigInt.asIntN(32, value < smallest ? smallest : value > largest ? largest : value));
}

interface Digits {
  readonly start: number;
  readonly end: number;
  readonly base: 8 | 10 | 16;
  readonly isNegative: boolean;
}

function findDigits(text: string, from: number, base: 0 | 10): Digits | undefined {
  let start = skipSpaces(text, from);
  const sign = text.charCodeAt(start);
  const isNegative = sign === minus;
  if (isNegative || sign === plus) start += 1;
  if (base === 0 && text.charCodeAt(start) === zero) {
    const isHexadecimal = (text.charCodeAt(start + 1) | 0x20) === 0x78 && digitOf(text.charCodeAt(start + 2)) < 16;
    // If no hexadecimal digit follows `0x`, the number ends before the `x`, so its value is zero.
    if (isHexadecimal) return { start: start + 2, end: endOfDigits(text, start + 2, 16), base: 16, isNegative };
    return { start, end: endOfDigits(text, start, 8), base: 8, isNegative };
  }
  const end = endOfDigits(text, start, 10);
  return end === start ? undefined : { start, end, base: 10, isNegative };
}

function endOfDigits(text: string, start: number, base: number): number {
  let end = start;
  while (digitOf(text.charCodeAt(end)) < base) end += 1;
  return end;
}

/**
 * Returns the value of some digits: a `number` if it is exact, otherwise a `bigint`. A value above 2^64 becomes 2^64. A
 * `number` is preferred, because comparing a `number` with a `bigint` takes many times as long as this function.
 */
function magnitudeOf(text: string, { start, end, base }: Digits): number | bigint {
  let value = 0;
  for (let at = start; at < end; at++) {
    value = value * base + digitOf(text.charCodeAt(at));
    if (value > Number.MAX_SAFE_INTEGER) return largeMagnitude(text.slice(start, end), base);
  }
  return value;
}

function largeMagnitude(digits: string, base: 8 | 10 | 16): bigint {
  const significant = digits.replace(/^0+/, '');
  // A number of more than 22 digits is too large in every base, and converting a very long number would take much time.
  if (significant.length > 22) return 2n ** 64n;
  const value = BigInt(`${{ 8: '0o', 10: '', 16: '0x' }[base]}${significant}`);
  return value < 2n ** 64n ? value : 2n ** 64n;
}

const zero = 0x30;
const plus = 0x2b;
const minus = 0x2d;

/** Returns the value of a hexadecimal digit; infinity for any other character. */
export function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 && code < 0x80 ? letter - 0x57 : Number.POSITIVE_INFINITY;
}

/** `strtod`: blanks, a sign, then a decimal or hexadecimal number with fraction and exponent, infinity, or NaN. */
export function strtod(text: string): CNumber {
  const blanks = skipSpaces(text, 0);
  const sign = text.charCodeAt(blanks);
  const start = sign === minus || sign === plus ? blanks + 1 : blanks;
  const rest = text.slice(start);
  const read = hexadecimal(rest) ?? decimal(rest) ?? word(rest);
  if (read === undefined) return none;
  return { value: sign === minus ? -read.value : read.value, end: start + read.end, outOfRange: read.outOfRange };
}

const smallestNormal = 2 ** -1022;

function decimal(text: string): CNumber | undefined {
  const match = /^(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE][-+]?\d+)?/.exec(text);
  if (match === null) return undefined;
  const isZero = !/[1-9]/.test(`${match[1] ?? ''}${match[2] ?? ''}${match[3] ?? ''}`);
  const value = Number(match[0]);
  // A decimal number below the smallest normal double counts as out of range, because it is never exact unless it has
  // hundreds of digits.
  const outOfRange = !isZero && (value < smallestNormal || value === Number.POSITIVE_INFINITY);
  return { value, end: match[0].length, outOfRange };
}

function hexadecimal(text: string): CNumber | undefined {
  const match = /^0[xX](?:([0-9a-fA-F]+)(?:\.([0-9a-fA-F]*))?|\.([0-9a-fA-F]+))(?:[pP]([-+]?\d+))?/.exec(text);
  if (match === null) return undefined;
  const [all, whole = '', fraction = match[3] ?? '', , exponent = '0'] = match;
  const mantissa = BigInt(`0x${whole}${fraction}`);
  return { ...roundToDouble(mantissa, Number(exponent) - 4 * fraction.length), end: all.length };
}

/**
 * Returns the double nearest to `mantissa * 2 ** exponent`. A value halfway between two doubles is rounded to the even
 * one.
 */
function roundToDouble(mantissa: bigint, exponent: number): Pick<CNumber, 'value' | 'outOfRange'> {
  if (mantissa === 0n) return { value: 0, outOfRange: false };
  const length = mantissa.toString(2).length;
  const top = length - 1 + exponent;
  if (top > 1023) return { value: Number.POSITIVE_INFINITY, outOfRange: true };
  if (top < -1075) return { value: 0, outOfRange: true };
  // The exponent of the last bit that fits in the double.
  const last = Math.max(top - 52, -1074);
  const dropped = BigInt(Math.max(last - exponent, 0));
  const kept = mantissa >> dropped;
  const remainder = mantissa - (kept << dropped);
  const half = dropped === 0n ? 0n : 1n << (dropped - 1n);
  const up = remainder > half || (remainder === half && remainder !== 0n && kept % 2n === 1n);
  const bits = Number(up ? kept + 1n : kept);
  const value = dropped > 0n ? bits * 2 ** last : bits * 2 ** exponent;
  const isInexact = remainder !== 0n;
  return { value, outOfRange: value === Number.POSITIVE_INFINITY || (isInexact && value < smallestNormal) };
}

function word(text: string): CNumber | undefined {
  const match = /^(?:inf(?:inity)?|nan(?:\([0-9A-Za-z_]*\))?)/i.exec(text);
  if (match === null) return undefined;
  const isInfinity = text[0] === 'i' || text[0] === 'I';
  return { value: isInfinity ? Number.POSITIVE_INFINITY : Number.NaN, end: match[0].length, outOfRange: false };
}
