import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChildFiles } from '../../src/disk/account/child.ts';
import { childProgram } from '../../src/disk/account/child-program.ts';
import { withLock } from '../../src/tls/files/lock.ts';
import { hasProcessEnded, type ProcessName, processName } from '../../src/tls/files/process-name.ts';
import { checkTlsFiles, diskFiles, fileState, memoryFiles, type TlsFiles } from '../../src/tls/index.ts';
import { withContent } from '../../src/with-content.ts';
import { asOrdinaryUser, withFolder, withFolderInMemory } from './folder.ts';

const needsRoot = process.getuid?.() !== 0 && 'needs root';
const isNotLinux = process.platform !== 'linux' && 'needs /proc';
const account = { uid: 65534, gid: 65534 };

test('the disk has all properties that checkTlsFiles checks, and the check leaves no file', () =>
  withFolder(async (folder) => {
    assert.deepEqual(await checkTlsFiles(diskFiles, folder), []);
    symlinkSync(folder, join(folder, 'link'));
    assert.deepEqual(await checkTlsFiles(diskFiles, join(folder, 'link')), []);
    rmSync(join(folder, 'link'));
    assert.deepEqual(readdirSync(folder), []);
  }));

test('files in memory have all properties that checkTlsFiles checks', async () => {
  assert.deepEqual(await checkTlsFiles(memoryFiles({ '/tmp/x': '' }), '/tmp'), []);
});

test('checkTlsFiles removes only the directories that it made', async () => {
  const files = memoryFiles({ '/tmp/x': '' });
  const makeDirectory: TlsFiles['makeDirectory'] = async (path, options) => {
    // Another program makes a directory at the path first.
    await files.makeDirectory(path, options);
    await files.create(withContent({ path: `${path}/precious`, mode: 0o600 }, new Uint8Array()));
    throw Object.assign(new Error('EEXIST: injected'), { code: 'EEXIST' });
  };
  const broken = await checkTlsFiles({ ...files, makeDirectory }, '/tmp');
  const kept = (await files.list('/tmp')).filter((name) => name !== 'x');
  assert.equal(kept.length, broken.length);
  for (const name of kept) assert.deepEqual(await files.list(`/tmp/${name}`), ['precious']);
});

test('checkTlsFiles names each property that is missing, and the error that was thrown', async () => {
  const files = memoryFiles({ '/tmp/x': '' });
  const fails = (code: string) => () => Promise.reject(Object.assign(new Error(`${code}: broken`), { code }));
  const kept = new Map<string, Uint8Array>();
  const uncopied: TlsFiles['read'] = async (path) => {
    const file = await files.read(path);
    const bytes = file?.content().length === kept.get(path)?.length ? kept.get(path) : file?.content();
    if (file === undefined || bytes === undefined) return undefined;
    kept.set(path, bytes);
    return { ...file, content: () => bytes };
  };
  const asText: TlsFiles['read'] = async (path) => {
    const file = await files.read(path);
    return file && fileState(path, new TextDecoder().decode(file.content()));
  };
  const broken: readonly [port: Partial<TlsFiles>, promise: RegExp][] = [
    [{ read: async (path) => (await files.read(path)) ?? fileState(path, '') }, /^read, inspect, statDirectory: /],
    [{ remove: (path) => files.remove(path).catch(() => undefined) }, /^list, remove/],
    [
      {
        create: (file) =>
          files
            .remove(file.path)
            .catch(() => undefined)
            .then(() => files.create(file)),
      },
      /^create: rejects with EEXIST/,
    ],
    [{ link: fails('ENOTSUP') }, /^link: .*\(ENOTSUP: broken\)/],
    [{ rename: (from, to) => files.link(from, to) }, /^rename: /],
    [{ replace: ({ target, by }) => files.rename(by, target) }, /^replace: keeps/],
    [
      { makeDirectory: (path, options) => files.makeDirectory(path, options).catch(() => undefined) },
      /^makeDirectory: /,
    ],
    [{ realPath: async (path) => `${path}/` }, /^realPath: /],
    [{ statDirectory: (path) => files.statDirectory(path).catch(() => undefined) }, /^statDirectory: /],
    [{ sync: fails('EIO') }, /^sync: /],
    [{ read: uncopied }, /^read: gives a copy .* \(255 changed bytes instead of the bytes that were written\)$/],
    [{ read: asText }, /^read: gives the bytes .* \(512 bytes instead of/],
  ];
  for (const [port, promise] of broken) {
    const found = await checkTlsFiles({ ...files, ...port }, '/tmp');
    assert.ok(
      found.some((sentence) => promise.test(sentence)),
      `${promise}: ${found.join('\n')}`,
    );
  }
});

test(
  'the process of another account keeps the contract, and has only the rights of the account',
  { skip: needsRoot },
  () =>
    withFolder(async (folder) => {
      chownSync(folder, account.uid, account.gid);
      const { files, pid, end } = await startChildFiles(account);
      try {
        assert.deepEqual(await checkTlsFiles(files, folder), []);
        await files.create(withContent({ path: join(folder, 'a'), mode: 0o600 }, new Uint8Array()));
        assert.equal(statSync(join(folder, 'a')).uid, account.uid);
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        assert.match(status, /^Uid:\t65534\t65534\t65534\t65534$/m);
        assert.match(status, /^Gid:\t65534\t65534\t65534\t65534$/m);
        assert.match(status, /^Groups:\t *$/m);
        assert.match(status, /^Cap(?:Prm|Eff):\t0{16}$/m);
        assert.deepEqual(
          readFileSync(`/proc/${pid}/environ`, 'utf8')
            .split('\0')
            .filter((name) => /^(?:HOME|PATH|NODE)/.test(name)),
          [],
        );
        await assert.rejects(files.read('/etc/shadow'), { code: 'EACCES' });
      } finally {
        end();
      }
      await assert.rejects(files.read('/etc/passwd'), /over|ended/);
    }),
);

test('the child process of an account keeps no group of root', { skip: needsRoot }, () => {
  const program = `import('${new URL('../../src/disk/account/child.js', import.meta.url)}').then(async ({ startChildFiles }) => {
    process.setgroups([0, 4]);
    const { pid, end } = await startChildFiles({ uid: 65534, gid: 65534 });
    console.log(require('node:fs').readFileSync('/proc/' + pid + '/status', 'utf8'));
    end();
  });`;
  assert.match(spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' }).stdout, /^Groups:\t *$/m);
});

test('the process of another account ends with its parent, and never starts a program that is not a runtime', {
  skip: needsRoot,
}, async () => {
  const marked = { ...process.env, PG_HOSTSSL_FILES_CHILD: 'x' };
  const program = `import('${new URL('../../src/disk/account/child.js', import.meta.url)}').then(({ startChildFiles }) =>
    startChildFiles({ uid: 65534, gid: 65534 })).then(({ pid }) => { console.log(pid); process.kill(process.pid, 'SIGKILL'); }, (error) => console.log(error.code));`;
  const run = (env: NodeJS.ProcessEnv): string =>
    spawnSync(process.execPath, ['-e', program], { env, encoding: 'utf8' }).stdout.trim();
  assert.equal(run(marked), 'account-unavailable');
  const pid = run(process.env);
  assert.match(pid, /^[0-9]+$/);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(await hasProcessEnded(await named(Number(pid))), true);
  assert.ok(!childProgram().includes('import.meta'));
});

test('a lock of an ended process is taken, and a lock that may be held in a container is not', () =>
  withFolderInMemory(async (folder) => {
    const lock = join(folder, 'lock');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replace(/[^A-Za-z0-9]/g, '');
    const space = `pid${statSync('/proc/self/ns/pid').ino}`;
    const entry = (pid: number, start: string, here: string, ns: string) =>
      `${pid}-${start}-${here}-${ns}-${'0'.repeat(16)}`;
    const take = () =>
      withLock(
        { path: lock, files: diskFiles, queue: diskFiles, patience: 50, code: 'apply-busy' },
        async () => readdirSync(lock).length,
      );
    const ended = [
      entry(4_194_305, '1', boot, space),
      entry(process.pid, '1', boot, space),
      entry(1, '1', 'other', space),
    ];
    for (const name of ended) {
      mkdirSync(lock);
      writeFileSync(join(lock, name), '');
      assert.equal(await take(), 1, name);
      assert.deepEqual(readdirSync(folder), []);
    }
    mkdirSync(lock);
    writeFileSync(join(lock, entry(4_194_305, '1', boot, 'pid1')), '');
    await assert.rejects(take(), { code: 'apply-busy', message: /Process 4194305 holds the lock.*remove / });
  }));

test(
  'an account that cannot set the group of a file keeps its own, unless the mode gives the group more rights',
  {
    skip: needsRoot,
  },
  () =>
    withFolder(async (folder) => {
      chownSync(folder, account.uid, account.gid);
      const make = (name: string, mode: number, uid: number) =>
        asOrdinaryUser(() =>
          diskFiles.create(
            withContent({ path: join(folder, name), mode, owner: { uid, gid: 1234 } }, new Uint8Array()),
          ),
        );
      for (const mode of [0o600, 0o644, 0o666]) {
        await make(`file-${mode}`, mode, account.uid);
        const { gid, mode: made } = statSync(join(folder, `file-${mode}`));
        assert.deepEqual([gid, made & 0o777], [account.gid, mode]);
      }
      const before = readdirSync(folder);
      for (const mode of [0o640, 0o660, 0o664]) await assert.rejects(make('x', mode, account.uid), { code: 'EPERM' });
      await assert.rejects(make('x', 0o600, 1234), { code: 'EPERM' });
      assert.deepEqual(readdirSync(folder), before);
    }),
);

test('text is appended only to a file that ends with a line end, and to no link or pipe', { skip: isNotLinux }, () =>
  withFolder(async (folder) => {
    for (const [name, content] of Object.entries({ whole: 'one\n', part: 'one', empty: '' })) {
      writeFileSync(join(folder, name), content);
    }
    symlinkSync('whole', join(folder, 'link'));
    assert.equal(spawnSync('mkfifo', [join(folder, 'pipe')]).status, 0);
    const append = (name: string) =>
      diskFiles.append!(withContent({ path: join(folder, name) }, new TextEncoder().encode('two\n')));
    for (const name of ['part', 'empty', 'pipe', 'missing']) assert.equal(await append(name), false, name);
    await assert.rejects(append('link'), { code: 'ELOOP' });
    assert.equal(await append('whole'), true);
    const left = ['whole', 'part', 'empty'].map((name) => readFileSync(join(folder, name), 'utf8'));
    assert.deepEqual(left, ['one\ntwo\n', 'one', '']);
  }),
);

test('a process has ended if its boot, its id or its start time says so', { skip: isNotLinux }, () =>
  withFolder(async (folder) => {
    const self = await processName(process.pid);
    assert.ok(![self.start, self.boot, self.space].includes('0'), JSON.stringify(self));
    const rows: readonly [changed: Partial<ProcessName>, hasEnded: boolean][] = [
      [{}, false],
      [{ start: '1' }, true],
      [{ start: '0' }, false],
      [{ boot: 'other' }, true],
      [{ pid: 4_194_305 }, true],
      [{ pid: 4_194_305, space: 'other' }, false],
    ];
    for (const [changed, hasEnded] of rows) {
      assert.equal(await hasProcessEnded({ ...self, ...changed }), hasEnded, JSON.stringify(changed));
    }
    // The name of a program may hold a parenthesis and a space.
    const program = join(folder, 'a) b');
    symlinkSync('/bin/sleep', program);
    const child = spawn(program, ['60'], { stdio: 'ignore' });
    try {
      const { start } = await processName(child.pid!);
      assert.ok(Math.abs(Number(start) / 100 - uptime()) < 60, start);
    } finally {
      child.kill('SIGKILL');
    }
  }),
);

test('no file with a key is readable by others at any moment', () =>
  withFolderInMemory(async (folder) => {
    const seen: string[] = [];
    const look = (): void => {
      for (const name of readdirSync(folder)) {
        const { mode, size } = statSync(join(folder, name));
        if ((mode & 0o077) !== 0 && size > 0) seen.push(name);
      }
    };
    writeFileSync(join(folder, 'like'), 'x', { mode: 0o644 });
    statSync(join(folder, 'like'));
    const content = (): Uint8Array => {
      look();
      return new TextEncoder().encode('key');
    };
    const key = {
      ...withContent({ path: join(folder, 'key'), mode: 0o600, like: join(folder, 'like') }, new Uint8Array()),
      content,
    };
    await diskFiles.create(key);
    look();
    assert.deepEqual(
      seen.filter((name) => name !== 'like'),
      [],
    );
    assert.equal(statSync(join(folder, 'key')).mode & 0o777, 0o600);
  }));

/** Returns the identity of a process with this process id and an unknown start time. The process may have ended. */
async function named(pid: number): Promise<ProcessName> {
  return { ...(await processName(process.pid)), pid, start: '0' };
}
