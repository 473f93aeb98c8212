import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { locateConfiguration, readConfiguration } from '../../src/configuration/index.ts';
import { PgHostsslError } from '../../src/errors.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  diskFiles,
  memoryFiles,
  planClientCertificates,
  readClient,
  readServer,
  type ServerPaths,
} from '../../src/tls/index.ts';
import { asOrdinaryUser, snapshot, withFolder } from './folder.ts';
import { stockFiles, stockHba, textOf } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Authority' });
const connection = 'postgresql://webadmin@localhost/app';

test('a directory of a client that begins with ~ is refused before its path becomes absolute', async () => {
  await assert.rejects(readClient('~/.postgresql'), { code: 'client-directory-invalid', message: /begins with "~"/ });
});

test('a data directory is read with its version, owner, files and the paths that its settings name', () =>
  withFolder(async (folder) => {
    const data = dataDirectory(folder, { 'server.key': 'KEY\n' });
    const { uid, gid } = statSync(data);
    const server = await readServer(data);
    assert.deepEqual([server.version, server.dataDirectory, server.owner], [18, data, { uid, gid }]);
    assert.equal(textOf(server.hba.content()), stockHba);
    assert.equal(server.conf.mode, 0o600);
    assert.deepEqual(server.certificate, { path: join(data, 'server.crt') });
    assert.equal(textOf(server.privateKey.content?.()), 'KEY\n');
    assert.deepEqual([server.ca.path, server.autoConf], [join(data, 'root.crt'), undefined]);
    for (const shown of [inspect(server, { depth: 9 }), JSON.stringify(server)]) {
      assert.ok(!shown.includes('KEY') && !shown.includes(String([75, 69, 89])), shown);
    }
  }));

test('paths come from the caller, then from postgresql.auto.conf, then from postgresql.conf', () =>
  withFolder(async (folder) => {
    const conf = `hba_file = '${folder}/hba'\nssl_cert_file = 'a.crt'\nssl_key_file = '/etc/a.key'\nssl_ca_file = ''\n`;
    const data = dataDirectory(folder, {
      'postgresql.conf': conf,
      'postgresql.auto.conf': "ssl_cert_file = 'auto.crt'\n",
      '../hba': 'local all all peer\n',
    });
    const paths = async (given: ServerPaths = {}): Promise<string[]> => {
      const { hba, certificate, privateKey, ca } = await readServer(data, { paths: given });
      return [hba, certificate, privateKey, ca].map(({ path }) => path);
    };
    const found = [join(folder, 'hba'), join(data, 'auto.crt'), '/etc/a.key', join(data, 'root.crt')];
    assert.deepEqual(await paths(), found);
    const given = { hba: 'pg_hba.conf', certificate: 'x.crt', privateKey: '/x.key', ca: 'x.ca' };
    assert.deepEqual(await paths(given), [
      join(data, 'pg_hba.conf'),
      join(data, 'x.crt'),
      '/x.key',
      join(data, 'x.ca'),
    ]);
  }));

test('included files are those that include lines name, postgresql.auto.conf among them', () =>
  withFolder(async (folder) => {
    const data = dataDirectory(folder, {
      'postgresql.conf':
        "include 'postgresql.auto.conf'\ninclude_if_exists 'more.conf'\nssl = on\nssl_crl_dir = 'crl'\n",
      'postgresql.auto.conf': "port = '5433'\n",
    });
    mkdirSync(join(data, 'crl'));
    writeFileSync(join(data, 'crl', '0123abcd.r0'), '');
    const { included } = await readServer(data);
    const named = ['postgresql.auto.conf', 'more.conf'].map((name) => join(data, name));
    assert.deepEqual(included?.files.map(({ path }) => path).sort(), named.sort());
    assert.deepEqual(included?.directories, []);
  }));

test('files that pg_hosts.conf includes are included files, too', () =>
  withFolder(async (folder) => {
    const data = dataDirectory(folder, {
      PG_VERSION: '19\n',
      'postgresql.conf': 'ssl = on\nssl_sni = on\n',
      'pg_hosts.conf': 'include more.conf\n',
      'more.conf': 'db h.crt h.key\n',
    });
    const { included } = await readServer(data);
    assert.deepEqual(
      included?.files.map(({ path }) => path),
      [join(data, 'more.conf')],
    );
  }));

test('a configuration that was found or read says where the files are', () =>
  withFolder(async (folder) => {
    const etc = join(folder, 'etc');
    mkdirSync(etc);
    const data = dataDirectory(folder, {
      'postmaster.opts': `/usr/bin/postgres "-D" "${join(folder, 'data')}" "-c" "config_file=${etc}/postgresql.conf"\n`,
    });
    rmSync(join(data, 'postgresql.conf'));
    writeFileSync(join(etc, 'postgresql.conf'), `data_directory = '${data}'\nhba_file = '${etc}/pg_hba.conf'\n`);
    writeFileSync(join(etc, 'pg_hba.conf'), stockHba);
    await assert.rejects(readServer(data), { code: 'data-directory-incomplete' });
    const [candidate] = await locateConfiguration({ dataDirectory: data });
    for (const server of [candidate!, await readConfiguration(candidate!), await readConfiguration(data)]) {
      const { conf, hba } = await readServer(server);
      assert.deepEqual([conf.path, hba.path], [join(etc, 'postgresql.conf'), join(etc, 'pg_hba.conf')]);
    }
  }));

test('the configuration of Debian is read from its own directory, and planned there', () =>
  withFolder(async (folder) => {
    const etc = join(folder, 'etc');
    mkdirSync(etc);
    const data = dataDirectory(folder);
    rmSync(join(data, 'postgresql.conf'));
    writeFileSync(
      join(etc, 'postgresql.conf'),
      `hba_file = '${etc}/pg_hba.conf'\nssl = on\nssl_cert_file = '/etc/ssl/snakeoil.pem'\n`,
    );
    writeFileSync(join(etc, 'pg_hba.conf'), stockHba);
    const paths = { conf: join(etc, 'postgresql.conf'), certificate: 'server.crt', privateKey: 'server.key' };
    const plan = await planClientCertificates({ server: await readServer(data, { paths }), authority, connection });
    const changed = plan.writes.map(({ path }) => path.slice(folder.length + 1));
    const certificates = ['data/server.key', 'data/server.crt', 'data/root.crt'];
    assert.deepEqual(changed, [...certificates, 'etc/postgresql.conf', 'etc/pg_hba.conf']);
    assert.match(textOf(plan.writes[3]?.content()) ?? '', /^ssl_cert_file = 'server\.crt'$/m);
  }));

const refusals: readonly [what: string, files: Files, code: string, place: string][] = [
  ['no PG_VERSION', { PG_VERSION: undefined }, 'data-directory-incomplete', 'PG_VERSION'],
  ['no postgresql.conf', { 'postgresql.conf': undefined }, 'data-directory-incomplete', 'postgresql.conf'],
  ['no pg_hba.conf', { 'pg_hba.conf': undefined }, 'data-directory-incomplete', 'pg_hba.conf'],
  ['a version from the future', { PG_VERSION: '99\n' }, 'version-unknown', 'PG_VERSION'],
  ['an invalid version', { PG_VERSION: 'junk' }, 'version-unknown', 'PG_VERSION'],
  [
    'an hba_file relative to the directory in which the server was started',
    { 'postgresql.conf': "hba_file = 'conf/hba'\n" },
    'data-directory-incomplete',
    'postgresql.conf',
  ],
  [
    'such an hba_file with the usual name',
    { 'postgresql.conf': "hba_file = 'pg_hba.conf'\n" },
    'data-directory-incomplete',
    'postgresql.conf',
  ],
];

for (const [what, files, code, place] of refusals) {
  test(`rejects ${what}`, () =>
    withFolder(async (folder) => {
      const data = dataDirectory(folder, files);
      const before = snapshot(folder);
      const error = await refusal(readServer(data));
      assert.equal(error.code, code);
      assert.equal(error.file, join(data, place));
      assert.deepEqual(snapshot(folder), before);
    }));
}

test('rejects a path that is not a directory, not a file, or not readable', () =>
  withFolder(async (folder) => {
    assert.equal((await refusal(readServer(join(folder, 'no')))).code, 'data-directory-incomplete');
    const data = dataDirectory(folder);
    for (const read of [readServer, readClient]) {
      const { code, hint } = await refusal(read(join(data, 'PG_VERSION')));
      assert.deepEqual([code, hint?.slice(0, 32)], ['file-not-readable', 'Give the path of a directory, or']);
    }
    mkdirSync(join(data, 'server.key'));
    const notFile = await refusal(readServer(data));
    assert.deepEqual([notFile.code, notFile.hint?.slice(0, 21)], ['file-not-readable', 'Replace the directory']);
    rmSync(join(data, 'server.key'), { recursive: true });
    for (const path of [folder, data]) chmodSync(path, 0o755);
    chmodSync(join(data, 'PG_VERSION'), 0o644);
    chmodSync(join(data, 'postgresql.conf'), 0);
    const error = await asOrdinaryUser(() => refusal(readServer(data)));
    assert.deepEqual([error.code, error.file], ['file-not-readable', join(data, 'postgresql.conf')]);
    symlinkSync('loop', join(folder, 'loop'));
    assert.equal((await refusal(readClient(join(folder, 'loop')))).code, 'file-not-readable');
  }));

test('names the included directory that is not readable', async () => {
  const files = memoryFiles({
    '/data/PG_VERSION': '18\n',
    '/data/postgresql.conf': "include_dir = 'conf.d'\n",
    '/data/pg_hba.conf': stockHba,
    '/data/conf.d/tls.conf': 'ssl = on\n',
  });
  const list = async (path: string): Promise<readonly string[]> => {
    if (path !== '/data/conf.d') return await files.list(path);
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  };
  const error = await refusal(readServer('/data', { files: { ...files, list } }));
  assert.deepEqual([error.code, error.file], ['file-not-readable', '/data/conf.d']);
});

test('a whole plan whose last target is not writable writes nothing', () =>
  withFolder(async (folder) => {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    const data = dataDirectory(folder, { '../locked/hba': stockHba });
    for (const path of [folder, data]) chmodSync(path, 0o777);
    chmodSync(join(data, 'postgresql.conf'), 0o644);
    chmodSync(join(data, 'PG_VERSION'), 0o644);
    chmodSync(join(locked, 'hba'), 0o644);
    chmodSync(locked, 0o555);
    if (process.getuid?.() === 0)
      for (const path of [data, join(data, 'postgresql.conf')]) chownSync(path, 65534, 65534);
    const before = snapshot(folder);
    await asOrdinaryUser(async () => {
      const server = await readServer(data, { paths: { hba: join(locked, 'hba') } });
      const client = await readClient(join(folder, 'client'));
      const plan = await planClientCertificates({ server, client, authority, connection });
      const error = await refusal(applyPlan(plan));
      assert.deepEqual([error.code, error.file], ['target-not-writable', join(locked, 'hba')]);
    });
    assert.deepEqual(snapshot(folder), before);
    chmodSync(locked, 0o755);
  }));

test("a client's directory is read with its owner, who then owns the files, too", () =>
  withFolder(async (folder) => {
    if (process.getuid?.() === 0) chownSync(folder, 65534, 65534);
    const { uid, gid } = statSync(folder);
    const client = await readClient(folder);
    assert.deepEqual([client.exists, client.owner], [true, { uid, gid }]);
    const missing = await readClient(join(folder, 'no'));
    assert.deepEqual([missing.exists, missing.owner], [false, undefined]);
    if (process.getuid?.() === 0) chownSync(folder, 7, 7);
    assert.deepEqual((await readClient(folder, { owner: { uid: 7, gid: 7 } })).owner, { uid: 7, gid: 7 });
    assert.deepEqual(missing.ca, { path: join(folder, 'no', 'root.crt') });
  }));

type Files = Readonly<Record<string, string | undefined>>;

function dataDirectory(folder: string, files: Files = {}): string {
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  const all = { ...stockFiles, ...files };
  for (const [name, content] of Object.entries(all)) {
    if (content !== undefined) writeFileSync(join(data, name), content, { mode: 0o600 });
  }
  return data;
}

async function refusal(work: Promise<unknown>): Promise<PgHostsslError> {
  const error = await work.then(
    () => assert.fail('not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PgHostsslError, String(error));
  return error;
}

test('relative paths of data directory and client directory give the same plan and the same files', () =>
  withFolder(async (folder) => {
    const data = join(folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    const contents = { PG_VERSION: '18\n', 'postgresql.conf': 'port = 1\n', 'pg_hba.conf': 'local all all peer\n' };
    for (const [name, text] of Object.entries(contents)) writeFileSync(join(data, name), text);
    const path = relative(process.cwd(), data);
    const configuration = await readConfiguration(path);
    for (const server of [
      path,
      `${path}/`,
      { dataDirectory: path, conf: join(path, 'postgresql.conf') },
      configuration,
    ]) {
      assert.equal((await readServer(server)).dataDirectory, data);
      assert.equal((await readServer(server)).conf.path, join(data, 'postgresql.conf'));
    }
    const client = await readClient(relative(process.cwd(), join(folder, 'client')));
    const plan = await planClientCertificates({
      server: await readServer(path),
      client,
      authority,
      connection,
    });
    assert.equal((await applyPlan(plan)).written.length, 8);
    assert.deepEqual(readdirSync(folder).sort(), ['client', 'data']);
    // A relative path is refused if `files` is given, because they may be the files of another machine.
    await assert.rejects(readServer(path, { files: diskFiles }), { code: 'argument-invalid' });
    await assert.rejects(readClient('client', { files: diskFiles }), { code: 'argument-invalid' });
  }));

test('a path that is undefined does not replace the path of a configuration', async () => {
  const files = memoryFiles({
    '/data/PG_VERSION': '18\n',
    '/etc/main.conf': "data_directory = '/data'\nhba_file = '/etc/rules.conf'\n",
    '/etc/rules.conf': 'local all all trust\n',
  });
  const configuration = await readConfiguration({ dataDirectory: '/data', conf: '/etc/main.conf' }, { files });
  const { conf } = await readServer(configuration, { files, paths: { conf: undefined } });
  assert.equal(conf.path, '/etc/main.conf');
});
