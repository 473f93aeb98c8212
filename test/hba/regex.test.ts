import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeRegex } from '../../src/hba/regex.ts';

test('a regular expression is judged where both languages agree', () => {
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
  ]) {
    assert.equal(judgeRegex(pattern), 'valid', pattern);
  }
});

test('what is malformed is told in the words of the server', () => {
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
  assert.deepEqual(words('a\\'), { invalid: 'invalid escape \\ sequence' });
});

test('what is PostgreSQL’s own is left to a server', () => {
  for (const pattern of ['(?i)a', '***=a', '\\ma', '(a)\\1', '[[:alpha:]]', '[]a]', '[a-]', '(?:a)', '[\\d]']) {
    assert.equal(judgeRegex(pattern), 'unchecked', pattern);
  }
});
