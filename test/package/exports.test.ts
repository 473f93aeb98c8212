import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { builtFile, declarationFile, specifierOf, subpaths } from './manifest.ts';

const require = createRequire(import.meta.url);

test('the exports are those of the design', () => {
  assert.deepEqual(subpaths, ['.', './hba', './ident', './hosts', './conf', './pki', './client', './tls']);
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
