import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { repositoryRoot } from '../repository.ts';
import { readSourceFiles } from './source-imports.ts';

interface AllowedRow {
  /** The path of the file below src. */
  readonly file: string;
  /** What the file uses: the name of a method, or a part of a regular expression. */
  readonly use: string;
  /** The reason why rules for all of Unicode are right in this place, or do no harm. */
  readonly because: string;
}

/**
 * The places that may use functions with the rules of all of Unicode. All other code must use the ASCII functions of
 * `src/c/ascii.ts`, because PostgreSQL does.
 */
const allowed: readonly AllowedRow[] = [
  { file: 'c/ascii.ts', use: 'toLowerCase', because: 'The method is only given runs of A to Z.' },
  { file: 'c/ascii.ts', use: 'toUpperCase', because: 'The method is only given runs of a to z.' },
  {
    file: 'tls/plan/client-certificates.ts',
    use: 'trimEnd',
    because: 'Only the line end of a line that was just written is cut off.',
  },
];

/** The methods that use Unicode's rules about spaces, upper and lower case, or order. */
const methods: readonly string[] = [
  ...['trim', 'trimStart', 'trimEnd', 'trimLeft', 'trimRight', 'localeCompare'],
  ...['toLowerCase', 'toUpperCase', 'toLocaleLowerCase', 'toLocaleUpperCase'],
];

test('no text is trimmed, folded or matched by the rules of Unicode if C uses those of ASCII', () => {
  const found = readSourceFiles().flatMap(({ path }) =>
    unicodeUses(readFileSync(join(repositoryRoot, 'src', path), 'utf8')).map((use) => ({ file: path, use })),
  );
  const isAllowed = (use: { file: string; use: string }) =>
    allowed.some((row) => row.file === use.file && row.use === use.use);
  assert.deepEqual(
    found.filter((use) => !isAllowed(use)),
    [],
  );
  const unused = allowed.filter((row) => !found.some((use) => use.file === row.file && use.use === row.use));
  assert.deepEqual(unused, []);
  for (const { because } of allowed) assert.ok(because.length > 20);
});

test('blanks, word characters, flags and methods of Unicode are found', () => {
  for (const [code, use] of [
    ['text.trim()', 'trim'],
    ['text?.toLowerCase()', 'toLowerCase'],
    ['names.map(String.prototype.toUpperCase.call)', 'toUpperCase'],
    ['/[^\\s]/.test(text)', '\\s'],
    ['/\\S+/', '\\S'],
    ['/\\bx/u', '\\b'],
    ['/\\w/v', '\\w'],
    ['/x/iu', 'iu'],
    ['/x/gui', 'iu'],
    ['new RegExp("\\\\s", "g")', '\\s'],
    ['new RegExp(`$' + '{x}\\\\s`)', '\\s'],
    ['new RegExp(x, "iu")', 'iu'],
  ] as const) {
    assert.deepEqual(unicodeUses(code), [use], code);
  }
  for (const code of ['/\\w/', '/\\bx\\b/i', '/\\\\s/', '/\\p{L}/u', 'trim(text)', '"\\\\s"', '// text.trim()']) {
    assert.deepEqual(unicodeUses(code), [], code);
  }
});

/** Returns the uses of Unicode rules in a piece of code. */
function unicodeUses(code: string): string[] {
  const uses: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && methods.includes(node.name.text)) uses.push(node.name.text);
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      uses.push(...usesOfPattern(node.text.slice(1, end), node.text.slice(end + 1)));
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'RegExp') {
      const [pattern, flags] = node.arguments ?? [];
      const flagText = flags !== undefined && ts.isStringLiteral(flags) ? flags.text : '';
      uses.push(...usesOfPattern(pattern === undefined ? '' : textOf(pattern), flagText));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('code.ts', code, ts.ScriptTarget.Latest, true));
  return uses;
}

function usesOfPattern(pattern: string, flags: string): string[] {
  const isUnicode = /[uv]/.test(flags);
  const escapes = Array.from(pattern.matchAll(/\\[\s\S]/g), ([found]) => found).filter(
    (found) => /^\\[sS]$/.test(found) || (isUnicode && /^\\[bBwW]$/.test(found)),
  );
  return [...new Set(escapes), ...(isUnicode && flags.includes('i') ? ['iu'] : [])];
}

/** Returns the characters of a string or template that are known without running the code. */
function textOf(node: ts.Expression): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return '';
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('');
}
