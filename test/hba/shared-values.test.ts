import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HbaFile } from '../../src/hba/index.ts';
import { runs, seed } from '../property.ts';

// Few words, so that most columns of a file repeat the notation of an earlier rule, or differ from it by quotes, by
// blanks inside quotes, or in the next column only.
const words = [
  'all',
  '"all"',
  'a',
  'ab',
  '"a"',
  'a,b',
  'b,a',
  '"a,b"',
  '+a',
  '"+a"',
  '/a',
  '"/a"',
  '@f',
  '"@f"',
  'replication',
];
const addresses = ['all', '"all"', '::1/128', '10.0.0.0/8', '10.0.0.0 255.0.0.0', '10.0.0.0 255.255.0.0', '"samenet"'];
const options = ['', 'map=a', '"map=a"', 'map="a b"', 'map=a clientcert=verify-ca', '"map=a clientcert=verify-ca"'];
const line = fc
  .tuple(
    fc.constantFrom(...words),
    fc.constantFrom(...words),
    fc.constantFrom(...addresses),
    fc.constantFrom(...options),
  )
  .map(([database, user, address, option]) => `hostssl ${database} ${user} ${address} cert ${option}\n`);

test('each rule is read as in a file of its own', () => {
  const property = fc.property(fc.array(line, { minLength: 100, maxLength: 300 }), (lines) => {
    const alone = lines.map((text) => HbaFile.parse(text).entries[0]);
    assert.deepEqual(HbaFile.parse(lines.join('')).entries, alone);
  });
  fc.assert(property, { seed, numRuns: runs(50) });
});

test('rules are also read right after thousands of other names and addresses', () => {
  const line = (i: number) => `host db${i} user${i} 10.${i >> 8}.${i & 255}.0/24 ident map=m${i}\n`;
  const { rules } = HbaFile.parse(Array.from({ length: 12_000 }, (_, i) => line(i % 10_000)).join(''));
  for (const [i, rule] of rules.entries()) assert.deepEqual(rule, HbaFile.parse(line(i % 10_000)).rules[0]);
});

test('a value that several rules share cannot be changed', () => {
  const { rules } = HbaFile.parse('host a,/x +b 10.0.0.0/8 ident map=m\n'.repeat(100));
  const [last, other] = [rules.at(-1), rules.at(-2)];
  assert.ok(last?.type === 'host' && other?.type === 'host');
  assert.equal(last.address, other.address);
  assert.equal(last.databases, other.databases);
  for (const value of [last.databases, last.users, last.address, last.options]) {
    assert.ok(Object.isFrozen(value));
    for (const part of Object.values(value)) assert.ok(Object.isFrozen(part));
  }
});
