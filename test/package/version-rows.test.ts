import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { pgMajors } from '../../src/version.ts';
import { repositoryRoot } from '../repository.ts';
import { documents } from './documents.ts';
import { readSourceFiles } from './source-imports.ts';

/** The section of CONTRIBUTING.md that lists the files to change for a new major version. */
const chapter = /^## A new PostgreSQL major version\n(.*?)(?=^## |$(?![\s\S]))/ms;

test('CONTRIBUTING names exactly the files of src with facts about major versions', () => {
  const text = readFileSync(join(repositoryRoot, 'CONTRIBUTING.md'), 'utf8');
  const listed = new Set(Array.from(chapter.exec(text)![1]!.matchAll(/`src\/([^`]+\.ts)`/g), ([, path]) => path!));
  const found = new Set(
    readSourceFiles()
      .map(({ path }) => path)
      .filter((path) => holdsVersionRows(path, readFileSync(join(repositoryRoot, 'src', path), 'utf8'))),
  );
  assert.deepEqual(
    {
      notInTheList: [...found].filter((path) => !listed.has(path)),
      inTheListOnly: [...listed].filter((path) => !found.has(path)),
    },
    { notInTheList: [], inTheListOnly: [] },
  );
});

test('rows with a span, tables keyed by major versions and comparisons with a number are facts about major versions', () => {
  for (const code of [
    'const span = { since: 14 };',
    'const table = [{ name: "x", until: 9.6 }];',
    'const majors = [16, 17, 18];',
    'const byMajor = { 16: "a", 17: "b" };',
    'if (version >= 12) f();',
    'if (11 < options.version) f();',
    'const isOld = major <= 9.6;',
    'const firstMajor = 19;',
    'const columns: Record<PgMajor, string> = f();',
  ]) {
    assert.ok(holdsVersionRows('file.ts', code), code);
  }
  for (const code of [
    'span.since !== undefined',
    'const size = { since: "1970" };',
    'if (bits >= 16) f();',
    'const modes = [1, 2];',
    'const base = 10;',
  ]) {
    assert.ok(!holdsVersionRows('file.ts', code), code);
  }
});

test('the pages name the newest major version where they name a range of versions up to now', () => {
  // The change log says what was true at its time.
  const pages = documents.filter(({ path }) => path !== 'CHANGELOG.md');
  const named = pages.flatMap(({ path, text }) =>
    Array.from(text.matchAll(/\b(?:9\.6|9\.6, 10|14) to (\d+)\b/g), ([range, newest]) => ({ path, range, newest })),
  );
  assert.ok(named.length >= 3);
  const outdated = named.filter(({ newest }) => Number(newest) !== pgMajors.at(-1));
  assert.deepEqual(outdated, []);
});

/** Returns true if a source file contains a fact about certain major versions: a span, a table, or a comparison. */
function holdsVersionRows(path: string, text: string): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    found ||= isVersionRow(node);
    if (!found) ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

function isVersionRow(node: ts.Node): boolean {
  if (ts.isPropertyAssignment(node)) return /^(?:since|until)$/.test(node.name.getText()) && isMajor(node.initializer);
  if (ts.isArrayLiteralExpression(node)) return node.elements.length > 1 && node.elements.every(isMajor);
  if (ts.isObjectLiteralExpression(node)) {
    const names = node.properties.map(({ name }) => name);
    return names.length > 1 && names.every((name) => name !== undefined && isMajor(name));
  }
  if (ts.isVariableDeclaration(node) || ts.isParameter(node)) {
    return node.initializer !== undefined && namesMajor(node.name, node.initializer);
  }
  if (ts.isBinaryExpression(node)) return namesMajor(node.left, node.right) || namesMajor(node.right, node.left);
  if (ts.isTypeReferenceNode(node)) return /^(?:Record|Map)<PgMajor\b/.test(node.getText());
  return false;
}

function namesMajor(subject: ts.Node, value: ts.Node): boolean {
  return /(?:version|major)$/i.test(subject.getText()) && isMajor(value);
}

function isMajor(node: ts.Node): boolean {
  return ts.isNumericLiteral(node) && /^(?:9\.6|[12]\d)$/.test(node.text);
}
