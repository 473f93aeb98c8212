import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PgHostsslError } from '../../src/errors.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  planClientCertificates,
  planMigration,
  planRenewal,
  readServer,
  type TlsPlan,
  type TlsRequest,
} from '../../src/tls/index.ts';
import { withFolder } from './folder.ts';
import { bytes, names, serverState, stockConf, stockFiles, stockHba, written } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Authority' });
const connection = 'postgresql://webadmin@localhost/app';

/** Makes a data directory with these files, and plans client certificates for it. */
function planFor(files: Readonly<Record<string, string>>, request: Partial<TlsRequest> = {}): Promise<TlsPlan> {
  return withFolder(async (folder) => {
    const all = { ...stockFiles, ...files };
    mkdirSync(join(folder, 'conf.d'));
    for (const [name, content] of Object.entries(all)) writeFileSync(join(folder, name), content);
    const plan = await planClientCertificates({ server: await readServer(folder), authority, connection, ...request });
    // The path of the temporary folder is removed from the result, so that tests can compare it.
    return {
      ...plan,
      preconditions: plan.preconditions.map((one) => ({ ...one, path: one.path.slice(folder.length) })),
    };
  });
}

async function refusal(files: Readonly<Record<string, string>>): Promise<string> {
  try {
    await planFor(files);
  } catch (error) {
    assert.ok(error instanceof PgHostsslError, String(error));
    return `${error.code} ${error.file?.replace(/^.*\/pg-hostssl-tls-[^/]*\//, '')}:${error.line} ${error.message.replaceAll(/\S*\/pg-hostssl-tls-[^/]*\//g, '')}`;
  }
  return assert.fail('planned');
}

test('a plan for users is refused while db_user_namespace is on, and so is a line that the settings forbid', async () => {
  const namespace = (value: string) => ({ PG_VERSION: '16\n', 'postgresql.conf': `db_user_namespace = ${value}\n` });
  assert.match(await refusal(namespace('on')), /^plan-refused postgresql\.conf:1 .*db_user_namespace is on: /);
  const auto = { ...namespace('off'), 'postgresql.auto.conf': "# by ALTER SYSTEM\ndb_user_namespace = 'on'\n" };
  assert.match(await refusal(auto), /^plan-refused postgresql\.auto\.conf:2 /);
  assert.ok(names(await planFor(namespace('off'))).includes('pg_hba.conf'));
  // The step that offers certificates writes no rule.
  const server = serverState({ version: 16, conf: 'db_user_namespace = on\n' });
  const offer = await planMigration({ server, authority, connection, step: 'offer' });
  assert.ok(names(offer).includes('postgresql.conf') && !names(offer).includes('pg_hba.conf'));
  const withMd5 = { ...namespace('on'), 'pg_hba.conf': 'host all all all md5\n' };
  assert.match(await refusal(withMd5), /^hba-refused pg_hba\.conf:1 .*md5 while db_user_namespace is on/);
  const withOauth = { 'pg_hba.conf': 'host all all all oauth issuer="https://id.example.com" scope=db\n' };
  assert.match(await refusal(withOauth), /^hba-refused pg_hba\.conf:1 /);
  // A renewal writes no rule either, and says that the server refuses the line.
  const renewal = await planRenewal({
    server: serverState({ version: 16, conf: 'db_user_namespace = on\n', hba: 'host all all all md5\n' }),
    authority,
  });
  assert.deepEqual(
    renewal.diagnostics.map(({ code }) => code),
    ['hba-md5-with-namespace'],
  );
});

test("Debian's empty include directory causes neither an error nor a warning", async () => {
  const plan = await planFor({ 'postgresql.conf': `${stockConf}include_dir = 'conf.d'\n` });
  assert.deepEqual(
    plan.diagnostics.filter(({ code }) => code === 'tls-conf-include'),
    [],
  );
  assert.ok(names(plan).includes('postgresql.conf'));
});

test('a setting is not written if an included file sets the same value and wins', async () => {
  const plan = await planFor({
    'postgresql.conf': `${stockConf}include_dir = 'conf.d'\n`,
    'conf.d/tls.conf': "ssl = yes\nssl_ca_file = 'root.crt'\n",
  });
  assert.ok(!names(plan).includes('postgresql.conf'));
});

test('an included file before the edited lines loses', async () => {
  const plan = await planFor({
    'postgresql.conf': `include 'conf.d/tls.conf'\n${stockConf}`,
    'conf.d/tls.conf': 'ssl = off\n',
  });
  assert.match(written(plan, 'postgresql.conf')!, /^ssl = on$/m);
});

test('an included file after the edited lines is named with its line and the way out', async () => {
  const conf = `${stockConf}include_dir = 'conf.d'\n`;
  assert.match(
    await refusal({ 'postgresql.conf': conf, 'conf.d/tls.conf': '# TLS\nssl = off\n' }),
    /^setting-overridden conf\.d\/tls\.conf:2 .*Another source sets ssl .*Set ssl to 'on' in line 2 of conf\.d\/tls\.conf, or remove that line/,
  );
  assert.match(
    await refusal({
      'postgresql.conf': conf,
      'conf.d/a.conf': "include 'b.inc'\n",
      'conf.d/b.inc': "ssl_ca_file = ''\n",
    }),
    /^setting-overridden conf\.d\/b\.inc:1 .*Another source sets ssl_ca_file /,
  );
});

test('a value of ALTER SYSTEM is named with the statement that removes it', async () => {
  assert.match(
    await refusal({ 'postgresql.auto.conf': "# no edit\nssl = 'off'\nssl_ca_file = ''\n" }),
    /^setting-overridden postgresql\.auto\.conf:2 .*ALTER SYSTEM RESET ssl\. Run ALTER SYSTEM RESET ssl_ca_file\. Then plan again/,
  );
});

test('an included file that is refused or missing is named', async () => {
  const conf = `${stockConf}include 'conf.d/x.conf'\n`;
  assert.match(await refusal({ 'postgresql.conf': conf }), /^conf-refused postgresql\.conf:8 /);
  assert.match(
    await refusal({ 'postgresql.conf': conf, 'conf.d/x.conf': '\nport = 0\n' }),
    /^conf-refused conf\.d\/x\.conf:2 /,
  );
  assert.match(
    await refusal({ 'postgresql.auto.conf': 'oops oops oops\n' }),
    /^conf-refused postgresql\.auto\.conf:1 /,
  );
  const ifExists = await planFor({ 'postgresql.conf': `${stockConf}include_if_exists 'conf.d/x.conf'\n` });
  assert.ok(names(ifExists).includes('postgresql.conf'));
});

test('included rules and @files are followed', async () => {
  const hba = `${stockHba}include more.hba\nhost app @users all md5\n`;
  assert.match(await refusal({ 'pg_hba.conf': hba }), /^hba-refused pg_hba\.conf:11 /);
  assert.match(
    await refusal({ 'pg_hba.conf': hba, 'more.hba': 'host all all oops\n', users: 'a\n' }),
    /^hba-refused more\.hba:1 /,
  );
  const told = async (more: string): Promise<readonly string[]> => {
    const plan = await planFor({ 'pg_hba.conf': hba, 'more.hba': more, users: 'alice\nbob\n' });
    const found = plan.diagnostics.filter(({ code, file }) => code === 'tls-hba-include' || file?.endsWith('more.hba'));
    return found.map(({ code, range }) => `${code} ${range.start.line}`);
  };
  assert.deepEqual(await told('# none yet\n'), []);
  assert.deepEqual(await told('# more\nhost all all all md5\n'), ['tls-without-certificate 2']);
});

test('a rule for the Unix socket lets nobody in if the server has no Unix socket', async () => {
  const told = async (conf: string): Promise<number> => {
    const server = serverState({ conf, hba: 'local all all trust\n' });
    const { diagnostics } = await planClientCertificates({ server, authority, connection });
    return diagnostics.filter(({ code }) => code === 'tls-without-certificate').length;
  };
  assert.equal(await told("unix_socket_directories = ''\n"), 0);
  assert.equal(await told("unix_socket_directories = '/tmp'\n"), 1);
  assert.equal(await told(''), 1);
  assert.equal(await told("unix_socket_directories = ''\ninclude_if_exists 'unread.conf'\n"), 1);
});

test('every file and directory that was read is a precondition', async () => {
  const plan = await planFor({
    'postgresql.conf': `${stockConf}include_dir = 'conf.d'\nssl_crl_dir = 'crl'\n`,
    'conf.d/a.conf': "include_if_exists 'none.conf'\n",
    'pg_hba.conf': `${stockHba}host @dbs all all reject\n`,
    dbs: 'app\n',
    'pg_ident.conf': 'map "x y" z\n',
  });
  const digests = new Map(plan.preconditions.map(({ path, kind, sha256 }) => [`${kind} ${path}`, sha256]));
  const missing = [...digests].filter(([, sha256]) => sha256 === null).map(([path]) => path);
  assert.deepEqual(missing.sort(), [
    'directory /crl',
    'file /conf.d/none.conf',
    'file /postgresql.auto.conf',
    'file /postmaster.opts',
    'file /root.crl',
    'file /root.crt',
    'file /server.crt',
    'file /server.key',
  ]);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes('app\n'))));
  assert.equal(digests.get('file /dbs'), Buffer.from(hash).toString('hex'));
  const present = [...digests].filter(([, sha256]) => sha256 !== null).map(([path]) => path);
  assert.deepEqual(present.sort(), [
    'directory /conf.d',
    'file /PG_VERSION',
    'file /conf.d/a.conf',
    'file /dbs',
    'file /pg_hba.conf',
    'file /pg_ident.conf',
    'file /postgresql.conf',
  ]);
});

test('a setting on the command line of the last start wins, and the plan says so', async () => {
  const started = (...parameters: string[]) => ({
    'postmaster.opts': `/usr/lib/postgresql/18/bin/postgres ${parameters.map((one) => `"${one}"`).join(' ')}\n`,
  });
  for (const parameters of [
    ['-D', '/data', '-c', 'ssl=off'],
    ['-cSSL=off', '-D', '/data'],
    ['--ssl=off'],
    ['-l', '-c', 'ssl=off'],
  ]) {
    const message = await refusal(started(...parameters));
    assert.match(
      message,
      /^setting-overridden postmaster\.opts:undefined .*Another source sets ssl .*without ssl on its command line/,
    );
  }
  const elsewhere = await planFor(started('-c', 'ssl-cert-file=db.crt', '-c', 'ssl_key_file=db.key'));
  assert.deepEqual(names(elsewhere).slice(0, 2), ['db.key', 'db.crt']);
  // Options of the command line do not prevent the plan if they set the planned value, or settings without effect on
  // TLS.
  const plan = await planFor(
    started('-p', '5433', '-F', '-l', '-c', 'ssl_ca_file=root.crt', '-D', '-c', '-o', 'ssl=off'),
  );
  const conf = written(plan, 'postgresql.conf');
  assert.doesNotMatch(conf ?? '', /^ssl = |^ssl_ca_file/m);
  const [path] = plan.preconditions.filter((one) => one.path === '/postmaster.opts');
  assert.match(path?.sha256 ?? '', /^[0-9a-f]{64}$/);
});

test('a plan that names other certificate files than the settings says which clients may be refused', async () => {
  const conf = "ssl = on\nssl_cert_file = 'old.crt'\nssl_ca_file = '/etc/old-roots.crt'\n";
  const plan = await planClientCertificates({ server: serverState({ conf }), authority, connection });
  const found = plan.diagnostics.filter(({ code }) => code === 'tls-clients-need-root' || code === 'tls-roots-end');
  assert.deepEqual(
    found.map(({ code, severity, range }) => [code, severity, range.start.line]),
    [
      ['tls-roots-end', 'warning', 3],
      ['tls-clients-need-root', 'info', 2],
    ],
  );
  assert.match(found[0]!.message, /names \/nowhere\/data\/root\.crt in ssl_ca_file instead of \/etc\/old-roots\.crt/);
  for (const other of [conf.replace('ssl = on', 'ssl = off'), 'ssl = on\n', "ssl = on\nssl_ca_file = 'root.crt'\n"]) {
    const { diagnostics } = await planClientCertificates({
      server: serverState({ conf: other }),
      authority,
      connection,
    });
    assert.deepEqual(
      diagnostics.filter(({ code }) => /^tls-(?:roots-end|clients-need-root)$/.test(code)),
      [],
    );
  }
});
