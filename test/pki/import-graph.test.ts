import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSourceFiles } from '../package/source-imports.ts';

const byPath = new Map(readSourceFiles().map((file) => [file.path, file]));

/** Returns all files that a file imports, directly or through others. */
function reachableFrom(path: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const target of byPath.get(path)!.files) reachableFrom(target, found);
  return found;
}

for (const path of [
  'names/name.ts',
  'names/format-name.ts',
  'pki/certificate/inspect.ts',
  'pki/certificate/match-host.ts',
  'pki/revocation/crl.ts',
  'pki/revocation/file-name.ts',
  'pki/lifecycle/renewals-due.ts',
  'pki/lifecycle/rollover-steps.ts',
  'pki/lifecycle/ledger-data.ts',
]) {
  test(`${path} only reads, and reaches neither @peculiar/x509 nor a provider`, () => {
    const reached = reachableFrom(path);
    for (const heavy of ['pki/keys/x509.ts', 'pki/keys/private-key.ts', 'pki/provider/default-provider.node.ts']) {
      assert.ok(byPath.has(heavy));
      assert.ok(!reached.has(heavy), heavy);
    }
  });
}

test('issuing reaches @peculiar/x509, so these tests can see it', () => {
  assert.ok(reachableFrom('pki/issue/authority.ts').has('pki/keys/x509.ts'));
});
