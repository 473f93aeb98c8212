import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withOwnerFiles } from '../../src/disk/account/owner-files.ts';
import { diskReader, nodeModules } from '../../src/disk/disk-reader.ts';
import { nodeFiles } from '../../src/disk/node-files.ts';
import { isTransactionFile } from '../../src/disk/own-names.ts';
import { systemError } from '../../src/disk/system-error.ts';
import type { PgHostsslError } from '../../src/errors.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  diskFiles,
  fileLedgerStore,
  memoryFiles,
  planClientCertificates,
  readClient,
  readServer,
  recoverApply,
  type TlsFiles,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { assertOwnJournal } from '../../src/tls/journal-trust.ts';
import { withContent } from '../../src/with-content.ts';
import { stoppableFiles } from './crash/calls.ts';
import { copyFolder, snapshot, withFolder, withFolderInMemory } from './folder.ts';
import { stockConf, stockFiles, stockHba, textOf } from './state.ts';

const needsRoot = process.getuid?.() !== 0 && 'needs root';
const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
const connection = { host: 'localhost', user: 'app', database: 'app' };
const [serverAccount, clientAccount] = [65534, 1234];

test('root: the links of one account do not use the rights of another account', { skip: needsRoot }, () =>
  withAccounts(async (data, client) => {
    const roots = join(data, 'roots.crt');
    const other = await CertificateAuthority.create({ subject: '/CN=Other CA' });
    writeFileSync(roots, other.certificate, { mode: 0o644 });
    chownSync(roots, serverAccount, serverAccount);
    mkdirSync(client, { mode: 0o700 });
    chownSync(client, clientAccount, clientAccount);
    symlinkSync(roots, join(client, 'root.crt'));
    lchownSync(join(client, 'root.crt'), clientAccount, clientAccount);
    const before = snapshot(data);
    await assert.rejects(applyPlan(await planFor(data, client)), { code: 'path-not-trusted' });
    assert.deepEqual(snapshot(data), before);
  }),
);

test('the name of a new directory is flushed to the disk before files in it are created', async () => {
  const files = memory();
  const steps: string[] = [];
  const noting: TlsFiles = {
    ...files,
    makeDirectory: async (path, options) => {
      steps.push(`make ${path}`);
      await files.makeDirectory(path, options);
    },
    create: async (file) => {
      steps.push(`create ${file.path}`);
      return await files.create(file);
    },
    sync: async (path) => void steps.push(`sync ${path}`),
  };
  const [server, client] = [await readServer('/data', { files }), await readClient('/data/client', { files })];
  await applyPlan(await planClientCertificates({ server, client, authority, connection }), { files: noting });
  const made = steps.indexOf('make /data/client');
  assert.ok(made >= 0);
  assert.equal(steps[made + 1], 'sync /data');
});

test('root: the files of a client that lacks nothing are read with the rights of the client', { skip: needsRoot }, () =>
  withAccounts(async (data, client) => {
    await applyPlan(await planFor(data, client));
    writeFileSync(join(data, 'pg_hba.conf'), stockHba);
    assert.deepEqual((await applyPlan(await planFor(data, client))).written, [join(data, 'pg_hba.conf')]);
  }),
);

test(
  'root: a ledger in another account’s directory is written with the rights of that account',
  { skip: needsRoot },
  () =>
    withAccounts(async (data) => {
      const victim = join(data, '../../victim');
      writeFileSync(victim, '{}', { mode: 0o600 });
      for (const [name, target] of [
        ['ledger.json', victim],
        ['new.json', `${victim}.new`],
      ] as const) {
        symlinkSync(target, join(data, name));
        lchownSync(join(data, name), serverAccount, serverAccount);
        const write = fileLedgerStore(join(data, name)).write('text', name === 'new.json' ? undefined : '{}');
        await assert.rejects(write, { code: 'path-not-trusted' });
      }
      assert.equal(readFileSync(victim, 'utf8'), '{}');
      assert.deepEqual(readdirSync(join(data, '../..')).sort(), ['client', 'server', 'victim']);
      const store = fileLedgerStore(join(data, 'good.json'));
      assert.equal(await store.write('text', undefined), true);
      assert.equal(await store.read(), 'text');
      assert.equal(statSync(join(data, 'good.json')).uid, serverAccount);
    }),
);

test(
  'root: a file that its account cannot replace is an error that says who must own the file',
  { skip: needsRoot },
  () =>
    withAccounts(async (data, client) => {
      chownSync(join(data, 'pg_hba.conf'), 0, 0);
      chmodSync(join(data, 'pg_hba.conf'), 0o644);
      const before = snapshot(data);
      await assert.rejects(applyPlan(await planFor(data, client)), (error: PgHostsslError) => {
        assert.deepEqual([error.code, error.file], ['target-not-writable', join(data, 'pg_hba.conf')]);
        assert.match(error.hint ?? '', /^Nothing was written\. .*\(chown\)/);
        assert.doesNotMatch(error.hint ?? '', /root/);
        return true;
      });
      assert.deepEqual(snapshot(data), before);
    }),
);

test(
  'root: the error for a file that the server cannot read either does not send root to root',
  { skip: needsRoot },
  () =>
    withAccounts(async (data) => {
      chownSync(join(data, 'pg_hba.conf'), clientAccount, clientAccount);
      chmodSync(join(data, 'pg_hba.conf'), 0o600);
      const expected = {
        code: 'file-not-readable',
        hint: /^(?!.*as root).*Let that account read the file \(chown\)/,
      };
      await assert.rejects(readServer(data), expected);
    }),
);

test('root: a file that is too large for an answer is an error that says so', { skip: needsRoot }, () =>
  withAccounts(async (data) => {
    truncateSync(join(data, 'pg_hba.conf'), 51 * 1024 * 1024);
    const expected = { code: 'file-not-readable', file: join(data, 'pg_hba.conf'), message: /too large.*that large/s };
    await assert.rejects(readServer(data), expected);
  }),
);

test('root: if the process with the rights of the account is killed, the error says so', { skip: needsRoot }, () =>
  withAccounts(async (data) => {
    const killed = withOwnerFiles({ dataDirectory: data }, async ({ files, pid }) => {
      process.kill(pid, 'SIGKILL');
      await readServer(data, { files });
    });
    await assert.rejects(killed, { code: 'file-not-readable', message: /process .* has ended\. .* Try again\.$/ });
    const files = {
      ...memoryFiles(Object.fromEntries(Object.entries(stockFiles).map(([name, text]) => [`/d/${name}`, text]))),
      makeDirectory: () => Promise.reject(systemError('ECONNRESET', 'the process has ended')),
    };
    const plan = await planClientCertificates({ server: await readServer('/d', { files }), authority, connection });
    const expected = { code: 'target-not-writable', hint: /^Nothing was written\. .* Try again$/ };
    await assert.rejects(applyPlan(plan, { files }), expected);
  }),
);

test(
  'root: the journal belongs to the owner of the data directory, also if the caller gives the files',
  { skip: needsRoot },
  () =>
    withAccounts(async (data) => {
      // A base backup fails if the server cannot read a file in the data directory.
      let owners: readonly number[] = [];
      const verify = (): undefined => {
        owners = readdirSync(data, { recursive: true, encoding: 'utf8' })
          .filter((name) => /journal|lock/.test(name))
          .map((name) => statSync(join(data, name)).uid);
      };
      await applyPlan(await planFor(data), { files: diskFiles, verify });
      assert.deepEqual(owners, [serverAccount, serverAccount, serverAccount]);
    }),
);

test('a journal is taken only if it belongs to the owner of the data directory and to the account that recovers', async () => {
  const owned = (holder: number, writer: number, kind: 'file' | 'link' = 'file') => ({
    directory: '/data',
    id: '1',
    files: {
      ...memory(),
      inspect: async (path: string) => {
        const uid = path === '/data' ? holder : writer;
        return { kind: path === '/data' ? ('directory' as const) : kind, id: path, owner: { uid, gid: uid } };
      },
    },
  });
  for (const [holder, writer, account] of [
    [1, 1, 1],
    [1, 1, 0],
    [1, 1, undefined],
  ] as const) {
    await assertOwnJournal(owned(holder, writer), account);
    await assert.rejects(assertOwnJournal(owned(holder, writer, 'link'), account), { code: 'path-not-trusted' });
  }
  for (const [holder, writer, account] of [
    [1, 2, 0],
    [1, 2, 1],
    [1, 2, 2],
    [2, 2, 1],
    [0, 2, 0],
  ] as const) {
    await assert.rejects(assertOwnJournal(owned(holder, writer), account), { code: 'path-not-trusted' });
  }
});

test('a disk that becomes read-only while files are staged: the error says that no file has changed', async () => {
  let creations = 0;
  const full = () => Promise.reject(systemError('ENOSPC', 'no space left'));
  const readOnly = () => Promise.reject(systemError('EROFS', 'read-only file system'));
  const files = memoryFiles(Object.fromEntries(Object.entries(stockFiles).map(([name, text]) => [`/d/${name}`, text])));
  const broken: TlsFiles = {
    ...files,
    create: (file) => (isTransactionFile(file.path) && ++creations > 4 ? full() : files.create(file)),
    remove: (path) => (creations > 4 ? readOnly() : files.remove(path)),
  };
  const plan = await planClientCertificates({ server: await readServer('/d', { files }), authority, connection });
  await assert.rejects(applyPlan(plan, { files: broken }), (error: PgHostsslError) => {
    assert.equal(error.code, 'apply-incomplete');
    assert.match(error.message, /could not be removed: EROFS.*\. The change had failed: ENOSPC/);
    assert.match(error.hint ?? '', /^All files are as before the change\. /);
    return true;
  });
  assert.deepEqual((await recoverApply('/d', { direction: 'complete', files })).outcome, 'rolled-back');
});

test('a read-only directory: nothing is written, and no interrupted change stays', async () => {
  const files = memoryFiles({
    '/d/PG_VERSION': '18\n',
    '/d/postgresql.conf': "hba_file = '/etc/hba/pg_hba.conf'\n",
    '/etc/hba/pg_hba.conf': stockHba,
  });
  // Linux looks at the file system before it looks for the file, so unlink of a missing file fails with EROFS, too.
  const unlessReadOnly = async <T>(path: string, call: () => Promise<T>): Promise<T> => {
    if (path.startsWith('/etc/hba/')) throw systemError('EROFS', path);
    return await call();
  };
  const broken: TlsFiles = {
    ...files,
    create: (file) => unlessReadOnly(file.path, () => files.create(file)),
    remove: (path) => unlessReadOnly(path, () => files.remove(path)),
  };
  const plan = await planClientCertificates({ server: await readServer('/d', { files }), authority, connection });
  const expected = {
    code: 'target-not-writable',
    file: '/etc/hba/pg_hba.conf',
    message: /Nothing was written.*ConfigMap/,
  };
  await assert.rejects(applyPlan(plan, { files: broken }), expected);
  assert.deepEqual((await files.list('/d')).toSorted(), ['PG_VERSION', 'postgresql.conf']);
});

test('a link to nothing in place of the lock is an error, not an endless loop', () =>
  withFolder(async (data) => {
    fill(data);
    const plan = await planFor(data);
    symlinkSync('/there/is/nothing', join(data, 'pgsql_tmp.pg-hostssl.lock'));
    await assert.rejects(applyPlan(plan, { files: diskFiles, timeout: { lock: 30 } }), { code: 'apply-busy' });
  }));

test('root: the calls of one process for one data directory wait for each other', { skip: needsRoot }, () =>
  withAccounts(async (data) => {
    const plan = await planFor(data);
    const verify = async (): Promise<undefined> => {
      // Each call starts its own process with the rights of the account, and this process must not compete with itself.
      const message = new RegExp(`Process ${process.pid} holds the lock`);
      await assert.rejects(applyPlan(plan, { timeout: { lock: 50 } }), { code: 'apply-busy', message });
      const recovery = recoverApply(data, { direction: 'complete', timeout: 50 });
      await assert.rejects(recovery, { code: 'apply-busy', message });
    };
    await applyPlan(plan, { verify });
  }),
);

test('a private file is readable only by its owner, even before it has content', () =>
  withFolderInMemory(async (folder) => {
    const [like, path] = [join(folder, 'like'), join(folder, 'key')];
    writeFileSync(like, 'x');
    chmodSync(like, 0o644);
    const modes: number[] = [];
    const execFile = ((file: string, parameters: string[], options: object, done: (error: Error | null) => void) =>
      childProcess.execFile(file, parameters, options, (error) => {
        modes.push(statSync(path).mode & 0o777);
        done(error);
      })) as typeof childProcess.execFile;
    const files = nodeFiles({ ...nodeModules, childProcess: { ...childProcess, execFile } }, diskReader);
    await files.create(withContent({ path, mode: 0o600, like }, new TextEncoder().encode('key')));
    assert.deepEqual(modes, process.platform === 'linux' ? [0o600] : []);
  }));

test('a failure after the change does not claim that nothing was written', async () => {
  const files = memory();
  const verify = () => undefined;
  await applyPlan(await planFor('/data', undefined, files), { files, verify });
  await applyPlan(await planFor('/data', undefined, files, 'server'), { files, verify });
  const plan = await planFor('/data', undefined, files, 'server');
  assert.equal(plan.removals.length, 2);
  let isDone = false;
  const failing: TlsFiles = {
    ...files,
    remove: async (path) => {
      await files.remove(path);
      if (path.endsWith('.journal')) isDone = true;
    },
    inspect: async (path) => {
      if (isDone) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      return await files.inspect(path);
    },
  };
  const report = await applyPlan(plan, { files: failing });
  assert.deepEqual([report.written.length, report.notRemoved.length], [3, 2]);
});

test('nothing is removed while it is not known that the server uses the new pair', async () => {
  const files = memory();
  const verify = () => undefined;
  await applyPlan(await planFor('/data', undefined, files), { files, verify });
  await applyPlan(await planFor('/data', undefined, files, 'server'), { files, verify });
  const plan = await planFor('/data', undefined, files, 'server');
  const report = await applyPlan(plan, { files, verify: () => ({ kind: 'unproved', reasons: [] }) });
  assert.deepEqual([report.removed, report.notRemoved.length], [[], 2]);
});

test('a time limit that is longer than any timer does not end at once', async () => {
  const files = memory();
  const verify = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 20));
  const timeout = { lock: Number.POSITIVE_INFINITY, verify: Number.POSITIVE_INFINITY };
  const { written } = await applyPlan(await planFor('/data', undefined, files), { files, verify, timeout });
  assert.equal(written.length, 5);
});

test('a change that was partly rolled back is not reported as complete', async () => {
  const files = memory();
  let isGoingBack = false;
  let syncs = 0;
  const failing: TlsFiles = {
    ...files,
    create: async (file) => {
      if (isGoingBack && file.path.endsWith('.journal.new')) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return await files.create(file);
    },
    sync: async (path) => {
      if (isGoingBack && ++syncs === 2) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      await files.sync(path);
    },
  };
  const verify = (): never => {
    isGoingBack = true;
    throw new Error('no handshake');
  };
  const plan = await planFor('/data', undefined, files);
  await assert.rejects(applyPlan(plan, { files: failing, verify }), (error: PgHostsslError) => {
    assert.equal(error.code, 'apply-incomplete');
    assert.match(error.message, /could not be rolled back: EIO\. The change had failed: no handshake\. /);
    const { errors } = error.cause as AggregateError;
    assert.deepEqual(
      errors.map((each: Error) => each.message),
      ['no handshake', 'EIO'],
    );
    return true;
  });
  await assert.rejects(recoverApply('/data', { direction: 'complete', files }), { code: 'target-changed' });
  assert.equal((await recoverApply('/data', { direction: 'rollback', files })).outcome, 'rolled-back');
  assert.equal(textOf((await files.read('/data/postgresql.conf'))?.content()), stockConf);
  assert.deepEqual((await files.list('/data')).toSorted(), Object.keys(stockFiles).toSorted());
});

test('a change that is completed later leaves the former pair, says so, and the next plan removes it', async () => {
  const files = memory();
  const verify = () => undefined;
  await applyPlan(await planFor('/data', undefined, files), { files, verify });
  await applyPlan(await planFor('/data', undefined, files, 'server'), { files, verify });
  const plan = await planFor('/data', undefined, files, 'server');
  const former = plan.removals.map(({ path }) => path);
  assert.equal(former.length, 2);
  const isStopped = await new Promise((resolve) => {
    const stoppable = stoppableFiles(
      files,
      ({ name }) => (name === 'replace: rename' ? 'stop' : 'go'),
      () => resolve(true),
    );
    void applyPlan(plan, { files: stoppable, verify }).finally(() => resolve(false));
  });
  assert.equal(isStopped, true);
  const lock = '/data/pgsql_tmp.pg-hostssl.lock';
  for (const name of await files.list(lock)) await files.remove(`${lock}/${name}`);
  const full: TlsFiles = { ...files, replace: () => Promise.reject(systemError('ENOSPC', 'no space left')) };
  await assert.rejects(recoverApply('/data', { direction: 'complete', files: full }), {
    code: 'apply-incomplete',
    message: /The interrupted change could not be completed: ENOSPC/,
  });
  // A file that cannot be inspected after the recovery counts as not removed.
  let isDone = false;
  const unreadable: TlsFiles = {
    ...files,
    remove: async (path) => {
      await files.remove(path);
      if (path.endsWith('.journal')) isDone = true;
    },
    inspect: (path) => (isDone ? Promise.reject(systemError('EACCES', path)) : files.inspect(path)),
  };
  const { outcome, notRemoved } = await recoverApply('/data', { direction: 'complete', files: unreadable });
  assert.deepEqual([outcome, notRemoved], ['completed', former]);
  const next = await planFor('/data', undefined, files);
  assert.deepEqual(
    next.removals.map(({ path }) => path),
    former,
  );
  assert.deepEqual((await applyPlan(next, { files, verify })).removed, former);
});

test('if a copy turns one file with two names into two files, roll-back still works', () =>
  withFolder(async (folder) => {
    const [data, before] = [join(folder, 'data'), join(folder, 'before')];
    mkdirSync(data);
    fill(data);
    copyFolder(data, before);
    const copies: string[] = [];
    const copy = (): void => {
      const name = join(folder, `copy-${copies.length}`);
      // This copy of the directory makes a separate file for each name, even if two names were hard links to one file.
      copyFolder(data, name);
      rmSync(join(name, 'pgsql_tmp.pg-hostssl.lock'), { recursive: true });
      copies.push(name);
    };
    const files: TlsFiles = {
      ...diskFiles,
      link: async (path, name) => {
        linkSync(path, name);
        copy();
      },
      replace: async ({ target, by, keep }) => {
        linkSync(target, keep);
        copy();
        renameSync(by, target);
      },
    };
    const verify = (): never => {
      throw new Error('no');
    };
    await assert.rejects(applyPlan(await planFor(data), { files, verify }), { code: 'verify-failed' });
    assert.equal(copies.length, 7);
    for (const name of copies) {
      const { outcome } = await recoverApply(name, { direction: 'rollback', files: diskFiles });
      assert.equal(outcome, 'rolled-back');
      assert.deepEqual(readdirSync(name).sort(), readdirSync(before).sort());
      for (const file of readdirSync(before)) {
        assert.equal(readFileSync(join(name, file), 'utf8'), readFileSync(join(before, file), 'utf8'), file);
      }
    }
  }));

test('the time in a journal is shown only if it is a valid time', async () => {
  const journal = {
    version: 1,
    id: '0123456789abcdef',
    state: 'switching',
    directory: '1',
    directories: [],
    targets: [],
  };
  const files = memoryFiles({
    '/data/pgsql_tmp.pg-hostssl.journal': JSON.stringify({ ...journal, started: '\u001b[2J' }),
  });
  await assert.rejects(readServer('/data', { files }), { code: 'journal-invalid' });
});

test('memoryFiles appends to a file of any length', async () => {
  const files = memoryFiles({ '/d/a': `${'x'.repeat(300_000)}\n` });
  const line = new TextEncoder().encode(`${'y'.repeat(300_000)}\n`);
  assert.ok(await files.append?.({ path: '/d/a', content: () => line }));
  assert.equal((await files.read('/d/a'))?.content().length, 600_002);
});

function memory(): TlsFiles {
  return memoryFiles(Object.fromEntries(Object.entries(stockFiles).map(([name, text]) => [`/data/${name}`, text])));
}

function fill(data: string): void {
  for (const [name, text] of Object.entries(stockFiles)) writeFileSync(join(data, name), text);
}

async function planFor(
  dataDirectory: string,
  client?: string,
  files?: TlsFiles,
  newKey: 'server' | false = false,
): Promise<TlsPlan> {
  const owner = { uid: clientAccount, gid: clientAccount };
  return await planClientCertificates({
    server: await readServer(dataDirectory, files && { files }),
    ...(client !== undefined && { client: await readClient(client, { owner }) }),
    ...{ authority, connection, newKey },
  });
}

/** Makes a data directory, and the parent of the client's directory. They belong to two different accounts. */
function withAccounts(use: (data: string, client: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    chmodSync(folder, 0o755);
    const data = join(folder, 'server/data');
    for (const path of [join(folder, 'server'), data, join(folder, 'client')]) {
      mkdirSync(path, { mode: 0o755 });
      const id = path.endsWith('client') ? clientAccount : serverAccount;
      chownSync(path, id, id);
    }
    fill(data);
    for (const name of readdirSync(data)) chownSync(join(data, name), serverAccount, serverAccount);
    await use(data, join(folder, 'client/tls'));
  });
}
