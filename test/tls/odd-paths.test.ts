import assert from 'node:assert/strict';
import fs, { mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  loadOrCreateAuthority,
  memoryFiles,
  planClientCertificates,
  readClient,
  readServer,
  recoverApply,
  signalReload,
  type TlsFiles,
} from '../../src/tls/index.ts';
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
