import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  diskFiles,
  fileState,
  planClientCertificates,
  readClient,
  readServer,
  recoverApply,
  type TlsFiles,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { asOrdinaryUser, snapshot, withFolder } from './folder.ts';
import { stockFiles, stockHba } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
const connection = { host: 'localhost', user: 'app', database: 'app' };
const needsRoot = process.getuid?.() !== 0 && 'needs root';

test('a link that leads to another file than when the plan was made is a change, even to equal content', () =>
  withServer(async (data) => {
    const [one, two] = [join(data, 'one'), join(data, 'two')];
    for (const directory of [one, two]) {
      mkdirSync(directory);
      writeFileSync(join(directory, 'pg_hba.conf'), stockHba);
    }
    const hba = join(data, 'pg_hba.conf');
    const leads = (target: string | undefined): void => {
      rmSync(hba);
      if (target === undefined) writeFileSync(hba, stockHba);
      else symlinkSync(target, hba);
    };
    for (const [then, now] of [
      ['one/pg_hba.conf', 'two/pg_hba.conf'],
      ['one/pg_hba.conf', undefined],
      [undefined, 'two/pg_hba.conf'],
    ]) {
      leads(then);
      const plan = await planFor(data);
      leads(now);
      const before = snapshot(data);
      await assert.rejects(applyPlan(plan), { code: 'target-changed', file: hba });
      assert.deepEqual(snapshot(data), before);
    }
    // `applyPlan` also refuses the plan if a symbolic link to a directory in the path of the file has changed.
    rmSync(hba);
    symlinkSync('two', join(data, 'etc'));
    symlinkSync('etc/pg_hba.conf', hba);
    const plan = await planFor(data);
    rmSync(join(data, 'etc'));
    symlinkSync('one', join(data, 'etc'));
    await assert.rejects(applyPlan(plan), { code: 'target-changed', file: hba });
    rmSync(join(data, 'etc'));
    symlinkSync('two', join(data, 'etc'));
    await applyPlan(plan);
    assert.match(readFileSync(join(two, 'pg_hba.conf'), 'utf8'), /hostssl/);
    assert.equal(readFileSync(join(one, 'pg_hba.conf'), 'utf8'), stockHba);
  }));

test('a former key that was edited, has become a link, or is missing, is not removed', () =>
  withServer(async (data) => {
    const verify = () => undefined;
    await applyPlan(await planFor(data), { verify });
    for (const change of ['edit', 'link', 'remove']) {
      await applyPlan(await planFor(data, true), { verify });
      const plan = await planFor(data, true);
      const key = plan.removals.map(({ path }) => path).find((path) => path.endsWith('.key'))!;
      if (change === 'link') {
        renameSync(key, join(data, 'mine.key'));
        symlinkSync('mine.key', key);
      } else if (change === 'edit') writeFileSync(key, 'edited');
      else rmSync(key);
      const { notRemoved } = await applyPlan(plan, { verify });
      assert.deepEqual(notRemoved, change === 'remove' ? [] : [key]);
      if (change === 'remove') break;
      if (change === 'link') assert.ok(readdirSync(data).includes('mine.key'));
      else assert.equal(readFileSync(key, 'utf8'), 'edited');
      rmSync(key);
    }
  }));

test('a file that was only read for the plan and is saved while files are staged is a change', () =>
  withServer(async (data) => {
    const path = join(data, 'postgresql.auto.conf');
    writeFileSync(path, '');
    const plan = await planFor(data);
    assert.ok(!plan.writes.some((write) => write.path === path));
    const before = readFileSync(join(data, 'pg_hba.conf'), 'utf8');
    const files: TlsFiles = {
      ...diskFiles,
      create: async (file) => {
        if (file.like?.endsWith('pg_hba.conf')) writeFileSync(path, "ssl = 'off'\n");
        return await diskFiles.create(file);
      },
    };
    await assert.rejects(applyPlan(plan, { files }), { code: 'target-changed', file: path });
    assert.equal(readFileSync(join(data, 'pg_hba.conf'), 'utf8'), before);
    assert.ok(!readdirSync(data).includes('server.key'));
  }));

test('a file that was read for the plan and has become unreadable stops the change', () =>
  withServer(async (data) => {
    const plan = await planFor(data);
    const path = join(data, 'PG_VERSION');
    const read: TlsFiles['read'] = async (name) => {
      if (name === path) throw Object.assign(new Error('EACCES: injected'), { code: 'EACCES' });
      return await diskFiles.read(name);
    };
    const before = snapshot(data);
    await assert.rejects(applyPlan(plan, { files: { ...diskFiles, read } }), { code: 'file-not-readable', file: path });
    assert.deepEqual(snapshot(data), before);
  }));

test('a link in the path of the data directory or of the client’s directory is no change', () =>
  withServer(async (data, folder) => {
    const [server, client] = [join(folder, 'server'), join(folder, 'client')];
    symlinkSync(data, server);
    mkdirSync(join(folder, 'certificates'));
    symlinkSync('certificates', client);
    const read = { server: await readServer(server), client: await readClient(client) };
    const { written } = await applyPlan(await planClientCertificates({ ...read, authority, connection }));
    assert.equal(written.length, 8);
    assert.equal(readdirSync(join(folder, 'certificates')).length, 3);
  }));

test('a file with the planned content is replaced only if its mode or owner differs', { skip: needsRoot }, () =>
  withServer(async (data) => {
    const plan = await planFor(data);
    await applyPlan(plan);
    const key = join(data, 'server.key');
    for (const change of [() => chmodSync(key, 0o640), () => chownSync(key, 65534, 0)]) {
      change();
      // Files that tell no mode and no owner are compared by their content.
      const read: TlsFiles['read'] = async (path) => {
        const file = await diskFiles.read(path);
        return file && fileState(path, file.content());
      };
      assert.deepEqual((await applyPlan(plan, { files: { ...diskFiles, read } })).written, []);
      assert.deepEqual((await applyPlan(plan)).written, [key]);
      const { mode, uid } = statSync(key);
      assert.deepEqual([mode & 0o777, uid], [0o600, 0]);
    }
  }),
);

test('another PG_VERSION than when the plan was made is a change', () =>
  withServer(async (data) => {
    const plan = await planFor(data);
    writeFileSync(join(data, 'PG_VERSION'), '17\n');
    const before = snapshot(data);
    await assert.rejects(applyPlan(plan), { code: 'target-changed', file: join(data, 'PG_VERSION') });
    assert.deepEqual(snapshot(data), before);
  }));

test('a plan without a directory of the client writes only the server’s files', () =>
  withServer(async (data, folder) => {
    const plan = await planFor(data);
    assert.equal(plan.clientDirectory, undefined);
    // In a directory of its own account, this process itself holds the lock.
    const verify = (): undefined => {
      assert.match(readdirSync(join(data, 'pgsql_tmp.pg-hostssl.lock'))[0] ?? '', new RegExp(`^${process.pid}-`));
    };
    const { written } = await applyPlan(plan, { verify, paths: [join(data, 'pg_hba.conf')] });
    const names = ['server.key', 'server.crt', 'root.crt', 'postgresql.conf', 'pg_hba.conf'];
    assert.deepEqual(
      written,
      names.map((name) => join(data, name)),
    );
    assert.deepEqual(readdirSync(folder), ['data']);
    assert.deepEqual((await applyPlan(await planFor(data))).written, []);
  }));

test('an account that is not root recovers only from its own journal', { skip: needsRoot }, () =>
  withServer(async (data, folder) => {
    chmodSync(folder, 0o755);
    chmodSync(data, 0o755);
    const path = join(data, 'pgsql_tmp.pg-hostssl.journal');
    const facts = { version: 1, id: '0123456789abcdef', state: 'switching', started: '2026-01-01T00:00:00.000Z' };
    const journal = JSON.stringify({ ...facts, directory: '1:1', directories: [], targets: [] });
    const recover = () => asOrdinaryUser(() => recoverApply(data, { direction: 'rollback' }));
    for (const [directory, writer] of [
      [65534, 0],
      [65534, 1234],
      [1234, 1234],
    ] as const) {
      chownSync(data, directory, directory);
      writeFileSync(path, journal);
      chownSync(path, writer, writer);
      // In a data directory of another account, the caller cannot even create the lock.
      await assert.rejects(recover(), { code: directory === 65534 ? 'path-not-trusted' : 'target-not-writable' });
      assert.equal(readFileSync(path, 'utf8'), journal);
    }
    chownSync(data, 65534, 65534);
    chownSync(path, 65534, 65534);
    assert.equal((await recover()).outcome, 'rolled-back');
  }),
);

async function planFor(data: string, newKey = false): Promise<TlsPlan> {
  return await planClientCertificates({ server: await readServer(data), authority, connection, newKey });
}

function withServer(use: (data: string, folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const data = join(folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    for (const [name, content] of Object.entries(stockFiles)) writeFileSync(join(data, name), content);
    await use(data, folder);
  });
}
