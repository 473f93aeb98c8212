import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import fc from 'fast-check';
import { equalsIgnoringCase, isspace, pgAsciiToLower, pgAsciiToUpper } from '../../src/c/ascii.ts';
import { strcmp } from '../../src/c/compare.ts';
import { atoi, type CNumber, strtod, strtol, strtoul } from '../../src/c/numbers.ts';
import { formatIpAddress, parseIpAddress } from '../../src/net/ip.ts';
import { runs, seed, unicodeTraps } from '../property.ts';
import { allTexts, textsOf } from './generate.ts';
import { askC, type CFunction, withoutCompiler } from './judge.ts';

const skip = withoutCompiler;

/** Compares the results of this library with the results of the C library for each text. */
function compare(name: CFunction, texts: readonly string[], read: (text: string) => string): number {
  const distinct = [...new Set(texts)];
  const answers = askC(name, distinct);
  for (const [i, text] of distinct.entries()) assert.equal(read(text), answers[i], JSON.stringify(text));
  return distinct.length;
}

const integerPieces = [' ', '\t', '\v', '\f', '\r', '\n', '+', '-', '0', '1', '7', '8', '9', 'x', 'X', 'a', 'f', 'g'];
const integers = fc.oneof(
  textsOf([...integerPieces, '0x', '00', '2147483648', '9223372036854775807', '9223372036854775808'], 6),
  textsOf(['-9223372036854775808', '18446744073709551615', '18446744073709551616', '0xffffffffffffffff', '0', ' '], 3),
  fc
    .tuple(fc.constantFrom('', '-', '+', '0x', '0', '-0'), fc.bigInt({ min: 0n, max: 2n ** 66n }))
    .map((all) => all.join('')),
);
const allIntegers = allTexts(integerPieces, 4);

for (const [name, reader] of [
  ['strtol0', (text: string) => strtol(text, 0)],
  ['strtol10', (text: string) => strtol(text, 10)],
  ['strtoul0', (text: string) => strtoul(text)],
] as const) {
  test(`${name} reads as the C library does (seed ${seed})`, { skip }, (t) => {
    const texts = [...allIntegers, ...fc.sample(integers, { seed, numRuns: runs(20_000) })];
    const distinct = [...new Set(texts)];
    const answers = askC(name, distinct);
    for (const [i, text] of distinct.entries()) {
      const [value, end, outOfRange] = answers[i]!.split(' ');
      const expected = { value: Number(value), end: Number(end), outOfRange: outOfRange === '1' };
      const read = inBytes(text, reader(text));
      // In C a negative zero equals zero.
      assert.deepEqual({ ...read, value: read.value + 0 }, expected, JSON.stringify(text));
    }
    t.diagnostic(`${distinct.length} texts`);
  });
}

/** Returns a number with its end as an offset into the bytes of the text. */
function inBytes(text: string, number: CNumber): CNumber {
  return { ...number, end: Buffer.byteLength(text.slice(0, number.end)) };
}

test(`atoi reads as the C library does (seed ${seed})`, { skip }, (t) => {
  const texts = [...allIntegers, ...fc.sample(integers, { seed, numRuns: runs(20_000) })];
  t.diagnostic(`${compare('atoi', texts, (text) => String(atoi(text)))} texts`);
});

test(`strtod reads as the C library does (seed ${seed})`, { skip }, (t) => {
  const pieces = [
    ' ',
    '+',
    '-',
    '.',
    '0',
    '1',
    '9',
    'e',
    'E',
    'x',
    'X',
    'p',
    'P',
    'a',
    'f',
    'i',
    'n',
    '(',
    ')',
    '_',
    '\v',
  ];
  const words = [
    'inf',
    'INFINITY',
    'infinit',
    'nan',
    'NaN(',
    'nan(x_1)',
    '0x',
    '0X.',
    'e-',
    'p-',
    '10',
    '1e308',
    '308',
    '324',
  ];
  const double = fc.double({ noNaN: true, noDefaultInfinity: true });
  const texts = [
    ...allTexts(pieces, 3),
    ...fc.sample(textsOf([...pieces, ...words], 7), { seed, numRuns: runs(20_000) }),
    ...fc.sample(double, { seed, numRuns: runs(5000) }).map(String),
    ...fc
      .sample(fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 80n }), fc.integer({ min: -1200, max: 1100 })), {
        seed,
        numRuns: runs(10_000),
      })
      .map(([mantissa, exponent]) => `0x${mantissa.toString(16)}p${exponent}`),
    ...fc
      .sample(fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.integer({ min: -360, max: 320 })), {
        seed,
        numRuns: runs(10_000),
      })
      .map(([mantissa, exponent]) => `${mantissa}e${exponent}`),
  ];
  const count = compare('strtod', texts, (text) => {
    const { value, end, outOfRange } = inBytes(text, strtod(text));
    const bits = Buffer.alloc(8);
    bits.writeDoubleBE(value);
    return `${Number.isNaN(value) ? 'nan' : bits.toString('hex')} ${end} ${Number(outOfRange)}`;
  });
  t.diagnostic(`${count} texts`);
});

test('isspace accepts the six whitespace characters of C and no others of Unicode', { skip }, (t) => {
  const [answer] = askC('isspace', ['']) as [string];
  for (let code = 0; code < 256; code++) assert.equal(isspace(code), answer[code] === '1', String(code));
  for (let code = 256; code < 0x10000; code++) assert.equal(isspace(code), false, String(code));
  t.diagnostic('256 bytes, 65280 more characters');
});

test(`letters change their case as in the C locale, byte by byte (seed ${seed})`, { skip }, (t) => {
  const characters = Array.from({ length: 0x10000 - 1 }, (_, i) => String.fromCharCode(i + 1)).filter(
    (character) => !/\p{Surrogate}/u.test(character),
  );
  const hex = (text: string): string => Buffer.from(text).toString('hex');
  const lower = compare('tolower', characters, (text) => hex(pgAsciiToLower(text)));
  const upper = compare('toupper', characters, (text) => hex(pgAsciiToUpper(text)));
  t.diagnostic(`${lower + upper} characters`);
});

test(`compares texts as strcmp and strcasecmp do (seed ${seed})`, { skip }, (t) => {
  const text = textsOf(['a', 'A', 'k', 'K', 'i', 'I', 's', 'S', 'ſ', 'ı', 'é', 'É', '\uffff', '😀', '.', '['], 4);
  const pairs = fc.sample(fc.tuple(text, text), { seed, numRuns: runs(20_000) }).map((pair) => pair.join('\n'));
  const singles = ['K', 'i', 'I', 's', 'a', ...unicodeTraps, 'ſ', 'ı'];
  const all = singles.flatMap((a) => singles.map((b) => `${a}\n${b}`));
  const count = compare('compare', [...pairs, ...all], (pair) => {
    const [left, right] = pair.split('\n') as [string, string];
    return `${Math.sign(strcmp(left, right))} ${Number(equalsIgnoringCase(left, right))}`;
  });
  t.diagnostic(`${count} pairs`);
});

test(`reads numeric addresses as getaddrinfo does, and writes them as inet_ntop does (seed ${seed})`, {
  skip,
}, (t) => {
  const interfaces = Object.keys(networkInterfaces());
  const pieces4 = [
    '.',
    '0',
    '1',
    '8',
    '10',
    '255',
    '256',
    '0x',
    '0x7f',
    '010',
    '4294967295',
    '4294967296',
    '-',
    '+',
    ' ',
    'x',
  ];
  const pieces6 = [':', '::', '0', '1', 'ffff', 'fe80', '12345', 'Ab', 'g', '1.2.3.4', '1.2.3.256', '01.2.3.4', '.'];
  const zones = ['%', '%lo', '%1', '%nope', '%4294967295', '%4294967296', 'fe80::1', 'ff02::1', 'ff01::1', '::1'];
  const texts = [
    ...allTexts(['.', '0', '1', '9', 'x', ':', 'a', '%'], 5),
    ...fc.sample(textsOf(pieces4, 8), { seed, numRuns: runs(20_000) }),
    ...fc.sample(textsOf(pieces6, 16), { seed, numRuns: runs(20_000) }),
    ...fc.sample(textsOf([...pieces6, ...zones], 5), { seed, numRuns: runs(10_000) }),
    ...fc.sample(fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended()), { seed, numRuns: runs(10_000) }),
  ];
  const count = compare('address', texts, (text) => {
    const address = parseIpAddress(text, interfaces);
    if (address === undefined) return 'none';
    return `${Buffer.from(address.bytes).toString('hex')} ${formatIpAddress(address)}`;
  });
  t.diagnostic(`${count} texts`);
});
