import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { settingDefinitions } from '../../src/conf/index.ts';
import { pgMajors } from '../../src/version.ts';
import { repositoryRoot } from '../repository.ts';
import { builtFile, declarationFile, specifierOf, subpaths } from './manifest.ts';

const require = createRequire(import.meta.url);

test('every folder with an index is an export, and the planned exports exist', () => {
  const folders = readdirSync(join(repositoryRoot, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const withIndex = folders.filter(({ name }) => existsSync(join(repositoryRoot, 'src', name, 'index.ts')));
  assert.deepEqual([...subpaths].sort(), ['.', ...withIndex.map(({ name }) => `./${name}`)].sort());
  const promised = [
    ...['.', './hba', './ident', './hosts', './conf', './access', './configuration', './pki', './client', './tls'],
  ];
  assert.deepEqual(
    promised.filter((subpath) => !subpaths.includes(subpath)),
    [],
  );
});

for (const subpath of subpaths) {
  test(`${specifierOf(subpath)} can be imported and required, and is the same module`, async () => {
    const imported = await import(specifierOf(subpath));
    assert.ok(Object.keys(imported).length > 0);
    assert.equal(require(specifierOf(subpath)), imported);
    assert.equal(require.resolve(specifierOf(subpath)), builtFile(subpath));
    assert.ok(existsSync(declarationFile(subpath)));
    assert.ok(!('default' in imported), 'there is no default export');
  });
}

test('the root exports files, errors, versions and diagnostics only', async () => {
  const files = ['ConfFile', 'ConfTree', 'HbaFile', 'HostsFile', 'IdentFile'];
  const shared = [
    'PgHostsslError',
    'defaultPgMajor',
    'causeCodes',
    'diagnosticCodes',
    'errorCodes',
    'parsePgVersion',
    'pgMajors',
    'problemCodes',
  ];
  assert.deepEqual(Object.keys(await import('pg-hostssl')).sort(), [...files, ...shared, 'renderDiagnostic'].sort());
});

test('every exported constant is frozen, because all callers and the library itself share it', async () => {
  for (const subpath of subpaths) {
    for (const [name, value] of Object.entries(await import(specifierOf(subpath)))) {
      if (typeof value !== 'object' || value === null) continue;
      const parts = Object.values(value).filter((part) => typeof part !== 'function');
      for (const part of [value, ...parts]) assert.ok(Object.isFrozen(part), `${name} of ${subpath}`);
    }
  }
});

test('the definitions of settings are frozen for the same reason', () => {
  for (const definition of pgMajors.flatMap((version) => settingDefinitions(version))) {
    for (const part of [definition, ...Object.values(definition)]) assert.ok(Object.isFrozen(part), definition.name);
  }
});
