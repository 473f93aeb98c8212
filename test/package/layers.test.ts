import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../repository.ts';
import { readSourceFiles, type SourceFile } from './source-imports.ts';

/**
 * The units of the library, lowest first: a file imports only from its own unit and from units above it in this list. A
 * unit is a folder of `src`, or a folder or file inside it. A folder in this list stands for all its files that no
 * other line names.
 */
const order: readonly string[] = [
  'codes.ts',
  'text/control-characters.ts',
  'errors.ts',
  'c/ascii.ts',
  'version.ts',
  'c',
  'arguments.ts',
  'append-all.ts',
  'group-by.ts',
  'first-position.ts',
  'lazily.ts',
  'copy-argument.ts',
  'with-content.ts',
  'parse-options.ts',
  'text',
  'find-secrets.ts',
  'net',
  'asn1',
  'names',
  'include',
  'auth-file/scan',
  'auth-file/read',
  'auth-file/write',
  'auth-file/check',
  'auth-file',
  'hba/tables',
  'hba/rule.ts',
  'hba/column-element.ts',
  'hba/read',
  'hba/write',
  'hba/check',
  'hba',
  'ident/mapping.ts',
  'ident/read',
  'ident/write',
  'ident/check',
  'ident',
  'hosts/record.ts',
  'hosts/read',
  'hosts/write',
  'hosts/check',
  'hosts',
  'conf/lines',
  'conf/catalogue',
  'conf/values',
  'conf/check',
  'conf/edited-line.ts',
  'conf/setting-lines.ts',
  'conf/file.ts',
  'conf/tree.ts',
  'conf/server',
  'conf',
  'access/regex',
  'access/rules',
  'access/match',
  'access/space',
  'access/scope',
  'access/place',
  'access/place-rule.ts',
  'access/diff',
  'access/policy',
  'access/reach',
  'access/report',
  'access/upgrade',
  'access/search.ts',
  'access/unreachable.ts',
  'access/lint',
  'access',
  'pki/provider',
  'pki/keys',
  'pki/certificate',
  'pki/revocation',
  'pki/issue',
  'pki/verify',
  'pki/lifecycle',
  'pki',
  'client/bundle',
  'client/check',
  'client/connection',
  'client/live',
  'client/testing',
  'client/views',
  'client/files',
  'client',
  'disk',
  'configuration',
  'tls/state.ts',
  'tls/interrupted-error.ts',
  'tls/default-files.ts',
  'tls/plan/data',
  'tls/plan/plan-diagnostic.ts',
  'tls/plan/pem-files.ts',
  'tls/plan/request',
  'tls/plan/settings',
  'tls/plan/rules',
  'tls/plan/crl',
  'tls/plan/check',
  'tls/plan/pairs',
  'tls/plan/result',
  'tls/plan',
  'tls/abort-signal.ts',
  'tls/limits.ts',
  'tls/files',
  'tls/server',
  'tls/interrupted.ts',
  'tls/state-reader.ts',
  'tls/pending.ts',
  'tls/apply-errors.ts',
  'tls/verify.ts',
  'tls/data-directory.ts',
  'tls/apply-options.ts',
  'tls/apply-run.ts',
  'tls',
  'doctor/causes',
  'doctor/finding.ts',
  'doctor/configuration-findings.ts',
  'doctor',
  'index.ts',
];

/** Groups of folders that must not import each other. */
const siblings: readonly (readonly string[])[] = [['hba', 'ident', 'hosts', 'conf']];

/** For each external module, the only files that may import it. */
const doors: Readonly<Record<string, RegExp>> = {
  '@peculiar/x509': /^pki\/keys\/x509\.ts$/,
  '@peculiar/webcrypto': /^pki\/provider\/default-provider\.node\.ts$/,
  'reflect-metadata': /^pki\/keys\/x509\.ts$/,
  'pg-connection-string': /^client\/connection\/read-by-pg\.node\.ts$/,
  'node:crypto': /^(?:pki\/[a-z-]+\/[a-z-]+\.node|disk\/account\/child|tls\/(?:files|server)\/.*|tls\/apply-run)\.ts$/,
  'node:child_process': /^(?:disk|tls\/files)\//,
  'node:net': /^tls\/server\//,
  'node:tls': /^tls\/server\//,
  'node:timers/promises': /^tls\//,
  'node:util': /^pki\/provider\/direct\.node\.ts$/,
  'node:path': /^(?:tls|disk)\//,
  'node:fs': /^(?:tls\/files|disk)\/.*\.ts$/,
  'node:fs/promises': /^(?:tls\/files|disk)\/.*\.ts$/,
};

const files = readSourceFiles();

test('each file imports only from its own unit and from lower units', () => {
  assert.ok(files.length > 10);
  const upward = files.flatMap((file) =>
    file.files
      .filter((target) => levelOf(target) > levelOf(file.path))
      .map((target) => `${file.path} imports ${target}`),
  );
  assert.deepEqual(upward, []);
});

test('each unit of the order contains a file, and each file belongs to a unit', () => {
  assert.deepEqual(
    files.map((file) => file.path).filter((path) => levelOf(path) === -1),
    [],
  );
});

test('the map of CONTRIBUTING names each folder and file of src', () => {
  const text = readFileSync(join(repositoryRoot, 'CONTRIBUTING.md'), 'utf8');
  const map = text.slice(text.indexOf('\nsrc/\n'), text.indexOf('\ntest/ '));
  const named = new Set(map.match(/[a-z0-9-]+(?:\/|\.ts)/g));
  const parts = new Set([
    ...files.map(({ part }) => (part.endsWith('.ts') ? part : `${part}/`)),
    ...files.flatMap(({ path }) =>
      path
        .split('/')
        .slice(0, -1)
        .map((folder) => `${folder}/`),
    ),
  ]);
  assert.deepEqual(
    [...parts].filter((part) => !named.has(part)),
    [],
  );
});

test('siblings do not import each other', () => {
  const across = files.flatMap((file) => {
    const family = siblings.find((members) => members.includes(file.part)) ?? [];
    return file.files
      .filter((target) => target.split('/')[0] !== file.part && family.includes(target.split('/')[0]!))
      .map((target) => `${file.path} imports ${target}`);
  });
  assert.deepEqual(across, []);
});

test('read folders import neither check nor write folders', () => {
  const backward = files
    .filter(({ path }) => path.split('/')[1] === 'read')
    .flatMap((file) =>
      file.files
        .filter((target) => ['check', 'write'].includes(target.split('/')[1]!))
        .map((target) => `${file.path} imports ${target}`),
    );
  assert.deepEqual(backward, []);
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

test('index files only re-export, only index files re-export, and no file imports them', () => {
  const indexes = files.filter((file) => file.path.endsWith('index.ts'));
  // An index file leads to everything in its folder. The bundler would then load all of it with the importing file.
  const importing = files.filter((file) => file.files.some((target) => target.endsWith('index.ts')));
  assert.deepEqual(
    importing.map(({ path }) => path),
    [],
  );
  assert.deepEqual(
    files.filter((file) => file.onlyReExports),
    indexes,
  );
});

test('only the listed files import external modules', () => {
  const elsewhere = files.flatMap((file) =>
    file.modules
      .filter((name) => !name.startsWith('#') && doors[name]?.test(file.path) !== true)
      .map((name) => `${file.path} imports ${name}`),
  );
  assert.deepEqual(elsewhere, []);
});

/** Returns the position of the unit that a file belongs to: the unit with the longest matching path. */
function levelOf(path: string): number {
  const units = order.filter((unit) => path === unit || path.startsWith(`${unit}/`));
  const [longest] = units.sort((a, b) => b.length - a.length);
  return longest === undefined ? -1 : order.indexOf(longest);
}
