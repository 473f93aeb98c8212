import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSourceFiles, type SourceFile } from './source-imports.ts';

// What every part may stand on.
const base = ['codes.ts', 'errors.ts', 'version.ts', 'secret.ts', 'parse-options.ts', 'text'];

/** The parts of the library, and those below each that it may import. */
const layers: Readonly<Record<string, readonly string[]>> = {
  'codes.ts': [],
  'errors.ts': ['codes.ts'],
  'version.ts': ['errors.ts'],
  'secret.ts': [],
  'parse-options.ts': ['version.ts'],
  text: ['codes.ts', 'errors.ts'],
  net: base,
  include: ['version.ts'],
  hba: [...base, 'net', 'include'],
  ident: [...base, 'net', 'include', 'hba'],
  hosts: [...base, 'net', 'include', 'hba'],
  conf: [...base, 'include'],
  pki: [...base, 'net'],
  client: [...base, 'net', 'pki'],
  tls: [...base, 'net', 'hba', 'ident', 'conf', 'pki', 'client'],
  doctor: base,
  'index.ts': [...base, 'hba', 'ident', 'hosts', 'conf'],
};

/** The only files that may import a module from outside. */
const doors: Readonly<Record<string, RegExp>> = {
  '@peculiar/x509': /^pki\/x509\.ts$/,
  '@peculiar/webcrypto': /^pki\/default-engine\.node\.ts$/,
  'reflect-metadata': /^pki\/reflect\.ts$/,
  'pg-connection-string': /^client\//,
  'node:crypto': /^(?:pki\/[a-z-]+\.node|tls\/.*)\.ts$/,
  'node:path': /^tls\//,
  'node:fs': /^tls\/apply.*\.ts$/,
  'node:fs/promises': /^tls\/apply.*\.ts$/,
};

const files = readSourceFiles();

test('each part imports only from those below it', () => {
  assert.ok(files.length > 10);
  const upward = files.flatMap((file) =>
    file.files
      .map((target) => partOf(target))
      .filter((part) => part !== file.part && !(layers[file.part] ?? []).includes(part))
      .map((part) => `${file.path} imports ${part}`),
  );
  assert.deepEqual(upward, []);
  assert.deepEqual(
    [...new Set(files.map((file) => file.part))].filter((part) => !(part in layers)),
    [],
  );
});

test('no files import each other in a circle', () => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  function visit(file: SourceFile, trail: readonly string[]): void {
    assert.ok(!trail.includes(file.path), `a circle: ${[...trail, file.path].join(' → ')}`);
    if (done.has(file.path)) return;
    for (const path of file.files) {
      const target = byPath.get(path);
      assert.ok(target !== undefined, `${file.path} imports ${path}, which is not there`);
      visit(target, [...trail, file.path]);
    }
    done.add(file.path);
  }
  for (const file of files) visit(file, []);
  assert.equal(done.size, files.length);
});

test('index files only re-export, and nothing but index files re-exports', () => {
  const indexes = files.filter((file) => file.path.endsWith('index.ts'));
  assert.deepEqual(
    files.filter((file) => file.onlyReExports),
    indexes,
  );
});

test('modules from outside come in through their doors alone', () => {
  const elsewhere = files.flatMap((file) =>
    file.modules
      .filter((name) => !name.startsWith('#') && doors[name]?.test(file.path) !== true)
      .map((name) => `${file.path} imports ${name}`),
  );
  assert.deepEqual(elsewhere, []);
});

function partOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path;
}
