import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CertificateAuthority, Ledger, memoryLedgerStore, PrivateKey } from '../../src/pki/index.ts';
import { fileLedgerStore } from '../../src/tls/index.ts';
import type { LedgerCrashRequest } from './crash/ledger-program.ts';
import { withFolder } from './folder.ts';

const authority = await CertificateAuthority.create({ subject: 'CN=r' });
const key = await PrivateKey.generate();
const issue = async (user: string): Promise<string> =>
  (await authority.issueClientCertificate({ user, key })).certificate;
const certificates = [await issue('0'), await issue('1'), await issue('2')];
const program = fileURLToPath(new URL('./crash/ledger-program.js', import.meta.url));

test('a process that is killed at any call leaves a ledger with everything that it reported as done, and at most one more entry', () =>
  withFolder(async (folder) => {
    for (let index = 0; ; index++) {
      const path = join(folder, `ledger-${index}`);
      const request: LedgerCrashRequest = { path, certificates, index };
      const { stdout, signal } = spawnSync(process.execPath, [program, JSON.stringify(request)], { encoding: 'utf8' });
      const told = stdout.split('\n').filter((line) => line !== '');
      const ledger = new Ledger(fileLedgerStore(path));
      const found = await ledger.certificates();
      const done = found.flatMap(({ name, revokedAt }) => [`recorded ${name}`, ...(revokedAt ? ['revoked'] : [])]);
      const order = ['recorded 0', 'recorded 1', 'revoked', 'recorded 2'];
      assert.ok(done.length === told.length || done.length === told.length + 1, `call ${index}: ${done} / ${told}`);
      assert.deepEqual(done, order.slice(0, done.length));

      const after = await issue('after');
      await ledger.record(after);
      assert.deepEqual(
        (await ledger.certificates()).map(({ name }) => name),
        [...found.map(({ name }) => name), 'after'],
      );
      await ledger.issueCrl(authority);
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith(`ledger-${index}`)),
        [`ledger-${index}`],
      );
      if (signal === null) {
        assert.equal(told.length, order.length);
        assert.ok(index > 30, `${index} calls`);
        return;
      }
    }
  }));

test('an appended line that was cut off does not count, and a text that was cut off earlier is rejected', async () => {
  const store = memoryLedgerStore();
  const ledger = new Ledger(store);
  await ledger.record(certificates[0]!, certificates[1]!);
  await ledger.revoke({ certificate: certificates[0]! });
  const kept = (await store.read())!;
  await ledger.record(certificates[2]!);
  const whole = (await store.read())!;
  assert.ok(whole.startsWith(kept), 'a record appends');
  for (let end = 0; end < whole.length; end++) {
    const cut = new Ledger(memoryLedgerStore(whole.slice(0, end)));
    if (end < kept.length) {
      await assert.rejects(cut.certificates(), { code: 'ledger-invalid' }, `cut at ${end}`);
    } else {
      assert.deepEqual(
        (await cut.certificates()).map(({ name }) => name),
        ['0', '1'],
      );
      await cut.record(certificates[2]!);
      assert.deepEqual(await cut.certificates(), await ledger.certificates());
    }
  }
});

test('a port without append, and a failed append, lose nothing', () =>
  withFolder(async (folder) => {
    const { diskFiles } = await import('../../src/tls/index.ts');
    const { append: _, ...withoutAppend } = diskFiles;
    const path = join(folder, 'ledger');
    for (const certificate of certificates) await new Ledger(fileLedgerStore(path, withoutAppend)).record(certificate);
    assert.equal((await new Ledger(fileLedgerStore(path)).certificates()).length, 3);
    const before = readFileSync(path, 'utf8');
    const failing = {
      ...diskFiles,
      append: () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })),
    };
    await assert.rejects(new Ledger(fileLedgerStore(path, failing)).record(await issue('x')), { code: 'ENOSPC' });
    assert.equal(readFileSync(path, 'utf8'), before);
    writeFileSync(path, `${before}{"serial`);
    await new Ledger(fileLedgerStore(path)).record(await issue('y'));
    assert.equal((await new Ledger(fileLedgerStore(path)).certificates()).length, 4);
    assert.match(readFileSync(path, 'utf8'), /^\{.*\}\n$/s);
  }));
