import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  diskFiles,
  planClientCertificates,
  readServer,
  recoverApply,
  type TlsFiles,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { stoppableFiles } from './crash/calls.ts';
import { endHolders } from './crash/scenarios.ts';
import { withFolder } from './folder.ts';
import { stockFiles } from './state.ts';

// Another program saves a file after its last check and before the system call that replaces or removes the file.

const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
const edit = '# saved in the last moment\n';

test('a file that is saved right before its removal stays', () =>
  withFolder(async (folder) => {
    const data = newData(folder);
    for (let round = 0; round < 2; round++) await applyPlan(await planFor(data), { verify: () => undefined });
    const plan = await planFor(data);
    assert.ok(plan.removals.length > 0);
    for (const { path } of plan.removals) {
      const before = readFileSync(path, 'utf8');
      const files: TlsFiles = {
        ...diskFiles,
        rename: async (from, to) => {
          if (from === path) writeFileSync(path, edit);
          await diskFiles.rename(from, to);
        },
      };
      await assert.rejects(applyPlan(plan, { files, verify: () => undefined }), { code: 'target-changed' });
      assert.equal(readFileSync(path, 'utf8'), edit);
      assert.deepEqual(leftIn(data), []);
      writeFileSync(path, before);
    }
  }));

test('a new file that is saved right before a roll-back removes it stays', () =>
  withFolder(async (folder) => {
    const data = newData(folder);
    const path = join(data, 'root.crt');
    const files: TlsFiles = {
      ...diskFiles,
      rename: async (from, to) => {
        if (from === path) writeFileSync(path, edit);
        await diskFiles.rename(from, to);
      },
    };
    const verify = (): never => {
      throw new Error('not as it has to be');
    };
    await assert.rejects(applyPlan(await planFor(data), { files, verify }), { code: 'target-changed' });
    assert.equal(readFileSync(path, 'utf8'), edit);
    assert.deepEqual(leftIn(data), []);
  }));

test('a file that is saved right before a recovery replaces it stays', () =>
  withFolder(async (folder) => {
    const data = newData(folder);
    const plan = await planFor(data);
    await new Promise<void>((resolve) => {
      const stopped = stoppableFiles(diskFiles, ({ name }) => (name === 'replace: link' ? 'stop' : 'go'), resolve);
      applyPlan(plan, { files: stopped }).catch(() => undefined);
    });
    endHolders(data);
    const path = join(data, 'pg_hba.conf');
    const files: TlsFiles = {
      ...diskFiles,
      replace: async (replacement) => {
        if (replacement.target === path && replacement.by.endsWith('.new')) writeFileSync(path, edit);
        await diskFiles.replace(replacement);
      },
    };
    await assert.rejects(recoverApply(data, { direction: 'complete', files }), { code: 'target-changed' });
    const { outcome } = await recoverApply(data, { direction: 'rollback' });
    assert.equal(outcome, 'rolled-back');
    assert.equal(readFileSync(path, 'utf8'), edit);
    assert.deepEqual(readdirSync(data).sort(), ['PG_VERSION', 'pg_hba.conf', 'postgresql.conf']);
  }));

function newData(folder: string): string {
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  for (const [name, content] of Object.entries(stockFiles)) writeFileSync(join(data, name), content, { mode: 0o600 });
  return data;
}

function leftIn(data: string): readonly string[] {
  return readdirSync(data).filter((name) => name.startsWith('pgsql_tmp'));
}

async function planFor(data: string): Promise<TlsPlan> {
  return await planClientCertificates({
    server: await readServer(data),
    authority,
    connection: { host: 'localhost', user: 'app', database: 'app' },
    newKey: 'server',
  });
}
