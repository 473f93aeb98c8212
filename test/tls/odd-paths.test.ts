import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs, {
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readConfiguration } from '../../src/configuration/index.ts';
import { diskReader, nodeModules } from '../../src/disk/disk-reader.ts';
import { nodeFiles } from '../../src/disk/node-files.ts';
import { PgHostsslError } from '../../src/errors.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  describePlan,
  diskFiles,
  fileLedgerStore,
  loadOrCreateAuthority,
  memoryFiles,
  planClientCertificates,
  readClient,
  readServer,
  recoverApply,
  signalReload,
  type TlsFiles,
} from '../../src/tls/index.ts';
import { account, attack } from './attack.ts';
import { withFolder } from './folder.ts';
import { stockConf, stockHba } from './state.ts';

const controls = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]/;

test('a path that the data directory’s owner chose forges no line of a plan or of an error', async () => {
  const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
  for (const [name, shown] of [
    ['\\033[1A\\033[2K', '\\u001b[1A\\u001b[2K'],
    ['x\\n  create  /data/harmless', 'x\\n  create  /data/harmless'],
    ['x\\rcreate', 'x\\rcreate'],
  ] as const) {
    const files = memoryFiles({
      '/data/PG_VERSION': '18\n',
      '/data/postgresql.conf': `${stockConf}ssl_ca_file = '/none/${name}'\n`,
      '/data/pg_hba.conf': stockHba,
    });
    const connection = { host: 'localhost', user: 'app', database: 'app' };
    const plan = await planClientCertificates({ server: await readServer('/data', { files }), authority, connection });
    const text = describePlan(plan, { verbose: true });
    assert.doesNotMatch(text, controls);
    const rows = text.split('\n').filter((line) => /^ {2}(?:create|change) /.test(line));
    assert.equal(rows.length, plan.writes.length);
    assert.ok(rows.some((row) => row.includes(`/none/${shown}  `)));
    await assert.rejects(applyPlan(plan, { files }), (error: PgHostsslError) => {
      assert.ok(error.message.startsWith(`/none/${shown}: `), error.message);
      assert.doesNotMatch(error.message, /[\0-\x1f]/);
      return true;
    });
  }
});

test('every function rejects a path that leads nowhere with an error that has a code and names the path', () =>
  withFolder(async (folder) => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    symlinkSync('loop', join(folder, 'loop'));
    const paths = [join(file, 'x'), join(folder, 'loop/x'), join(folder, 'x'.repeat(300))];
    const calls: readonly ((path: string) => Promise<unknown>)[] = [
      readServer,
      readClient,
      (path) => recoverApply(path, { direction: 'rollback' }),
      signalReload,
      (path) => loadOrCreateAuthority(path, { subject: '/CN=Example CA' }),
      // The configuration tells the reason in its diagnostics, unless root reads it.
      async (path) => {
        await readConfiguration({ dataDirectory: path, version: 18 });
        throw new PgHostsslError('file-not-readable', path);
      },
    ];
    for (const path of paths) {
      for (const call of calls) {
        await assert.rejects(call(path), (error: PgHostsslError) => {
          assert.ok(error instanceof PgHostsslError, String(error));
          assert.ok(error.message.includes(path), error.message);
          return true;
        });
      }
    }
    assert.deepEqual(readdirSync(folder).sort(), ['file', 'loop']);
  }));

test(
  'root resolves `..` as text, so it works in the directory whose owners were checked',
  {
    skip: process.getuid?.() !== 0 && 'needs root',
  },
  () =>
    attack(async ({ home, data, victim, link }) => {
      // The link belongs to root, and leads to a directory of the account: the system takes `roots/way/..` for `home`.
      const roots = join(dirname(victim), 'roots');
      mkdirSync(roots);
      mkdirSync(join(home, 'inner'));
      lchownSync(join(home, 'inner'), account.uid, account.gid);
      symlinkSync(join(home, 'inner'), join(roots, 'way'));
      link(join(victim, 'secret'), join(data, 'pg_hba.conf'));
      const start = Math.round(Date.now() / 1000 - process.uptime());
      const sleeper = spawn('sleep', ['60'], { cwd: data, stdio: 'ignore' });
      writeFileSync(
        join(data, 'postmaster.pid'),
        `${sleeper.pid}\n${data}\n${start + 1}\n5432\n/tmp\n*\n  1  2\nready   \n`,
      );
      lchownSync(join(data, 'postmaster.pid'), account.uid, account.gid);
      try {
        const before = readdirSync(home).sort();
        const at = (name: string): string => `${roots}/way/../${name}`;
        await assert.rejects(readServer(at('data')), { code: 'data-directory-incomplete' });
        await assert.rejects(signalReload(at('data')), { code: 'reload-failed' });
        assert.equal((await readClient(at('client'))).exists, false);
        await loadOrCreateAuthority(at('authority'), { subject: '/CN=Example CA' });
        await fileLedgerStore(at('ledger.json')).write('{}', undefined);
        assert.equal(await fileLedgerStore(at('ledger.json')).read(), '{}');
        assert.deepEqual(readdirSync(home).sort(), before);
        assert.deepEqual(readdirSync(roots).sort(), ['authority', 'ledger.json', 'way']);
        assert.deepEqual([sleeper.exitCode, sleeper.signalCode], [null, null]);
      } finally {
        sleeper.kill('SIGKILL');
        rmSync(roots, { recursive: true });
      }
    }),
);

test('a file of gigabytes is refused at once, before it is read', () => {
  const folder = mkdtempSync('/tmp/pg-hostssl-large-');
  return (async () => {
    const path = join(folder, 'root.crt');
    writeFileSync(path, '');
    for (const size of [256 * 1024 * 1024 + 1, 1900 * 1024 * 1024, 2 ** 36]) {
      truncateSync(path, size);
      await assert.rejects(diskFiles.read(path), { code: 'EFBIG', message: `EFBIG: ${path} is larger than 256 MiB` });
    }
  })().finally(() => rmSync(folder, { recursive: true }));
});

test('a directory whose mode cannot be set does not stay', () =>
  withFolder(async (folder) => {
    const open = async (): Promise<never> => {
      throw Object.assign(new Error('EACCES: injected'), { code: 'EACCES' });
    };
    const childProcess = await import('node:child_process');
    const modules = { ...nodeModules, childProcess, fs: { ...fs, promises: { ...fs.promises, open } } };
    const files: TlsFiles = nodeFiles(modules as never, diskReader);
    await assert.rejects(files.makeDirectory(join(folder, 'lock'), { mode: 0o700 }), { code: 'EACCES' });
    assert.deepEqual(readdirSync(folder), []);
  }));
