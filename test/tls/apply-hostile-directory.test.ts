import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { applyPlan, planClientCertificates, readClient, readServer, recoverApply } from '../../src/tls/index.ts';
import { repositoryRoot } from '../repository.ts';
import { account, attack, authority, planFor } from './attack.ts';
import { snapshot } from './folder.ts';
import { stockConf, stockHba } from './state.ts';

// These tests are about the client's directory, which a change makes and a recovery removes. Root names this directory
// in its call, while the journal, which another account can write, names it as well.

const skip = process.getuid?.() !== 0 && 'needs root';
/** An account that is neither root nor the owner of the data directory. */
const other = { uid: 65533, gid: 65533 };

test('a journal does not make root remove an empty directory that the caller names', { skip }, () =>
  attack(async ({ data, victim, write }) => {
    const { ino, dev } = statSync(data);
    const roots = join(victim, 'client');
    const others = join(victim, 'home', 'client');
    mkdirSync(roots);
    mkdirSync(others, { recursive: true });
    // The accounts may follow a path through the directory, or the recovery would end before it sees the client's directory.
    chmodSync(victim, 0o711);
    for (const path of [dirname(others), others]) lchownSync(path, other.uid, other.gid);
    try {
      for (const client of [roots, others]) {
        for (const state of ['staging', 'switching', 'back', 'finishing']) {
          for (const direction of ['complete', 'rollback'] as const) {
            const facts = { version: 1, id: '0123456789abcdef', state, started: '2026-01-01T00:00:00.000Z' };
            const journal = { ...facts, directory: `${dev}:${ino}`, directories: [client], targets: [] };
            write(join(data, 'pgsql_tmp.pg-hostssl.journal'), JSON.stringify(journal));
            await recoverApply(data, { direction, clientDirectory: client });
            assert.ok(existsSync(client), `${client} ${state} ${direction}`);
          }
        }
      }
    } finally {
      rmSync(join(data, 'pgsql_tmp.pg-hostssl.journal'), { force: true });
      rmdirSync(roots);
      rmSync(dirname(others), { recursive: true });
      chmodSync(victim, 0o700);
    }
  }),
);

test('a link of the account at the path of its client directory does not make root make a directory', { skip }, () =>
  attack(async ({ data, home, victim, link }) => {
    const [client, roots] = [join(home, 'client'), join(victim, 'open')];
    mkdirSync(roots, { mode: 0o755 });
    chmodSync(victim, 0o755);
    const connection = { host: 'localhost', user: 'app', database: 'app' };
    const plan = async () =>
      planClientCertificates({
        server: await readServer(data),
        client: await readClient(client, { owner: account }),
        authority,
        connection,
      });
    const beforeLink = await plan();
    link(join(roots, 'new.d'), client);
    for (const each of [beforeLink, await plan()]) {
      await assert.rejects(applyPlan(each), { code: 'target-not-writable' });
      assert.deepEqual(readdirSync(roots), []);
    }
    rmdirSync(roots);
    chmodSync(victim, 0o700);
  }),
);

test('a recovery removes the directory that root made for an account, and completes the change', { skip }, () =>
  attack(async ({ data, victim }) => {
    // Root owns the parent directory, so the account can neither make nor remove the client's directory itself. The
    // accounts cannot list the names in the parent directory, either.
    const client = join(dirname(victim), 'client');
    chmodSync(dirname(victim), 0o711);
    for (const direction of ['rollback', 'complete'] as const) {
      assert.equal(killedApply(data, client), 'SIGKILL');
      assert.ok(existsSync(join(client, 'postgresql.key')));
      const marks = readdirSync(dirname(client)).filter((name) => name.startsWith('pgsql_tmp'));
      assert.equal(marks.length, 1);
      assert.deepEqual([statSync(join(dirname(client), marks[0]!)).uid, statSync(client).uid], [0, account.uid]);
      await recoverApply(data, { direction, clientDirectory: client });
      assert.equal(existsSync(client), direction === 'complete');
      assert.deepEqual(
        [dirname(client), data].flatMap((path) => readdirSync(path)).filter((name) => name.startsWith('pgsql_tmp')),
        [],
      );
    }
    rmSync(client, { recursive: true });
  }),
);

test(
  'no setting of the data directory’s owner makes root write with the rights of the client’s account',
  { skip },
  () =>
    attack(async (place) => {
      const { data, write } = place;
      const others = await CertificateAuthority.create({ subject: '/CN=Other CA' });
      await withClientOfOther(async (client) => {
        const file = (name: string, content: string): string => {
          const path = join(client, name);
          writeFileSync(path, content, { mode: 0o644 });
          lchownSync(path, other.uid, other.gid);
          return path;
        };
        const attacks = [
          () => `hba_file = '${file('notes', stockHba)}'`,
          () => `ssl_ca_file = '${file('others.crt', others.certificate)}'`,
          () => `ssl_ca_file = '${join(client, 'root.crt')}'`,
          () => `ssl_ca_file = '${join(client, 'new.crt')}'`,
          () => `ssl_cert_file = '${join(client, 'new.crt')}'\nssl_key_file = '${join(client, 'new.key')}'`,
        ];
        for (const line of attacks) {
          write(join(data, 'postgresql.conf'), `${stockConf}${line()}\n`);
          const before = [snapshot(client), snapshot(data)];
          await assert.rejects(applyPlan(await planFor(place, client)), { code: 'path-not-trusted' }, line());
          assert.deepEqual([snapshot(client), snapshot(data)], before);
        }
      });
      // If one account owns both directories, its settings may name files in the directory of the client.
      const own = join(place.home, 'client');
      mkdirSync(own);
      lchownSync(own, account.uid, account.gid);
      write(join(own, 'notes'), stockHba);
      write(join(data, 'postgresql.conf'), `${stockConf}hba_file = '${join(own, 'notes')}'\n`);
      assert.ok((await applyPlan(await planFor(place, own))).written.includes(join(own, 'notes')));
    }),
);

test('the directory of a client is trusted only if no third account can redirect its path', { skip }, () =>
  attack(async ({ data, home, victim, link }) => {
    // The account `account` owns `home`, and the client's files are to belong to the account `other`.
    await withClientOfOther(async (own) => {
      const read = async (path: string) => readClient(path, { owner: other });
      const client = join(home, 'client');
      mkdirSync(client);
      chmodSync(client, 0o777);
      await assert.rejects(read(client), { code: 'path-not-trusted' });
      lchownSync(client, other.uid, other.gid);
      await assert.rejects(read(client), { code: 'path-not-trusted' });
      rmdirSync(client);
      await assert.rejects(read(client), { code: 'path-not-trusted' });
      link(own, client);
      await assert.rejects(read(client), { code: 'path-not-trusted' });
      rmSync(client);
      // The same is checked again when the plan is applied.
      const inner = join(own, 'inner');
      const connection = { host: 'localhost', user: 'app', database: 'app' };
      const [server, before] = [await readServer(data), await read(inner)];
      const plan = await planClientCertificates({ server, client: before, authority, connection });
      symlinkSync('/tmp', inner);
      lchownSync(inner, account.uid, account.gid);
      await assert.rejects(applyPlan(plan), { code: 'path-not-trusted' });
      rmSync(inner);
      await applyPlan(plan);
      assert.equal(statSync(join(inner, 'postgresql.key')).uid, other.uid);
      // A link of root's may lead to the directory.
      const roots = join(dirname(victim), 'link');
      symlinkSync(own, roots);
      const linked = { server: await readServer(data), client: await readClient(roots) };
      await applyPlan(await planClientCertificates({ ...linked, authority, connection }));
      assert.equal(statSync(join(own, 'postgresql.key')).uid, other.uid);
      rmSync(join(own, 'postgresql.crt'));
      symlinkSync(join(victim, 'secret'), join(own, 'postgresql.crt'));
      await assert.rejects(readClient(roots), { code: 'file-not-readable' });
      rmSync(roots);
    });
    // In an existing directory of root's, root makes the files and gives them to their owner.
    const roots = join(victim, 'client');
    mkdirSync(roots);
    const client = await readClient(roots, { owner: other });
    const request = { authority, connection: { host: 'localhost', user: 'app', database: 'app' } };
    await applyPlan(await planClientCertificates({ server: await readServer(data), client, ...request }));
    assert.deepEqual([statSync(join(roots, 'postgresql.key')).uid, statSync(roots).uid], [other.uid, 0]);
    rmSync(roots, { recursive: true });
  }),
);

/** Calls a function with an empty directory of the account {@link other}. */
async function withClientOfOther(use: (client: string) => Promise<void>): Promise<void> {
  const client = mkdtempSync('/tmp/pg-hostssl-client-');
  chmodSync(client, 0o755);
  lchownSync(client, other.uid, other.gid);
  try {
    await use(client);
  } finally {
    rmSync(client, { recursive: true });
  }
}

/**
 * Starts a process of root that applies a plan which makes a client's directory for another account. The process is
 * killed when all files are replaced.
 */
function killedApply(data: string, client: string): NodeJS.Signals | null {
  const module = (name: string): string => JSON.stringify(join(repositoryRoot, `build/src/${name}/index.js`));
  const program = `
    import { CertificateAuthority } from ${module('pki')};
    import { applyPlan, planClientCertificates, readClient, readServer } from ${module('tls')};
    const { data, client, owner, certificate, privateKey } = JSON.parse(process.argv[1]);
    const plan = await planClientCertificates({
      server: await readServer(data),
      client: await readClient(client, { owner }),
      authority: await CertificateAuthority.load({ certificate, privateKey }),
      connection: { host: 'localhost', user: 'app', database: 'app' },
    });
    await applyPlan(plan, { verify: () => process.kill(process.pid, 'SIGKILL') });`;
  const { certificate } = authority;
  const request = { data, client, owner: account, certificate, privateKey: authority.privateKey.toPem() };
  const { signal, stderr } = spawnSync(process.execPath, [
    '--input-type=module',
    '-e',
    program,
    JSON.stringify(request),
  ]);
  assert.equal(stderr.toString(), '');
  return signal;
}
