const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

/** What C's `atoi` makes of a text: the number that it begins with, in 32 bits; 0 where it begins with none. */
export function leadingInteger(text: string): number {
  const digits = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text)?.[1];
  if (digits === undefined) return 0;
  const value = BigInt(digits.replace(/^\+/, ''));
  // strtol stops at the ends of 64 bits, and the rest of the way is a cast.
  return Number(BigInt.asIntN(32, value < smallest ? smallest : value > largest ? largest : value));
}

/** Whether C's `strtol` reads all of a text, and something of it. */
export function isInteger(text: string): boolean {
  return /^[ \t\n\v\f\r]*[+-]?\d+$/.test(text);
}
