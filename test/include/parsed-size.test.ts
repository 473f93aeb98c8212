import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { parsedSize } from '../../src/include/parsed-size.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const readFileOf =
  (files: Readonly<Record<string, string>>) =>
  (path: string): Uint8Array =>
    bytes(files[path.replace('/data/', '')]!);

test('the size of a parsed file counts its lines, and the words of a long line', () => {
  const wordsIn = (text: string): number => {
    const lines = text.split('\n').length;
    return (parsedSize(bytes(text)) - text.length - lines * 128) / 256;
  };
  const words = 'a '.repeat(32);
  for (const text of ['', '\n', 'local all all peer\n', `${words}\n${words}`, `a${' ,\t\r'.repeat(100)}`]) {
    assert.equal(wordsIn(text), 0, JSON.stringify(text));
  }
  assert.equal(wordsIn(`${words}b\n`), 1);
  assert.equal(wordsIn(`${'a,'.repeat(100)}\n${'a\t'.repeat(100)}`), 2 * 68);
  assert.equal(wordsIn(`${words}\\\nb`), 2);
  assert.equal(wordsIn(`${words}\\\r\nb`), 2);
  assert.equal(wordsIn('a\r'.repeat(100)), 68);
});

test('a NUL hides the rest of its line, and joins the next line', () => {
  const words = 'a '.repeat(32);
  const countOf = (text: string): number => {
    const { entries } = HbaFile.parse(text);
    const lines = text.split('\n').length;
    const counted = (parsedSize(bytes(text)) - text.length - lines * 128) / 256;
    return entries.length > 1 ? 0 : counted;
  };
  assert.equal(countOf(`${words}\0 b b\nc d`), 2);
  assert.equal(countOf(`${words}\\\0 b b\n\nc d`), 3);
  assert.equal(countOf(`${words}\\\0\n\0\n\r\nc d`), 3);
});

test('files that include the same files again and again are not followed for ever', () => {
  const levels = [...Array(9).keys()];
  const nested = Object.fromEntries(levels.map((i) => [`f${i}`, `include 'f${i + 1}'\n`.repeat(20)]));
  const readFile = readFileOf({ ...nested, f9: '', names: `${'a,'.repeat(20_000)}a\n` });

  const main = ConfFile.parse("include 'f0'\n", { file: '/data/postgresql.conf', readFile });
  for (const diagnostics of [main.diagnostics, ConfTree.read({ main }).diagnostics]) {
    assert.ok(diagnostics.length < 20_000);
    assert.equal(diagnostics[0]?.code, 'include-not-followed');
    assert.match(diagnostics[0].message, /: the included files are too large together$/);
  }

  const hba = HbaFile.parse(`local ${'@names,'.repeat(10_000)}b all trust\n`, { file: '/data/pg_hba.conf', readFile });
  assert.equal(hba.diagnostics.length, 10_000 - 6);
  assert.ok(hba.diagnostics.every(({ code }) => code === 'include-not-followed'));
  assert.match(hba.diagnostics[0]!.message, /the included files are too large together/);
});

test('an @file that is too large is not followed, but an included file of the same size is', () => {
  const end = ` # ${'x'.repeat(2000)}\n`;
  const readFile = readFileOf({ names: `a${end}`.repeat(17_000), rules: `local all all peer${end}`.repeat(17_000) });
  const codes = (text: string): readonly string[] =>
    HbaFile.parse(text, { file: '/data/pg_hba.conf', readFile }).diagnostics.map(({ code }) => code);
  assert.deepEqual(codes('local @names all trust\n'), ['include-not-followed']);
  assert.deepEqual(codes('include rules\n'), []);
  assert.deepEqual(codes('include rules\ninclude rules\n'), ['include-not-followed']);
});

test('a long chain of @files is not followed to its end', () => {
  const readFile = (path: string): Uint8Array => bytes(`a\n@/x${Number(path.slice(2)) + 1}\n`);
  const { diagnostics } = HbaFile.parse('local @/x0 all trust\n', { file: '/pg_hba.conf', readFile, version: 15 });
  assert.deepEqual(
    diagnostics.map(({ code, message }) => [code, message]),
    [['include-not-followed', 'The content of "@/x100" is unknown: more than 100 files are nested']],
  );
});
