import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../repository.ts';
import { documents } from './documents.ts';
import { specifierOf, subpaths } from './manifest.ts';

// Other tests run the example files. This test checks that the pages show the text of these files.
const shown = documents.flatMap(({ path, text }) =>
  Array.from(text.matchAll(/^<!-- (examples\/\S+) -->\n```ts\n(.*?)^```$/gms), ([, file, code]) => ({
    path,
    file,
    code,
  })),
);

test('the pages show the programs of examples unchanged', () => {
  assert.ok(shown.length > 0);
  for (const { path, file, code } of shown) {
    assert.equal(code, readFileSync(join(repositoryRoot, file!), 'utf8'), `${file} in ${path}`);
  }
});

test('every relative link of a page leads to a file, and its anchor to a heading', () => {
  const links = documents.flatMap(({ path, text }) =>
    Array.from(withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g), ([, link]) => ({ path, link: link! })),
  );
  const relative = links.filter(({ link }) => !/^[a-z]+:/.test(link));
  assert.ok(relative.length > 10);
  assert.deepEqual(
    relative.filter(({ path, link }) => !leadsSomewhere(path, link)),
    [],
  );
});

test('the README links every page of docs', () => {
  const readme = documents.find(({ path }) => path === 'README.md')!.text;
  const pages = documents.map(({ path }) => path).filter((path) => path.startsWith('docs/'));
  assert.deepEqual(
    pages.filter((path) => !readme.includes(`](${path})`)),
    [],
  );
});

test('the table of imports in the README names every subpath', () => {
  const readme = documents.find(({ path }) => path === 'README.md')!.text;
  const rows = Array.from(readme.matchAll(/^\| `(pg-hostssl[/\w]*)`/gm), ([, specifier]) => specifier!);
  assert.deepEqual(rows.sort(), subpaths.map(specifierOf).sort());
});

test('the replacing lines in the table of the README are lines of its program', () => {
  const readme = documents.find(({ path }) => path === 'README.md')!.text;
  const rows = Array.from(readme.matchAll(/^\| `(?:if|sed).*\| `([^`]*)` +\|$/gm), ([, line]) => line!);
  assert.equal(rows.length, 3);
  for (const line of rows) assert.ok(readme.includes(`\n${line}\n`), line);
});

test('each page begins with a title and a sentence, and ends with what can go wrong', () => {
  for (const { path, text } of documents.filter(({ path }) => path.startsWith('docs/'))) {
    assert.match(text, /^# [^\n]+\n\n[A-Z`*]/, path);
    assert.equal(Array.from(text.matchAll(/^## (.*)$/gm)).at(-1)?.[1], 'What can go wrong', path);
  }
});

test('the README stays short', () => {
  const lines = documents.find(({ path }) => path === 'README.md')!.text.split('\n').length;
  assert.ok(lines <= 160, `${lines} lines`);
});

/**
 * Returns true if a link on a page leads to a file of the repository and, if it has an anchor, to a heading of that
 * file.
 */
function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : posix.join(posix.dirname(page), path);
  if (!existsSync(join(repositoryRoot, target))) return false;
  if (anchor === undefined || statSync(join(repositoryRoot, target)).isDirectory()) return anchor === undefined;
  return headingAnchors(readFileSync(join(repositoryRoot, target), 'utf8')).includes(anchor);
}

/** Returns the anchors that GitHub and npm make of the headings of a page. */
function headingAnchors(text: string): readonly string[] {
  return Array.from(withoutCode(text).matchAll(/^#+ (.*)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```.*?^```$/gms, '');
}
