import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { PgHostsslError } from '../../src/errors.ts';
import { crlFileName, inspectCrl } from '../../src/pki/index.ts';
import {
  type ApplyOptions,
  applyPlan,
  planClientCertificates,
  planRevocation,
  readClient,
  readServer,
  recoverApply,
  signalReload,
} from '../../src/tls/index.ts';
import { repositoryRoot } from '../repository.ts';
import { account, attack, authority, type Place, planFor, secret } from './attack.ts';
import { snapshot } from './folder.ts';
import { stockConf, stockHba } from './state.ts';

// In these tests, root applies plans in the data directory of an account that wants the rights of root. The account may
// do anything with its own files. The tests check that no file to which the account has no access is created, changed,
// quoted in a message, or given to the account.

const skip = process.getuid?.() !== 0 && 'needs root';
const isWhole = process.env.PG_HOSTSSL_CRASH === 'all';
const tries = isWhole ? 200 : 4;
const planAndApply = async (place: Place, options: ApplyOptions = {}): Promise<unknown> =>
  applyPlan(await planFor(place), options);

/** The codes of the errors with which a call of root may end, if the account changes its files during the call. */
const codesOfRace = [
  ...['file-not-readable', 'path-not-trusted', 'target-changed', 'target-not-writable'],
  ...['apply-incomplete', 'apply-interrupted', 'verify-failed'],
];

/** Returns the code of the error with which a call ends during a race, or undefined if the call succeeds. */
async function codeOfRace(call: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await call.then(
    () => undefined,
    (reason) => reason,
  );
  if (error === undefined) return undefined;
  assert.ok(error instanceof PgHostsslError && codesOfRace.includes(error.code), inspect(error));
  return error.code;
}

test('works in the directory of another account, and every file belongs to that account', { skip }, () =>
  attack(async (place) => {
    const paths = [join(place.data, 'pg_hba.conf')];
    // The process of the account holds the lock, because this process may end before it.
    const verify = (): undefined => {
      const [entry] = readdirSync(join(place.data, 'pgsql_tmp.pg-hostssl.lock'));
      assert.equal(statSync(`/proc/${entry?.split('-')[0]}`).uid, account.uid);
    };
    const report = (await planAndApply(place, { paths, verify })) as { written: readonly string[] };
    assert.equal(report.written.length, 8);
  }),
);

const all = [
  'server.crt',
  'server.key',
  'root.crt',
  'postgresql.conf',
  'pg_hba.conf',
  'PG_VERSION',
  'postgresql.auto.conf',
];
const targets = isWhole ? all : ['server.key', 'pg_hba.conf'];
for (const target of targets) {
  for (const name of ['new', 'secret']) {
    test(`does not follow a link at ${target} to ${name === 'new' ? 'nothing' : 'a file'} of root's`, { skip }, () =>
      attack(async (place) => {
        place.link(join(place.victim, name), join(place.data, target));
        await assert.rejects(planAndApply(place), { code: 'file-not-readable' });
      }),
    );
    test(`does not follow a link at ${target} to ${name} that is made after the plan`, { skip }, () =>
      attack(async (place) => {
        const plan = await planFor(place);
        place.link(join(place.victim, name), join(place.data, target));
        await assert.rejects(applyPlan(plan), { code: 'file-not-readable' });
      }),
    );
  }
}

test('does not follow settings, includes and lists that name files of root’s', { skip }, () =>
  attack(async (place) => {
    const { victim, data, write } = place;
    for (const line of [
      `ssl_cert_file = '${victim}/x.crt'\nssl_key_file = '${victim}/x.key'\n`,
      `ssl_ca_file = '${victim}/secret'\n`,
      `include '${victim}/secret'\n`,
      `hba_file = '${victim}/pg_hba.conf'\n`,
    ]) {
      write(join(data, 'postgresql.conf'), line);
      await assert.rejects(planAndApply(place), { code: 'file-not-readable' }, line);
    }
    write(join(data, 'postgresql.conf'), stockConf);
    write(join(data, 'pg_hba.conf'), `include ${victim}/secret\nlocal all @${victim}/secret trust\n`);
    const outcome = await planAndApply(place).catch((error: unknown) => error);
    assert.ok(outcome instanceof PgHostsslError && outcome.code === 'file-not-readable', inspect(outcome));
    return outcome;
  }),
);

test('if the caller names a file of root’s, root writes no other file in the same directory', { skip }, () =>
  attack(async (place) => {
    const { data, write, link } = place;
    const etc = realpathSync(mkdtempSync('/etc/pg-hostssl-test-'));
    try {
      const hba = join(etc, 'pg_hba.conf');
      writeFileSync(hba, stockHba);
      chmodSync(etc, 0o755);
      link(etc, join(data, 'link'));
      for (const directory of [etc, 'link', `/etc/./${basename(etc)}`]) {
        const settings = { ssl_cert_file: 'x.crt', ssl_key_file: 'x.key', ssl_ca_file: 'x-ca.crt' };
        const lines = Object.entries(settings).map(([name, file]) => `${name} = '${directory}/${file}'\n`);
        write(join(data, 'postgresql.conf'), lines.join(''));
        const plan = await planClientCertificates({
          server: await readServer(data, { paths: { hba } }),
          authority,
          connection: { host: 'localhost', user: 'app', database: 'app' },
        });
        assert.ok(plan.writes.some(({ path }) => path.endsWith(`${directory}/x.key`)));
        const message = directory === etc ? /A setting of the server names/ : /A symbolic link of this account/;
        await assert.rejects(applyPlan(plan, { paths: [hba] }), { code: 'path-not-trusted', message });
        assert.deepEqual(readdirSync(etc), ['pg_hba.conf']);
        assert.equal(readFileSync(hba, 'utf8'), stockHba);
      }
      // A link of the account may lead to the named file.
      write(join(data, 'postgresql.conf'), stockConf);
      link(hba, join(data, 'pg_hba.conf'));
      const connection = { host: 'localhost', user: 'app', database: 'app' };
      const plan = await planClientCertificates({ server: await readServer(data), authority, connection });
      await assert.rejects(applyPlan(plan), { code: 'target-not-writable' });
      assert.equal(readFileSync(hba, 'utf8'), stockHba);
      await applyPlan(plan, { paths: [hba] });
      assert.match(readFileSync(hba, 'utf8'), /hostssl/);
    } finally {
      rmSync(etc, { recursive: true });
    }
  }),
);

test('if other accounts can make files beside a named file of root’s, root does not write the file', { skip }, () =>
  attack(async ({ data }) => {
    const etc = realpathSync(mkdtempSync('/etc/pg-hostssl-test-'));
    try {
      const [sticky, link] = [join(etc, 'sticky'), join(etc, 'pg_hba.conf')];
      mkdirSync(sticky);
      const file = join(sticky, 'pg_hba.conf');
      symlinkSync(file, link);
      for (const mode of [0o1777, 0o755]) {
        chmodSync(sticky, mode);
        // Only root can follow the paths in the second case.
        chmodSync(etc, mode === 0o755 ? 0o700 : 0o755);
        for (const hba of [file, link]) {
          writeFileSync(file, stockHba, { mode: 0o644 });
          const plan = await planClientCertificates({
            server: await readServer(data, { paths: { hba } }),
            authority,
            connection: { host: 'localhost', user: 'app', database: 'app' },
          });
          const applied = applyPlan(plan, { paths: [hba] });
          if (mode === 0o755) await applied;
          else await assert.rejects(applied, { code: 'target-not-writable' });
          assert.equal(readFileSync(file, 'utf8') === stockHba, mode !== 0o755);
          assert.deepEqual(readdirSync(sticky), ['pg_hba.conf']);
        }
      }
    } finally {
      rmSync(etc, { recursive: true });
    }
  }),
);

test('writes no CRL where the account itself could not', { skip }, () =>
  attack(async (place) => {
    const { data, victim, write, link } = place;
    await planAndApply(place);
    const { crl } = await authority.issueCrl();
    const name = crlFileName(crl);
    const others = mkdtempSync('/tmp/pg-hostssl-crls-');
    chmodSync(others, 0o755);
    try {
      writeFileSync(join(others, name), crl, { mode: 0o644 });
      const conf = readFileSync(join(data, 'postgresql.conf'), 'utf8');
      const revokeWith = async (directory: string): Promise<void> => {
        write(join(data, 'postgresql.conf'), `${conf}ssl_crl_dir = '${directory}'\n`);
        const server = await readServer(data);
        await applyPlan(await planRevocation({ server, authority, revoked: [{ serialNumber: '02' }] }));
      };
      const own = join(data, 'crls');
      for (const [target, code] of [
        [victim, 'file-not-readable'],
        [others, 'target-not-writable'],
      ] as const) {
        await assert.rejects(revokeWith(target), { code }, target);
        link(target, own);
        await assert.rejects(revokeWith('crls'), { code }, target);
      }
      rmSync(own);
      mkdirSync(own, { mode: 0o700 });
      lchownSync(own, account.uid, account.gid);
      for (const [target, code] of [
        [join(victim, 'secret'), 'file-not-readable'],
        [join(victim, 'new'), 'file-not-readable'],
        [join(others, name), 'target-not-writable'],
        [join(others, 'new'), 'crl-file-foreign'],
      ] as const) {
        link(target, join(own, name));
        await assert.rejects(revokeWith('crls'), { code }, target);
      }
      write(join(own, name), crl);
      await revokeWith('crls');
      assert.equal(inspectCrl(readFileSync(join(own, name), 'utf8')).revoked.length, 1);
      assert.deepEqual(readdirSync(others), [name]);
      assert.equal(readFileSync(join(others, name), 'utf8'), crl);
    } finally {
      rmSync(others, { recursive: true });
    }
  }),
);

test('rejects a data directory that becomes a link before the plan, after it, or during the change', { skip }, () =>
  attack(async (place) => {
    const { data, victim, home, link } = place;
    const plan = await planFor(place);
    renameSync(data, join(home, 'away'));
    link(victim, data);
    await assert.rejects(readServer(data), { code: 'path-not-trusted' });
    await assert.rejects(applyPlan(plan), { code: 'path-not-trusted' });
    await assert.rejects(recoverApply(data, { direction: 'rollback' }), { code: 'path-not-trusted' });
    await assert.rejects(signalReload(data), { code: 'path-not-trusted' });
    rmSync(data);
    renameSync(join(home, 'away'), data);
    const swap = (): never => {
      renameSync(data, join(home, 'away'));
      link(victim, data);
      throw new Error('not as it has to be');
    };
    await assert.rejects(applyPlan(plan, { reload: swap }), { code: 'apply-incomplete' });
    rmSync(data);
    renameSync(join(home, 'away'), data);
    assert.equal(
      (await recoverApply(data, { direction: 'rollback', clientDirectory: join(home, 'client') })).outcome,
      'rolled-back',
    );
  }),
);

test('does not follow links that change while the plan is applied', { skip }, () =>
  attack(async (place) => {
    const { data, victim, home, link } = place;
    const names = ['server.crt', 'server.key', 'root.crt', 'pgsql_tmp.pg-hostssl.journal', 'pgsql_tmp.pg-hostssl.lock'];
    const ends: (string | undefined)[] = [];
    let links = 0;
    for (let i = 0; i < tries; i++) {
      const plan = await planFor(place);
      let isOver = false;
      const swaps = (async () => {
        while (!isOver) {
          const name = names[Math.floor(Math.random() * names.length)]!;
          try {
            link(join(victim, Math.random() < 0.5 ? 'secret' : 'new'), join(data, name));
            links += 1;
          } catch {
            // The program that runs at the same time created a file at this path, or removed the link.
          }
          await sleep(Math.random() * 4);
          rmSync(join(data, name), { force: true, recursive: true });
        }
      })();
      ends.push(await codeOfRace(applyPlan(plan)));
      isOver = true;
      await swaps;
      for (const name of readdirSync(data).filter((one) => one.startsWith('pgsql_tmp'))) {
        rmSync(join(data, name), { recursive: true });
      }
      rmSync(join(home, 'client'), { recursive: true, force: true });
    }
    assert.ok(links > 0 && ends.some((code) => code !== undefined), `${links} links: ${ends.join()}`);
  }),
);

test('does not change a file of root’s through a hard link', { skip }, () =>
  attack(async (place) => {
    rmSync(join(place.data, 'pg_hba.conf'));
    linkSync(join(place.victim, 'secret'), join(place.data, 'pg_hba.conf'));
    try {
      await assert.rejects(planAndApply(place), { code: 'file-not-readable' });
    } finally {
      rmSync(join(place.data, 'pg_hba.conf'));
    }
  }),
);

test('does not follow a client directory below the account’s own directory', { skip }, () =>
  attack(async (place) => {
    const { home, victim, link } = place;
    const client = join(home, 'client');
    link(victim, client);
    await assert.rejects(readClient(client), { code: 'path-not-trusted' });
    rmSync(client);
    const plan = await planFor(place);
    link(victim, client);
    await assert.rejects(applyPlan(plan), { code: 'path-not-trusted' });
    rmSync(client);
    // While root applies a plan that makes a directory, the account tries to put a link at the path of this directory.
    const ends: (string | undefined)[] = [];
    let links = 0;
    for (let i = 0; i < tries; i++) {
      let isOver = false;
      const applied = codeOfRace(applyPlan(plan)).finally(() => {
        isOver = true;
      });
      while (!existsSync(client) && !isOver) await sleep(1);
      // The first link comes at once, and the others come at later steps of the change.
      await sleep(Math.random() * 25 * (i % 5));
      if (existsSync(client)) {
        renameSync(client, join(home, `client-${i}`));
        link(victim, client);
        links += 1;
      }
      ends.push(await applied);
      rmSync(client, { recursive: true, force: true });
      const recovered = await recoverApply(place.data, { direction: 'rollback', clientDirectory: client });
      assert.ok(['nothing', 'rolled-back'].includes(recovered.outcome), recovered.outcome);
      for (const name of readdirSync(place.data).filter((one) => one.startsWith('pgsql_tmp'))) {
        rmSync(join(place.data, name), { recursive: true });
      }
    }
    assert.ok(links > 0 && ends.some((code) => code !== undefined), `${links} links: ${ends.join()}`);
  }),
);

test('trusts a journal only as far as the account that wrote it', { skip }, () =>
  attack(async (place) => {
    const { data, victim, write, link } = place;
    const { ino, dev } = statSync(data);
    const target = (path: string) => ({ path, before: null, after: { sha256: '0'.repeat(64) } });
    const journal = (paths: readonly string[], state: string) =>
      JSON.stringify({
        ...{
          version: 1,
          id: '0123456789abcdef',
          state,
          started: '2026-01-01T00:00:00.000Z',
          directory: `${dev}:${ino}`,
        },
        ...{ directories: paths.map((path) => `${path}.d`), targets: paths.map(target) },
      });
    for (const state of ['staging', 'switching', 'back', 'finishing']) {
      write(join(data, 'pgsql_tmp.pg-hostssl.journal'), journal([join(victim, 'secret')], state));
      for (const direction of ['complete', 'rollback'] as const) {
        const refused = { code: 'apply-interrupted', message: /Name [^ ]+\/secret\.d as clientDirectory/ };
        await assert.rejects(recoverApply(data, { direction }), refused);
      }
      write(join(data, 'pgsql_tmp.pg-hostssl.journal'), journal(['../../victim/secret'], state));
      await assert.rejects(recoverApply(data, { direction: 'rollback' }), { code: 'journal-invalid' });
      link(victim, join(data, 'sub'));
      write(join(data, 'pgsql_tmp.pg-hostssl.journal'), journal(['sub/secret'], state));
      await assert.rejects(recoverApply(data, { direction: 'rollback' }), { code: 'apply-incomplete' });
      rmSync(join(data, 'sub'), { force: true });
    }
    rmSync(join(data, 'pgsql_tmp.pg-hostssl.journal'), { force: true });
    link(join(victim, 'secret'), join(data, 'pgsql_tmp.pg-hostssl.journal'));
    await assert.rejects(readServer(data), { code: 'file-not-readable' });
  }),
);

test('does not let a journal decide about a file of root’s that the caller names', { skip }, () =>
  attack(async (place) => {
    const { data, victim, write } = place;
    const { ino, dev } = statSync(data);
    const path = join(victim, 'secret');
    const file = { sha256: createHash('sha256').update(`${secret}\n`).digest('hex') };
    const other = { sha256: '0'.repeat(64) };
    const files = [
      [null, file],
      [file, null],
      [file, other],
      [other, file],
    ];
    // A path that is also listed as a directory is still the path of a target, which needs a witness.
    const lists = [[], [path]].flatMap((directories) =>
      files.map(([before, after]) => ({ directories, targets: [{ path, before, after }] })),
    );
    for (const state of ['switching', 'back']) {
      for (const list of lists) {
        const facts = { version: 1, id: '0123456789abcdef', state, started: '2026-01-01T00:00:00.000Z' };
        const journal = { ...facts, directory: `${dev}:${ino}`, ...list };
        for (const direction of ['complete', 'rollback'] as const) {
          write(join(data, 'pgsql_tmp.pg-hostssl.journal'), JSON.stringify(journal));
          const recovery = recoverApply(data, { direction, paths: [path] });
          if (state === 'switching' && direction === 'complete') {
            await assert.rejects(recovery, {
              code: 'path-not-trusted',
              message: /No witness in the directory of the file confirms/,
            });
          } else assert.equal((await recovery).outcome, 'rolled-back');
        }
      }
    }
    rmSync(join(data, 'pgsql_tmp.pg-hostssl.journal'), { force: true });
  }),
);

test(
  'completes and takes back a change of files of root’s that the caller names, and refuses a changed journal',
  {
    skip,
  },
  () =>
    attack(async (place) => {
      const { data, write } = place;
      const etc = realpathSync(mkdtempSync('/etc/pg-hostssl-test-'));
      try {
        const paths = { conf: join(etc, 'postgresql.conf'), hba: join(etc, 'pg_hba.conf') };
        const journal = join(data, 'pgsql_tmp.pg-hostssl.journal');
        for (const direction of ['complete', 'rollback', 'forged'] as const) {
          writeFileSync(paths.conf, stockConf);
          writeFileSync(paths.hba, stockHba);
          const before = snapshot(etc);
          const named = Object.values(paths);
          assert.equal(killedApply(data, paths), 'SIGKILL');
          assert.equal(readdirSync(etc).filter((name) => name.endsWith('.witness')).length, 1);
          if (direction === 'forged') {
            const [conf, hba] = [`"path": "${paths.conf}"`, `"path": "${paths.hba}"`];
            const text = readFileSync(journal, 'utf8');
            assert.ok(text.includes(conf) && text.includes(hba));
            write(journal, text.replace(conf, 'X').replace(hba, conf).replace('X', hba));
            const recovery = recoverApply(data, { direction: 'rollback', paths: named });
            await assert.rejects(recovery, { code: 'path-not-trusted' });
            write(journal, text);
          }
          const { outcome } = await recoverApply(data, {
            direction: direction === 'forged' ? 'rollback' : direction,
            paths: named,
          });
          if (outcome === 'completed') assert.match(readFileSync(paths.hba, 'utf8'), /hostssl/);
          else assert.deepEqual(contents(snapshot(etc)), contents(before));
          assert.deepEqual(readdirSync(etc).sort(), ['pg_hba.conf', 'postgresql.conf']);
          for (const name of readdirSync(data).filter((one) => /\.(?:crt|key)$/.test(one))) rmSync(join(data, name));
        }
      } finally {
        rmSync(etc, { recursive: true });
      }
    }),
);

/**
 * Starts a process of root that applies a plan and is killed when all files are replaced. Returns the signal that ended
 * it.
 */
function killedApply(data: string, paths: Readonly<Record<string, string>>): NodeJS.Signals | null {
  const module = (name: string): string => JSON.stringify(join(repositoryRoot, `build/src/${name}/index.js`));
  const program = `
    import { CertificateAuthority } from ${module('pki')};
    import { applyPlan, planClientCertificates, readServer } from ${module('tls')};
    const { data, paths, certificate, privateKey } = JSON.parse(process.argv[1]);
    const plan = await planClientCertificates({
      server: await readServer(data, { paths }),
      authority: await CertificateAuthority.load({ certificate, privateKey }),
      connection: { host: 'localhost', user: 'app', database: 'app' },
    });
    await applyPlan(plan, { paths: Object.values(paths), verify: () => process.kill(process.pid, 'SIGKILL') });`;
  const { certificate } = authority;
  const request = JSON.stringify({ data, paths, certificate, privateKey: authority.privateKey.toPem() });
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, request]);
  assert.equal(stderr.toString(), '');
  return signal;
}

/** Returns the snapshot of a folder without the inode numbers. */
function contents(entries: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).map(([path, facts]) => [path, facts.replace(/ #[0-9]+ /, ' ')]));
}

test('rejects a directory that others may write, also further up the path', { skip }, () =>
  attack(async (place) => {
    const { data, home } = place;
    const plan = await planFor(place);
    for (const [path, mode] of [
      [home, 0o777],
      [home, 0o775],
      [data, 0o770],
      [data, 0o1777],
    ] as const) {
      const usual = statSync(path).mode & 0o7777;
      chmodSync(path, mode);
      await assert.rejects(readServer(data), { code: 'path-not-trusted' }, `${path} ${mode.toString(8)}`);
      await assert.rejects(applyPlan(plan), { code: 'path-not-trusted' });
      await assert.rejects(recoverApply(data, { direction: 'rollback' }), { code: 'path-not-trusted' });
      chmodSync(path, usual);
    }
    // In a directory with the sticky bit, such as /tmp, only the owner of a file can replace the file.
    chmodSync(home, 0o1777);
    await readServer(data);
    chmodSync(home, 0o755);
  }),
);

test('sends no signal to a process of another account', { skip }, () =>
  attack(async ({ data, write }) => {
    const other = spawn('sleep', ['60'], { cwd: data, stdio: 'ignore' });
    try {
      const start = Math.round(Date.now() / 1000);
      write(join(data, 'postmaster.pid'), `${other.pid}\n${data}\n${start}\n5432\n/tmp\n*\n  1  2\nready   \n`);
      await assert.rejects(signalReload(data), { code: 'reload-failed', hint: /^Run the program as the account/ });
      write(join(data, 'postmaster.pid'), `1\n${data}\n${start}\n5432\n/tmp\n*\n  1  2\nready   \n`);
      await assert.rejects(signalReload(data), { code: 'reload-failed' });
      // With the right start time of process 1, only the working directory of the process says that it is not a server.
      const boot = /^btime ([0-9]+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
      write(join(data, 'postmaster.pid'), `1\n${data}\n${boot}\n5432\n/tmp\n*\n  1  2\nready   \n`);
      await assert.rejects(signalReload(data), { code: 'reload-failed', message: /EACCES|does not use this data/ });
      rmSync(join(data, 'postmaster.pid'));
      await assert.rejects(signalReload(data), { code: 'reload-failed', hint: /^Check that the server runs/ });
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual([other.exitCode, other.signalCode], [null, null]);
    } finally {
      other.kill('SIGKILL');
    }
  }),
);
