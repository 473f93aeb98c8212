/** What one of C's number readers made of the beginning of a text. */
export interface CNumber {
  /** The number; of one that is out of the reader's range, something at its end. */
  readonly value: number;
  /** Offset after its last character; 0 where the text begins with no number. */
  readonly end: number;
  /** Whether the number is out of the reader's range (`ERANGE`). */
  readonly outOfRange: boolean;
}

const none: CNumber = { value: 0, end: 0, outOfRange: false };

/** `strtol(text, …, 0)`: blanks, a sign, then decimal, hexadecimal behind `0x`, or octal behind `0`. */
export function strtol(text: string): CNumber {
  const match = /^[ \t-\r]*([-+]?)(?:0[xX]([0-9a-fA-F]+)|0([0-7]*)|(\d+))/.exec(text);
  if (match === null) return none;
  const [all, sign, hex, octal, decimal] = match;
  const digits = hex !== undefined ? `0x${hex}` : octal !== undefined ? `0o0${octal}` : decimal!;
  const magnitude = BigInt(digits);
  const value = sign === '-' ? -magnitude : magnitude;
  return { value: Number(value), end: all.length, outOfRange: BigInt.asIntN(64, value) !== value };
}

/** `strtod(text)`: blanks, a sign, then a decimal or hexadecimal number with fraction and exponent, infinity, or NaN. */
export function strtod(text: string): CNumber {
  const lead = /^[ \t-\r]*([-+]?)/.exec(text)!;
  const start = lead[0].length;
  const rest = text.slice(start);
  const read = hexadecimal(rest) ?? decimal(rest) ?? word(rest);
  if (read === undefined) return none;
  return { value: lead[1] === '-' ? -read.value : read.value, end: start + read.end, outOfRange: read.outOfRange };
}

function decimal(text: string): CNumber | undefined {
  const match = /^(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE][-+]?\d+)?/.exec(text);
  if (match === null) return undefined;
  const isZero = !/[1-9]/.test(`${match[1] ?? ''}${match[2] ?? ''}${match[3] ?? ''}`);
  return inRange(Number(match[0]), match[0].length, isZero);
}

function hexadecimal(text: string): CNumber | undefined {
  const match = /^0[xX](?:([0-9a-fA-F]+)(?:\.([0-9a-fA-F]*))?|\.([0-9a-fA-F]+))(?:[pP]([-+]?\d+))?/.exec(text);
  if (match === null) return undefined;
  const [all, whole = '', fraction = match[3] ?? '', , exponent = '0'] = match;
  const mantissa = Number(BigInt(`0x${whole}${fraction}`));
  return inRange(mantissa * 2 ** (Number(exponent) - 4 * fraction.length), all.length, mantissa === 0);
}

function word(text: string): CNumber | undefined {
  const match = /^(?:inf(?:inity)?|nan(?:\(\w*\))?)/i.exec(text);
  if (match === null) return undefined;
  return { value: /^i/i.test(text) ? Number.POSITIVE_INFINITY : Number.NaN, end: match[0].length, outOfRange: false };
}

function inRange(value: number, end: number, isZero: boolean): CNumber {
  // Numbers below the smallest normal one are out of range, too.
  return { value, end, outOfRange: !isZero && !(value >= 2.2250738585072014e-308 && value <= Number.MAX_VALUE) };
}
