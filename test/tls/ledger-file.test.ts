import assert from 'node:assert/strict';
import childProcess, { execFile, spawnSync } from 'node:child_process';
import fs, {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { diskReader, nodeModules } from '../../src/disk/disk-reader.ts';
import { nodeFiles } from '../../src/disk/node-files.ts';
import { CertificateAuthority, inspectCrl, Ledger, PrivateKey } from '../../src/pki/index.ts';
import { fileLedgerStore } from '../../src/tls/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-ledger-'));
after(() => rmSync(folder, { recursive: true }));

test('a ledger in a file, used by several calls at once, loses nothing and leaves no other files', async () => {
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
  assert.equal(JSON.parse(readFileSync(path, 'utf8').split('\n')[0]!).version, 1);
  if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a ledger that several processes use at once loses nothing and leaves no other files', async () => {
  const path = join(folder, 'shared.json');
  const authority = await CertificateAuthority.create({ subject: 'CN=r' });
  const files = { certificate: authority.certificate, privateKey: authority.privateKey.toPem() };
  const program = `
    import { CertificateAuthority, Ledger } from '${new URL('../../src/pki/index.js', import.meta.url)}';
    import { fileLedgerStore } from '${new URL('../../src/tls/index.js', import.meta.url)}';
    const [path, name] = process.argv.slice(1);
    const authority = await CertificateAuthority.load(JSON.parse(process.env.AUTHORITY));
    const ledger = new Ledger(fileLedgerStore(path));
    for (let i = 0; i < 10; i++) {
      const { certificate } = await authority.issueClientCertificate({ user: name + i });
      await ledger.record(certificate);
      if (i % 2 === 0) await ledger.revoke({ certificate });
      console.log((await ledger.issueCrl(authority)).number);
    }`;
  const printed = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, path, name], {
        env: { ...process.env, AUTHORITY: JSON.stringify(files) },
      }),
    ),
  );
  const numbers = printed.flatMap(({ stdout }) => stdout.trim().split('\n').map(Number)).sort((a, b) => a - b);
  assert.deepEqual(
    numbers,
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
  const ledger = new Ledger(fileLedgerStore(path));
  const recorded = await ledger.certificates();
  assert.equal(new Set(recorded.map(({ name }) => name)).size, 40);
  assert.equal(recorded.filter(({ revokedAt }) => revokedAt !== undefined).length, 20);
  const { crl, number } = await ledger.issueCrl(authority);
  assert.equal(number, '41');
  assert.equal(inspectCrl(crl).revoked.length, 20);
  assert.deepEqual(readdirSync(folder).toSorted(), ['ledger.json', 'shared.json']);
});

test('a text that has changed in the meantime is not overwritten, and a failed write releases the lock', async () => {
  const path = join(folder, 'other.json');
  const store = fileLedgerStore(path);
  assert.equal(await store.read(), undefined);
  assert.equal(await store.write('one', undefined), true);
  assert.equal(await store.write('two', undefined), false);
  if (process.platform !== 'win32') chmodSync(path, 0o640);
  assert.equal(await store.write('two', 'one'), true);
  if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o640);
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

test('an append that fails after a part of the text leaves the file unchanged', {
  skip: process.platform === 'win32',
}, () => {
  const path = join(folder, 'limited');
  const before = `${'x'.repeat(400)}\n`;
  writeFileSync(path, before);
  const program = `
    import { diskFiles } from '${new URL('../../src/tls/index.js', import.meta.url)}';
    const content = () => new TextEncoder().encode('y'.repeat(5000) + '\\n');
    await diskFiles.append({ path: process.argv[1], content }).catch(({ code }) => console.log(code));`;
  // With this limit for file sizes (512 or 1,024 bytes), the operating system writes the beginning of the text and
  // refuses the rest.
  const limited = `ulimit -f 1; exec '${process.execPath}' --input-type=module -e "$0" "$1"`;
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', limited, program, path], { encoding: 'utf8' });
  assert.equal(stdout, 'EFBIG\n', stderr);
  assert.equal(readFileSync(path, 'utf8'), before);
});

test('an append reports the error of the disk, even if the text cannot be removed again', async () => {
  const path = join(folder, 'failing');
  writeFileSync(path, 'one\n');
  const failure = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
  const open: typeof fs.promises.open = async (...parameters) =>
    Object.assign(await fs.promises.open(...parameters), { sync: failure('EIO'), truncate: failure('EPERM') });
  const failing = { ...nodeModules, childProcess, fs: { ...fs, promises: { ...fs.promises, open } } };
  const { append } = nodeFiles(failing, diskReader);
  const content = () => new TextEncoder().encode('two\n');
  await assert.rejects(append!({ path, content }), { code: 'EIO' });
});
