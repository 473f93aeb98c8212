import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { PgHostsslError } from '../../src/errors.ts';
import { CertificateAuthority, inspectCertificate, matchesKey } from '../../src/pki/index.ts';
import {
  type ClientCertificatePlan,
  describePlan,
  planClientCertificates,
  planServerCertificate,
  type TlsRequest,
} from '../../src/tls/index.ts';
import { withContent } from '../../src/with-content.ts';
import { judgingMajors, readSample, withoutJudges } from '../server/index.ts';
import { applied, bytes, clientState, names, serverState, slot, stockConf, stockHba, written } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/O=Example/CN=Authority' });
const stranger = await CertificateAuthority.create({ subject: '/O=Example/CN=Authority' });
const connection = 'postgresql://webadmin@db.example.com/app';
const owner = { uid: 26, gid: 26 };

test('describePlan prints the plan for a fresh server for a person', async () => {
  const plan = await planned({ server: serverState({ owner }), client: clientState() });
  assert.equal(
    describePlan(plan),
    `PostgreSQL 18: "webadmin" gets a rule with a certificate at db.example.com:5432, database "app", but the connection may fail (tls-listens-locally).

  make    /home/w/.postgresql                 0700        the directory of the client
  create  /nowhere/data/server.key            0600 26:26  the server's private key
  create  /nowhere/data/server.crt            0644 26:26  the server's certificate
  create  /nowhere/data/root.crt              0644 26:26  the roots of clients' certificates
  create  /home/w/.postgresql/postgresql.key  0600        the client's private key
  create  /home/w/.postgresql/postgresql.crt  0644        the client's certificate
  create  /home/w/.postgresql/root.crt        0644        the roots of servers' certificates
  change  /nowhere/data/postgresql.conf                   the settings ssl, ssl_ca_file
  change  /nowhere/data/pg_hba.conf                       the rules

These rules of pg_hba.conf decide:
  hostssl app             webadmin        all                     cert

Then have the server reload its files, with SELECT pg_reload_conf().

info[tls-without-certificate] /nowhere/data/pg_hba.conf:2: This rule lets "webadmin" in without a certificate, by method trust, over the Unix socket of the server's machine
warning[tls-without-certificate] /nowhere/data/pg_hba.conf:4: This rule lets "webadmin" in without a certificate, by method trust, without TLS, or to other databases. Plan with withoutCertificate 'reject', or change the rule
warning[tls-without-certificate] /nowhere/data/pg_hba.conf:6: This rule lets "webadmin" in without a certificate, by method trust, without TLS, or to other databases. Plan with withoutCertificate 'reject', or change the rule
info[tls-without-certificate] /nowhere/data/pg_hba.conf:9: This rule lets "webadmin" in without a certificate, by method trust, over the Unix socket of the server's machine
warning[tls-without-certificate] /nowhere/data/pg_hba.conf:10: This rule lets "webadmin" in without a certificate, by method trust, without TLS, or to other databases. Plan with withoutCertificate 'reject', or change the rule
info[tls-listens-locally] /nowhere/data/postgresql.conf: No client reaches the server as db.example.com: listen_addresses is localhost. A change takes a restart
`,
  );
});

test('the certificates have the right content, and belong together', async () => {
  const plan = await planned({ server: serverState(), client: clientState(), hosts: ['10.0.0.7'] });
  const server = inspectCertificate(written(plan, 'server.crt')!);
  assert.deepEqual([server.dnsNames, server.ipAddresses], [['db.example.com', '10.0.0.7'], ['10.0.0.7']]);
  assert.equal(inspectCertificate(plan.client.certificate).commonName, 'webadmin');
  assert.ok(await matchesKey(written(plan, 'server.crt')!, written(plan, 'server.key')!));
  assert.ok(await matchesKey(plan.client.certificate, plan.client.privateKey()));
  assert.equal(written(plan, 'postgresql.key'), plan.client.privateKey());
  for (const name of ['data/root.crt', '.postgresql/root.crt'])
    assert.equal(written(plan, name), authority.certificate);
  assert.equal(plan.client.ca, authority.certificate);
});

test('a second plan after the first is applied has nothing to do', async () => {
  for (const hosts of [[], ['10.0.0.7', '*.example.com', 'bücher.example', '2001:DB8::1']]) {
    const request = { server: serverState({ owner }), client: clientState(), hosts };
    const plan = await planned(request);
    const again = await planned({ ...request, ...applied(request.server, request.client, plan) });
    assert.deepEqual([again.writes, again.directories, again.action], [[], [], 'none']);
    assert.deepEqual(again.rules, plan.rules);
    assert.equal(again.client.privateKey(), plan.client.privateKey());
    assert.match(
      describePlan(again),
      /All files are as planned already\.\n.*The server needs no reload and no restart\./s,
    );
  }
});

test('a second user keeps the server certificate, and gets a rule', async () => {
  const server = serverState({ owner });
  const after = applied(server, clientState(), await planned({ server, client: clientState() }));
  const second = await planned({ server: after.server, connection: 'postgresql://other@db.example.com/app' });
  assert.deepEqual(names(second), ['pg_hba.conf']);
  assert.equal(second.action, 'reload');
});

test('a server certificate is renewed in its last third, and for another host', async () => {
  const server = serverState({ owner });
  const after = applied(server, clientState(), await planned({ server, client: clientState() })).server;
  const inDays = (days: number): Date => new Date(Date.now() + days * 24 * 60 * 60 * 1000);
  const at = async (now: Date, hosts: readonly string[] = []): Promise<string[]> =>
    names(await planned({ server: after, now, hosts }));
  assert.deepEqual(await at(inDays(240)), []);
  assert.deepEqual(await at(inDays(250)), ['server.crt']);
  assert.deepEqual(await at(new Date(), ['other.example']), ['server.crt']);
});

test('a wildcard certificate covers the hosts one label below it', async () => {
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['*.example.com'] });
  const server = serverState({ certificate: chain, privateKey: privateKey.toPem() });
  const renewed = async (host: string): Promise<boolean> =>
    written(await planned({ server, connection: { host, user: 'a' } }), 'server.crt') !== undefined;
  assert.deepEqual(
    await Promise.all(['db.example.com', 'a.db.example.com', 'example.com', 'xexample.com'].map(renewed)),
    [false, true, true, true],
  );
});

test('the stock postgresql.conf of each major version changes only in the necessary lines', {
  skip: withoutJudges,
}, async () => {
  for (const version of judgingMajors) {
    const conf = new TextDecoder().decode(readSample(version, 'postgresql.conf.sample'));
    const plan = await planned({ server: serverState({ version, conf }) });
    const [before, after] = [conf.split('\n'), written(plan, 'postgresql.conf')!.split('\n')];
    assert.equal(after.length, before.length);
    const changed = after.filter((line, i) => line !== before[i]);
    assert.deepEqual(changed, ['ssl = on', "ssl_ca_file = 'root.crt'"], `PostgreSQL ${version}`);
  }
});

test('existing settings keep their notation, and certificate files go where the settings say', async () => {
  const conf =
    "ssl = TRUE # yes\nssl_cert_file = '/etc/pg/db.crt'\nssl_key_file = 'certs/db.key'\nssl_ca_file = 'ca.crt'\n";
  const files = {
    certificate: { path: '/etc/pg/db.crt' },
    privateKey: { path: '/nowhere/data/certs/db.key' },
    ca: { path: '/nowhere/data/ca.crt' },
  };
  const plan = await planned({ server: { ...serverState({ conf }), ...files } });
  assert.deepEqual(names(plan), ['db.key', 'db.crt', 'ca.crt', 'pg_hba.conf']);
  // The plan sets the paths that the caller gives. Paths in the data directory are written as relative paths.
  const elsewhere = await planned({
    server: { ...serverState({ conf }), certificate: { path: '/nowhere/data/x.crt' } },
  });
  assert.equal(
    written(elsewhere, 'postgresql.conf'),
    conf.replace('/etc/pg/db.crt', 'x.crt').replace('certs/db.key', 'server.key').replace("'ca.crt'", "'root.crt'"),
  );
});

test('the server restarts for TLS before 10, and reloads for rules alone', async () => {
  const server = serverState({ version: 9.6, owner });
  const plan = await planned({ server });
  assert.equal(plan.action, 'restart');
  const after = applied(server, clientState(), plan).server;
  assert.equal(
    (await planned({ server: after, connection: 'postgresql://other@db.example.com/app' })).action,
    'reload',
  );
});

test('trusted roots stay, and a root file that no setting names is not trusted automatically', async () => {
  const conf = "ssl_ca_file = 'root.crt'\n";
  const ca = stranger.certificate.trimEnd();
  const plan = await planned({ server: serverState({ conf, ca }) });
  assert.equal(written(plan, 'root.crt'), `${ca}\n${authority.certificate}`);
  assert.ok(plan.diagnostics.some(({ code }) => code === 'tls-other-roots'));
  await refused({ server: serverState({ ca }) }, 'certificate-foreign', '/nowhere/data/root.crt');
  const replaced = await planned({ server: serverState({ ca }), replaceForeign: true });
  assert.equal(written(replaced, 'root.crt'), authority.certificate);
});

test('root files with any line ends, or with none at the end, are joined with a line end', async () => {
  const conf = "ssl_ca_file = 'root.crt'\n";
  const roots = authority.certificate.trimEnd();
  const ca = stranger.certificate;
  assert.equal(written(await planned({ server: serverState(), roots }), 'root.crt'), authority.certificate);
  assert.equal(
    written(await planned({ server: serverState({ conf, ca }), roots }), 'root.crt'),
    ca + authority.certificate,
  );
});

test('a good file keeps its bytes, also bytes around its PEM blocks that are not UTF-8', async () => {
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['db.example.com'] });
  const server = serverState({ certificate: chain, privateKey: privateKey.toPem() });
  const content = new Uint8Array([...bytes('# Schl'), 0xfc, ...bytes(`ssel\n${chain}`)]);
  const plan = await planned({
    server: { ...server, certificate: withContent({ path: server.certificate.path }, content) },
  });
  assert.ok(!names(plan).includes('server.crt'));
});

test('a summary promises nothing if the server does not start', async () => {
  const conf = "listen_addresses = '*'\nssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'gone.crl'\n";
  const server = { ...serverState({ conf }), crl: { path: '/nowhere/data/gone.crl' } };
  for (const { summary, diagnostics } of [
    await planned({ server }),
    await planServerCertificate({ server, authority, hosts: ['db.example.com'] }),
  ]) {
    assert.ok(diagnostics.some(({ severity }) => severity === 'error'));
    assert.match(summary, /may fail \(.*configuration-file-missing.*\)$/);
  }
});

test('a server that may take its certificates from pg_hosts.conf is reported', async () => {
  const told = async (value: string): Promise<boolean> => {
    const server = serverState({ version: 19, conf: `listen_addresses = '*'\nssl_sni = ${value}\n` });
    const { diagnostics, summary } = await planned({ server });
    const isTold = diagnostics.some(({ code, severity }) => code === 'tls-hosts-file' && severity === 'warning');
    assert.equal(/ gets a rule .*, but the connection may fail \(tls-hosts-file\)$/.test(summary), isTold, summary);
    return isTold;
  };
  assert.deepEqual([await told('on'), await told('off')], [true, false]);
});

test('a server that listens only for its own machine, or only for others, is reported for the clients that miss it', async () => {
  const told = async (host: string, listens: string): Promise<boolean> => {
    const server = serverState({ conf: `listen_addresses = '${listens}'\n` });
    const plans = [
      await planned({ server, connection: { host, user: 'a' } }),
      await planServerCertificate({ server, authority, hosts: [host] }),
    ];
    const told = plans.map(({ diagnostics }) => diagnostics.some(({ code }) => code === 'tls-listens-locally'));
    assert.deepEqual(
      plans.map(({ summary }) => / may fail \(tls-listens-locally\)$/.test(summary)),
      told,
    );
    return told[0]!;
  };
  assert.deepEqual(
    await Promise.all(['db.example.com', 'localhost', '127.0.0.1', '::1'].map((host) => told(host, 'localhost, ::1'))),
    [true, false, false, false],
  );
  assert.equal(await told('db.example.com', 'localhost, 10.0.0.5'), false);
  assert.deepEqual(
    await Promise.all(
      ['10.0.0.5', '10.0.0.5, 127.0.0.1', '*', '::', 'db'].map((listens) => told('localhost', listens)),
    ),
    [true, false, false, false, false],
  );
  for (const hosts of [
    ['localhost', 'db.example.com'],
    ['db.example.com', 'localhost'],
  ]) {
    const server = serverState({ conf: "listen_addresses = '10.0.0.5'\n" });
    const { diagnostics } = await planServerCertificate({ server, authority, hosts });
    assert.ok(!diagnostics.some(({ code }) => code === 'tls-listens-locally'), hosts[0]);
  }
});

test('other settings of ALTER SYSTEM do not matter', async () => {
  const plan = await planned({ server: serverState({ autoConf: "work_mem = '8MB'\nport = '5433'\n" }) });
  assert.ok(names(plan).includes('postgresql.conf'));
});

test('files of another CA are an error, or are replaced on request', async () => {
  const own = await authority.issueServerCertificate({ hosts: ['db.example.com'] });
  const other = await stranger.issueServerCertificate({ hosts: ['db.example.com'] });
  const certificate = '/nowhere/data/server.crt';
  const privateKey = '/nowhere/data/server.key';
  const cases: readonly [Parameters<typeof serverState>[0], string, string][] = [
    [{ certificate: own.chain, privateKey: other.privateKey.toPem() }, 'key-mismatch', privateKey],
    [{ certificate: other.chain, privateKey: other.privateKey.toPem() }, 'certificate-foreign', certificate],
    [{ certificate: own.chain }, 'certificate-foreign', certificate],
    [{ privateKey: own.privateKey.toPem() }, 'certificate-foreign', privateKey],
    [{ certificate: own.chain, privateKey: 'junk\n' }, 'private-key-invalid', privateKey],
    [{ certificate: 'junk\n', privateKey: own.privateKey.toPem() }, 'certificate-invalid', certificate],
  ];
  for (const [parts, code, file] of cases) {
    const { hint } = await refused({ server: serverState(parts) }, code, file);
    assert.equal(/give its roots as `serverCertificate`/.test(hint ?? ''), parts?.certificate === other.chain);
    const plan = await planned({ server: serverState(parts), replaceForeign: true });
    const [key, certificate] = names(plan);
    assert.match(`${key} ${certificate}`, /^server-([0-9a-f]{8})\.key server-\1\.crt$/);
  }
});

test("another CA's server certificate can be kept: the client gets its roots, and the server trusts the CA", async () => {
  const { chain, privateKey } = await stranger.issueServerCertificate({ hosts: ['db.example.com'] });
  const server = serverState({ certificate: chain, privateKey: privateKey.toPem() });
  const serverCertificate = { roots: stranger.certificate };
  const request = { server, client: clientState(), serverCertificate };
  const plan = await planned(request);
  const clientFiles = ['postgresql.key', 'postgresql.crt', 'root.crt'];
  assert.deepEqual(names(plan), ['root.crt', ...clientFiles, 'postgresql.conf', 'pg_hba.conf']);
  assert.equal(written(plan, 'data/root.crt'), authority.certificate);
  assert.equal(written(plan, '.postgresql/root.crt'), stranger.certificate);
  assert.equal(plan.client.ca, stranger.certificate);
  assert.deepEqual((await planned({ ...request, ...applied(server, request.client, plan) })).writes, []);

  const unfit = [
    ['/nowhere/data/server.key', serverState({ certificate: chain })],
    ['/nowhere/data/server.crt', server],
  ] as const;
  for (const [file, state] of unfit) {
    await refused({ server: state, serverCertificate, hosts: ['other.example'] }, 'certificate-unfit', file);
  }
  const now = new Date(Date.now() + 366 * 24 * 60 * 60 * 1000);
  await refused({ server, serverCertificate, now }, 'certificate-unfit', '/nowhere/data/server.crt');
});

test("a client's directory with another user's certificate is not overwritten", async () => {
  const other = await authority.issueClientCertificate({ user: 'other' });
  const client = clientState({ certificate: other.chain, privateKey: other.privateKey.toPem() });
  const error = await refused({ client }, 'certificate-foreign', '/home/w/.postgresql/postgresql.crt');
  assert.match(error.message, /"other", not of "webadmin"/);
  const plan = await planned({ client, replaceForeign: true });
  assert.equal(written(plan, 'postgresql.crt'), plan.client.certificate);
});

test('a key whose mode the server would refuse is written again, with an accepted mode', async () => {
  const pair = await authority.issueServerCertificate({ hosts: ['db.example.com'] });
  const at = async (mode: number, keyOwner: { uid: number; gid: number }): Promise<readonly unknown[]> => {
    const server = serverState({ owner, certificate: pair.chain });
    const privateKey = slot('/nowhere/data/server.key', pair.privateKey.toPem(), mode, keyOwner);
    const { writes } = await planned({ server: { ...server, privateKey } });
    const write = writes.find(({ path }) => path === privateKey.path);
    return write === undefined ? [] : [write.mode, write.owner];
  };
  assert.deepEqual(await at(0o400, owner), []);
  assert.deepEqual(await at(0o640, { uid: 0, gid: 26 }), []);
  assert.deepEqual(await at(0o640, owner), [0o600, owner]);
  assert.deepEqual(await at(0o660, { uid: 0, gid: 26 }), [0o600, owner]);
  assert.deepEqual(await at(0o600, { uid: 1000, gid: 26 }), [0o600, owner]);
  // The account of the server cannot read a key that only root can read.
  assert.deepEqual(await at(0o600, { uid: 0, gid: 26 }), [0o600, owner]);
});

test('a key that the account of the client cannot read is written again, with this account as its owner', async () => {
  const pair = await authority.issueClientCertificate({ user: 'webadmin' });
  const client = { ...clientState({ certificate: pair.chain, privateKey: pair.privateKey.toPem() }), owner };
  const rows: readonly (readonly [mode: number, uid: number, isWritten: boolean])[] = [
    [0o600, 26, false],
    [0o640, 0, false],
    [0o600, 0, true],
    [0o600, 1000, true],
    [0o640, 26, true],
  ];
  for (const [mode, uid, isWritten] of rows) {
    const privateKey = slot(client.privateKey.path, pair.privateKey.toPem(), mode, { uid, gid: 26 });
    const { writes } = await planned({ client: { ...client, privateKey } });
    const write = writes.find(({ path }) => path === privateKey.path);
    assert.deepEqual(write && [write.mode, write.owner], isWritten ? [0o600, owner] : undefined, `${mode} ${uid}`);
  }
});

const refusals: readonly [what: string, request: Partial<TlsRequest>, code: string, place?: [string, number?]][] = [
  ['a role name that is empty', { connection: { host: 'h', user: '' } }, 'connection-user-missing'],
  ['a role name with a NUL', { connection: { host: 'h', user: 'a\0' } }, 'connection-value-invalid'],
  ['a role name of 64 bytes', { connection: { host: 'h', user: 'é'.repeat(32) } }, 'role-name-invalid'],
  ['an invalid host', { connection: { host: 'no host', user: 'a' } }, 'connection-host-invalid'],
  ['an invalid further host', { hosts: ['https://db.example.com'] }, 'host-invalid'],
  ['an invalid connection string', { connection: 'db user=a' }, 'connection-url-invalid'],
  [
    'a pg_hba.conf that the server refuses',
    { server: serverState({ hba: `${stockHba}host all all 127.0.0.1 md5\n` }) },
    'hba-refused',
    ['/nowhere/data/pg_hba.conf', 11],
  ],
  [
    'a pg_hba.conf without rules',
    { server: serverState({ hba: '# none\n' }) },
    'hba-refused',
    ['/nowhere/data/pg_hba.conf', 1],
  ],
  [
    'a rule that is good on 12 and refused on 14',
    { server: serverState({ version: 14, hba: `${stockHba}hostssl all all all cert clientcert=1\n` }) },
    'hba-refused',
    ['/nowhere/data/pg_hba.conf', 11],
  ],
  [
    'a postgresql.conf that the server refuses',
    { server: serverState({ conf: `${stockConf}ssl_key_file = server.key\n` }) },
    'conf-refused',
    ['/nowhere/data/postgresql.conf', 8],
  ],
  [
    'a setting of ALTER SYSTEM that wins',
    { server: serverState({ autoConf: "# Do not edit\nSSL = 'off'\n" }) },
    'setting-overridden',
    ['/nowhere/data/postgresql.auto.conf', 2],
  ],
  [
    'a method that the major lacks',
    { server: serverState({ version: 9.6 }), rule: { password: 'scram-sha-256' } },
    'rule-invalid',
  ],
  ['an invalid address', { rule: { address: '10.0.0.0/99' } }, 'rule-invalid'],
  ['roots that are none', { roots: 'junk' }, 'certificate-invalid'],
];

for (const [what, request, code, [file, line] = []] of refusals) {
  test(`rejects ${what}`, async () => {
    const error = await refused(request, code, file);
    assert.equal(error.line, line);
  });
}

test('no key is printed with a plan or its bundle', async () => {
  const plan = await planned({ server: serverState(), client: clientState() });
  const keys = [written(plan, 'server.key')!, written(plan, 'postgresql.key')!];
  const secrets = keys.flatMap((key) => [key.split('\n')[1]!, String(bytes(key)).slice(100, 200)]);
  for (const shown of [inspect(plan, { depth: 9, maxArrayLength: null }), JSON.stringify(plan), describePlan(plan)]) {
    for (const secret of secrets) assert.ok(!shown.replaceAll(/\s/g, '').includes(secret));
  }
});

function planned(request: Partial<TlsRequest>): Promise<ClientCertificatePlan> {
  return planClientCertificates({ server: serverState(), authority, connection, ...request });
}

async function refused(request: Partial<TlsRequest>, code: string, file?: string): Promise<PgHostsslError> {
  try {
    await planned(request);
  } catch (error) {
    assert.ok(error instanceof PgHostsslError, String(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.file, file);
    return error;
  }
  return assert.fail('planned');
}
