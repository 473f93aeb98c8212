import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { PgHostsslError } from '../../src/errors.ts';
import { matchesKey, PrivateKey } from '../../src/pki/index.ts';
import { fileState, loadOrCreateAuthority, memoryFiles, type TlsFiles } from '../../src/tls/index.ts';
import { repositoryRoot } from '../repository.ts';
import { endHolders } from './crash/scenarios.ts';
import { untilStopped } from './crash/trials.ts';
import { withFolder, withFolderInMemory } from './folder.ts';

const subject = '/CN=Authority';

test('the second call loads the CA that the first call created, with a key that only its owner can read', () =>
  withFolder(async (folder) => {
    const directory = join(folder, 'authority');
    const created = await loadOrCreateAuthority(directory, { subject });
    const before = readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]);
    const loaded = await loadOrCreateAuthority(directory, { subject: '/CN=Ignored', keyAlgorithm: 'rsa-2048' });
    assert.equal(loaded.certificate, created.certificate);
    assert.equal(loaded.privateKey.toPem(), created.privateKey.toPem());
    assert.deepEqual(
      readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
      before,
    );
    const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
    assert.deepEqual(modes, [
      ['authority.crt', 0o644],
      ['authority.key', 0o600],
    ]);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
  }));

test('the name of a new directory is flushed to the disk', async () => {
  const files = memoryFiles({ '/home/notes': '' });
  const flushed: string[] = [];
  const sync = async (path: string): Promise<void> => void flushed.push(path);
  await loadOrCreateAuthority('/home/authority', { subject, files: { ...files, sync } });
  assert.ok(flushed.indexOf('/home') === 0 && flushed.includes('/home/authority'), flushed.join());
});

test('a key that other accounts can read or change is refused until its mode is corrected', () =>
  withFolder(async (folder) => {
    const { certificate } = await loadOrCreateAuthority(folder, { subject });
    const key = join(folder, 'authority.key');
    // As with libpq, the group may read a key of root.
    const isRoot = process.getuid?.() === 0;
    for (const mode of [0o604, 0o644, 0o602, 0o620, 0o666, ...(isRoot ? [] : [0o640])]) {
      chmodSync(key, mode);
      const error = await loadOrCreateAuthority(folder, { subject }).catch((reason) => reason);
      assert.equal(error.code, 'authority-key-exposed', mode.toString(8));
      assert.equal(error.file, key);
    }
    for (const mode of [0o400, 0o600, ...(isRoot ? [0o640] : [])]) {
      chmodSync(key, mode);
      assert.equal((await loadOrCreateAuthority(folder, { subject })).certificate, certificate);
    }
  }));

test('the owner of the key decides whether its group may read the key', async () => {
  const files = memoryFiles({ '/x': '' });
  await loadOrCreateAuthority('/a', { subject, files });
  for (const [mode, uid, isExposed] of [
    [0o640, 0, false],
    [0o640, 1000, true],
    [0o640, undefined, true],
    [0o600, 1000, false],
    [undefined, undefined, false],
  ] as const) {
    const read: TlsFiles['read'] = async (path) => {
      const file = await files.read(path);
      const facts = { ...(mode !== undefined && { mode }), ...(uid !== undefined && { owner: { uid, gid: 0 } }) };
      return file && fileState(path, file.content(), facts);
    };
    const call = loadOrCreateAuthority('/a', { subject, files: { ...files, read } });
    if (isExposed) await refused(call, 'authority-key-exposed');
    else await call;
  }
});

test('a passphrase encrypts the key, and opens it again', async () => {
  const files = memoryFiles({ '/x': '' });
  const created = await loadOrCreateAuthority('/a', { subject, passphrase: 'open sesame', files });
  const key = new TextDecoder().decode((await files.read('/a/authority.key'))!.content());
  assert.match(key, /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  const loaded = await loadOrCreateAuthority('/a', { subject, passphrase: 'open sesame', files });
  assert.equal(loaded.certificate, created.certificate);
  const error = await loadOrCreateAuthority('/a', { subject, files }).catch((reason) => reason);
  assert.equal(error.code, 'passphrase-missing', String(error));
});

test('a weak key, and a passphrase that encrypts nothing, are refused before any file is written', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const key = await PrivateKey.read(pem, { allowWeak: true });
  const files = memoryFiles({ '/ca/notes': '' });
  await refused(loadOrCreateAuthority('/ca', { subject, key, files }), 'key-weak');
  await refused(loadOrCreateAuthority('/ca', { subject, passphrase: '', files }), 'passphrase-missing');
  assert.deepEqual(await files.list('/ca'), ['notes']);
});

test('concurrent calls in one process or in several make one CA', () =>
  withFolder(async (folder) => {
    const directory = join(folder, 'authority');
    const module = join(repositoryRoot, 'build/src/tls/index.js');
    const program = `import { loadOrCreateAuthority } from ${JSON.stringify(module)};
      console.log((await loadOrCreateAuthority(${JSON.stringify(directory)}, { subject: '/CN=A' })).certificate);`;
    const processes = [1, 2, 3].map(async () => {
      const run = promisify(execFile);
      return (await run(process.execPath, ['--input-type=module', '-e', program])).stdout.trim();
    });
    const promises = [1, 2, 3].map(async () =>
      (await loadOrCreateAuthority(directory, { subject: '/CN=A' })).certificate.trim(),
    );
    const certificates = await Promise.all([...processes, ...promises]);
    assert.deepEqual(new Set(certificates).size, 1);
    assert.ok(await matchesKey(certificates[0]!, readFileSync(join(directory, 'authority.key'), 'utf8')));
    assert.deepEqual(readdirSync(directory), ['authority.crt', 'authority.key']);
  }));

test('after a failure at any call, the next run overwrites no file', async () => {
  let calls = 0;
  for (let failing = 0; failing <= calls; failing++) {
    for (const isDone of [false, true]) {
      const files = memoryFiles({ '/x': '' });
      let count = 0;
      let isInjected = false;
      const faulty = new Proxy(files, {
        get: (target, name: keyof TlsFiles) => {
          const call = target[name] as ((...all: unknown[]) => Promise<unknown>) | undefined;
          if (call === undefined) return undefined;
          return async (...parameters: unknown[]) => {
            if (['read', 'list', 'statDirectory', 'inspect', 'realPath'].includes(name)) return call(...parameters);
            // Calls for the lock do not fail here: a lock that cannot be released is not an error, and the lock has its
            // own tests.
            if (JSON.stringify(parameters[0]).includes('.lock')) return call(...parameters);
            const fails = count++ === failing;
            // A call that is rejected anyway, as the removal of a file that does not exist, gets no other error.
            const answer = fails && !isDone ? undefined : await call(...parameters);
            if (!fails) return answer;
            isInjected = true;
            throw Object.assign(new Error('EIO: injected'), { code: 'EIO' });
          };
        },
      });
      const first = await loadOrCreateAuthority('/a', { subject, files: faulty }).catch((error) => error);
      calls = Math.max(calls, count);
      if (isInjected) assert.ok(first instanceof PgHostsslError && first.code === 'target-not-writable', String(first));
      const left = [await files.read('/a/authority.key'), await files.read('/a/authority.crt')];
      const authority = await loadOrCreateAuthority('/a', { subject, files });
      for (const [i, path] of ['/a/authority.key', '/a/authority.crt'].entries()) {
        const now = (await files.read(path))!.content();
        if (left[i] !== undefined) assert.deepEqual(now, left[i].content(), path);
      }
      assert.equal((await loadOrCreateAuthority('/a', { subject, files })).certificate, authority.certificate);
    }
  }
  assert.ok(calls >= 9, String(calls));
});

test('a call killed at any point leaves nothing with a key that the next call does not remove', () =>
  withFolderInMemory(async (folder) => {
    let leftovers = 0;
    for (let index = 0, isStopped = true; isStopped; index++) {
      const directory = join(folder, String(index));
      isStopped = await untilStopped((files) => loadOrCreateAuthority(directory, { subject, files }), index);
      if (existsSync(join(directory, 'pgsql_tmp.pg-hostssl.lock'))) endHolders(directory);
      const key =
        existsSync(join(directory, 'authority.key')) && readFileSync(join(directory, 'authority.key'), 'utf8');
      if (existsSync(join(directory, 'pgsql_tmp.pg-hostssl.authority.new'))) leftovers += 1;
      const authority = await loadOrCreateAuthority(directory, { subject });
      if (key) assert.equal(authority.privateKey.toPem(), key);
      // The lock of the killed process may stay. The next call removes it.
      const names = readdirSync(directory).filter((name) => name !== 'pgsql_tmp.pg-hostssl.lock');
      assert.deepEqual(names.sort(), ['authority.crt', 'authority.key'], `stopped at call ${index}`);
    }
    assert.ok(leftovers >= 6, String(leftovers));
  }));

test('existing files that are not a complete CA are an error, and stay', () =>
  withFolder(async (folder) => {
    const { certificate, privateKey } = await loadOrCreateAuthority(join(folder, 'one'), { subject });
    const other = await loadOrCreateAuthority(join(folder, 'other'), { subject });
    const cases: readonly [name: string, files: Readonly<Record<string, string>>, code: string][] = [
      ['certificate', { 'authority.crt': certificate }, 'authority-incomplete'],
      ['mixed', { 'authority.crt': certificate, 'authority.key': other.privateKey.toPem() }, 'key-mismatch'],
      ['damaged', { 'authority.key': 'junk' }, 'private-key-invalid'],
      ['swapped', { 'authority.crt': privateKey.toPem(), 'authority.key': certificate }, 'private-key-invalid'],
    ];
    for (const [name, files, code] of cases) {
      const directory = join(folder, name);
      mkdirSync(directory);
      for (const [file, content] of Object.entries(files))
        writeFileSync(join(directory, file), content, { mode: 0o600 });
      const error = await refused(loadOrCreateAuthority(directory, { subject }), code);
      assert.ok(error.file?.startsWith(directory), error.file);
      assert.deepEqual(readdirSync(directory).sort(), Object.keys(files).sort());
    }
    const linked = join(folder, 'linked');
    mkdirSync(linked);
    symlinkSync(join(folder, 'elsewhere'), join(linked, 'authority.key'));
    const { message } = await refused(loadOrCreateAuthority(linked, { subject }), 'target-not-writable');
    assert.match(message, /symbolic link to nothing/);
    assert.ok(!readdirSync(folder).includes('elsewhere'));
  }));

test('wrong arguments are rejected by name', async () => {
  await refused(loadOrCreateAuthority(undefined as never, { subject }), 'argument-invalid');
  await refused(loadOrCreateAuthority('/a', undefined as never), 'argument-invalid');
  await refused(loadOrCreateAuthority('/a', { subject, password: 'x' } as never), 'argument-invalid');
});

async function refused(call: Promise<unknown>, code: string): Promise<PgHostsslError> {
  const error = await call.then(
    () => assert.fail('not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PgHostsslError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

test('a passphrase for a key that is not encrypted is refused', async () => {
  const files = memoryFiles({ '/x': '' });
  await loadOrCreateAuthority('/a', { subject, files });
  const error = await loadOrCreateAuthority('/a', { subject, passphrase: 'open sesame', files }).catch((e) => e);
  assert.deepEqual([error.code, error.file], ['argument-invalid', '/a/authority.key']);
});

test('a directory without a parent is refused with the way out', () =>
  withFolder(async (folder) => {
    const error = await loadOrCreateAuthority(join(folder, 'no', 'ca'), { subject }).catch((e) => e);
    assert.equal(error.code, 'target-not-writable');
    assert.match(error.hint, /parent directory/);
  }));

test('a directory that cannot be written is refused with the way out', async () => {
  for (const [code, hint] of [
    ['EROFS', /read-only file system.*mount it writable/],
    ['ENOSYS', /hard links/],
  ] as const) {
    const create = () => Promise.reject(Object.assign(new Error(code), { code }));
    const files = { ...memoryFiles({ '/x': '' }), create };
    const error = await refused(loadOrCreateAuthority('/a', { subject, files }), 'target-not-writable');
    assert.match(error.hint ?? '', hint);
  }
});
