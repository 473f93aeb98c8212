import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { repositoryRoot } from '../repository.ts';
import { readSourceFiles } from './source-imports.ts';

/** The characters that are repeated: at least one of every class of characters in the expressions. */
const repeated = Array.from(' \t\n\r\v\f"\'\\,;.:/=#-_+*?&@%~^$|!<>()[]{}01aAfx\u00e9\ufffd');

/** Much more than a linear search of such a text needs (under 1 ms), and less than a quadratic one (over 80 ms). */
const slowMilliseconds = 30;

test('no regular expression needs quadratic time for a long run of one character', () => {
  const literals = readSourceFiles().flatMap(({ path }) =>
    literalsOf(readFileSync(join(repositoryRoot, 'src', path), 'utf8')).map((literal) => ({ file: path, literal })),
  );
  assert.ok(literals.length > 300);
  assert.deepEqual(
    literals.filter(({ literal }) => slowRun(literal) !== undefined),
    [],
  );
});

test('a slow regular expression is found', () => {
  for (const [literal, run] of [
    ['/ +$/', ' '],
    ['/[^\\n]*\\n/g', ' '],
    ['/\\[[^\\]]*\\]/', '['],
  ] as const) {
    assert.equal(slowRun(literal), run, literal);
  }
  for (const literal of ['/^ +/', '/ $/', '/[ \\t]/']) assert.equal(slowRun(literal), undefined, literal);
});

/** Returns the regular expressions in a piece of code, as they are written. */
function literalsOf(code: string): string[] {
  const literals: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) literals.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('code.ts', code, ts.ScriptTarget.Latest, true));
  return literals;
}

/** Returns the first character of {@link repeated} for which a search takes quadratic time. */
function slowRun(literal: string): string | undefined {
  const end = literal.lastIndexOf('/');
  // With the flag g, each search would start at the end of the last one.
  const regex = new RegExp(literal.slice(1, end), literal.slice(end + 1).replace('g', ''));
  return repeated.find((character) =>
    // A text of each kind ends in another character than the run, so that a search for the end of the run goes on.
    ['', '\u0001', '!!'].some((ending) => isSlow(() => regex.test(character.repeat(10_000) + ending))),
  );
}

/** Returns whether a search needs more than the limit of processor time in each of three attempts. */
function isSlow(search: () => void): boolean {
  return [1, 2, 3].every(() => {
    const start = process.cpuUsage();
    search();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000 > slowMilliseconds;
  });
}
