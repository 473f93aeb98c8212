import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CertificateAuthority, Ledger, PrivateKey } from '../../src/pki/index.ts';
import { fileLedgerStore } from '../../src/tls/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-ledger-'));
after(() => rmSync(folder, { recursive: true }));

test('a ledger in a file, used by several at once, loses nothing and leaves nothing behind', async () => {
  const path = join(folder, 'ledger.json');
  const authority = await CertificateAuthority.create({ subject: 'CN=r' });
  const key = await PrivateKey.generate();
  const issued = await Promise.all(
    Array.from({ length: 12 }, (_, i) => authority.issueClientCertificate({ user: `role ${i}`, key })),
  );
  const ledgers = [1, 2, 3].map(() => new Ledger(fileLedgerStore(path)));
  await Promise.all(issued.map(({ certificate }, i) => ledgers[i % 3]!.record(certificate)));
  const recorded = await ledgers[0]!.certificates();
  assert.deepEqual(recorded.map(({ name }) => name).toSorted(), issued.map((_, i) => `role ${i}`).toSorted());
  assert.deepEqual(readdirSync(folder), ['ledger.json']);
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).version, 1);
  if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a text that has changed in the meantime is not overwritten, and a failed write releases the lock', async () => {
  const path = join(folder, 'other.json');
  const store = fileLedgerStore(path);
  assert.equal(await store.read(), undefined);
  assert.equal(await store.write('one', undefined), true);
  assert.equal(await store.write('two', undefined), false);
  assert.equal(await store.write('two', 'one'), true);
  assert.equal(await store.read(), 'two');
  writeFileSync(path, 'three');
  assert.equal(await store.write('four', 'two'), false);
  await assert.rejects(fileLedgerStore(join(folder, 'absent', 'x.json')).write('x', undefined), { code: 'ENOENT' });
  mkdirSync(join(folder, 'directory'));
  await assert.rejects(fileLedgerStore(join(folder, 'directory')).write('x', undefined), { code: 'EISDIR' });
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.lock') || name.endsWith('.tmp')),
    [],
  );
});
