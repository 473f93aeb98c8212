import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeRegex } from '../../src/auth-file/read/regex.ts';
import { runs, seed } from '../property.ts';
import { forEachMajor, withServer } from '../server/index.ts';

test('a regular expression is judged if PostgreSQL and JavaScript read it alike', () => {
  for (const pattern of [
    '',
    '^db[0-9]+$',
    'a|b',
    '(a(b)?)*',
    'a{1,2}',
    '[^a-z_]x',
    '\\.',
    '\\d+?',
    'a||b',
    '()',
    '{',
    '[a-b]',
    `a{${'0'.repeat(30)}255}`,
  ]) {
    assert.equal(judgeRegex(pattern), 'valid', pattern);
  }
});

test('a malformed regular expression is reported in the words of the server', () => {
  const words = (pattern: string): unknown => judgeRegex(pattern);
  assert.deepEqual(words('('), { invalid: 'parentheses () not balanced' });
  assert.deepEqual(words('a)'), { invalid: 'parentheses () not balanced' });
  assert.deepEqual(words('[ab'), { invalid: 'brackets [] not balanced' });
  assert.deepEqual(words('[b-a'), { invalid: 'brackets [] not balanced' });
  assert.deepEqual(words('[b-ax'), { invalid: 'invalid character range' });
  assert.deepEqual(words('[b-a]'), { invalid: 'invalid character range' });
  assert.deepEqual(words('*a'), { invalid: 'quantifier operand invalid' });
  assert.deepEqual(words('a**'), { invalid: 'quantifier operand invalid' });
  assert.deepEqual(words('^*'), { invalid: 'quantifier operand invalid' });
  assert.deepEqual(words('a{2,1}'), { invalid: 'invalid repetition count(s)' });
  assert.deepEqual(words('a{256}'), { invalid: 'invalid repetition count(s)' });
  assert.deepEqual(words('a{1x}'), { invalid: 'invalid repetition count(s)' });
  assert.deepEqual(words('a{1'), { invalid: 'braces {} not balanced' });
  assert.deepEqual(words('a{999'), { invalid: 'braces {} not balanced' });
  assert.deepEqual(words('a{9999'), { invalid: 'invalid repetition count(s)' });
  for (const pattern of ['\\1', '(a)\\2', '(a\\1)', '\\1(a)', '((a)\\1)', '(a)\\1\\2'])
    assert.deepEqual(words(pattern), { invalid: 'invalid backreference number' }, pattern);
  assert.deepEqual(words('a\\'), { invalid: 'invalid escape \\ sequence' });
});

test('syntax that only PostgreSQL has is left to a server', () => {
  for (const pattern of [
    '(?i)a',
    '***=a',
    '\\ma',
    '(a)\\1',
    '((a)\\2)\\1*',
    '\\10',
    '\\0',
    '[[:alpha:]]',
    '[]a]',
    '[^]a]',
    '[a-]',
    '(?:a)',
    'a(?=b)',
    '[\\d]',
  ]) {
    assert.equal(judgeRegex(pattern), 'unchecked', pattern);
  }
});

const pieces = [
  ...['a', '1', '.', ' ', '_', '/', '"', 'é', '😀', ',', '-', '^', '$', '|', '(', ')', '()', '(|', '*', '+', '?', '*?'],
  ...[
    '[',
    ']',
    '[^',
    '[a]',
    '[ab-d]',
    'a-z',
    'z-a',
    '--',
    '[.',
    '[:',
    '\\',
    '\\.',
    '\\d',
    '\\w',
    '\\D',
    '\\]',
    '\\é',
    '\\1',
    '\\2',
    '(a)',
    '(?',
  ],
  ...[
    '{',
    '}',
    '{1',
    '{1}',
    '{1,',
    '{1,2}',
    '{2,1}',
    '{2,1',
    '{255}',
    '{256}',
    '{256',
    '{9999',
    '{1,9999',
    '{,2}',
    '{ 1}',
  ],
  ...[`{${'0'.repeat(25)}1}`, `{1,${'9'.repeat(25)}}`],
];

forEachMajor([10, 13, 18, 19], (major) => {
  test('judges regular expressions as the server does, or not at all', async () => {
    await withServer({ major }, async (server) => {
      await server.query(`
        CREATE FUNCTION verdict(pattern text) RETURNS text LANGUAGE plpgsql AS $$
          BEGIN PERFORM 'x' ~ (pattern COLLATE "C"); RETURN 'valid'; EXCEPTION WHEN others THEN RETURN SQLERRM; END $$`);
      const patterns = fc.array(fc.constantFrom(...pieces), { maxLength: 7 }).map((parts) => parts.join(''));
      const property = fc.asyncProperty(fc.array(patterns, { minLength: 100, maxLength: 100 }), async (all) => {
        const judged = all.filter((pattern) => judgeRegex(pattern) !== 'unchecked');
        const rows = await server.query<{ verdict: string }>(
          'SELECT verdict(pattern) FROM unnest($1::text[]) WITH ORDINALITY AS p (pattern, i) ORDER BY i',
          [judged],
        );
        const ours = judged.map((pattern) => {
          const verdict = judgeRegex(pattern);
          return typeof verdict === 'string' ? verdict : `invalid regular expression: ${verdict.invalid}`;
        });
        assert.deepEqual(
          ours,
          rows.map(({ verdict }) => verdict),
        );
      });
      await fc.assert(property, { seed, numRuns: runs(20) });
    });
  });
});
