import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticate, searchAccess } from '../../src/access/index.ts';
import { all, HbaFile } from '../../src/hba/index.ts';
import { CertificateAuthority, inspectCertificate, matchesKey, PrivateKey } from '../../src/pki/index.ts';
import {
  describePlan,
  fileState,
  planCaRollover,
  planClientCertificates,
  planMigration,
  planRenewal,
  planRevocation,
  planServerCertificate,
  type TlsPlan,
  type TlsRequest,
} from '../../src/tls/index.ts';
import { resultDiagnostics, resultOf } from '../../src/tls/plan/result/result.ts';
import type { PgMajor } from '../../src/version.ts';
import { forge } from '../pki/forge.ts';
import { applied, clientState, names, type StateParts, serverState, written } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=First' });
const next = await CertificateAuthority.create({ subject: '/CN=Second' });
const stranger = await CertificateAuthority.create({ subject: '/CN=Stranger' });
const connection = 'postgresql://alice@db.example.com/app';
const hosts = ['db.example.com'];
const passphrase = 'correct horse';

test('an exception lets named connections in with a password, above the rule that demands the certificate', async () => {
  const hba = 'host all all all scram-sha-256\n';
  const exceptions = [
    { address: '10.0.0.7/32', password: 'scram-sha-256' },
    { address: '10.0.0.8/32', password: 'md5', type: 'host', databases: ['app', 'archive'] },
  ] as const;
  const request = { authority, connection, withoutCertificate: 'reject', exceptions } as const;
  const rules = [
    'hostssl app alice 10.0.0.7/32 scram-sha-256',
    'host app,archive alice 10.0.0.8/32 md5',
    'hostssl app alice all cert',
    'host all,replication alice all reject',
  ];
  const first = await planClientCertificates({ ...request, server: serverState({ hba }) });
  assert.deepEqual(spaced(first.rules), rules);
  assert.ok(!codesOf(first).includes('tls-without-certificate'));
  const file = HbaFile.parse(written(first, 'pg_hba.conf')!);
  assert.deepEqual(spaced(String(file).split('\n')), [...rules, 'host all all all scram-sha-256', '']);
  const outcome = (address: string, transport: 'ssl' | 'plain', database = 'app') =>
    authenticate(file, { transport, address, database, user: 'alice' }).kind;
  assert.deepEqual(
    [outcome('10.0.0.7', 'ssl'), outcome('10.0.0.7', 'plain'), outcome('10.0.0.7', 'ssl', 'archive')],
    ['password', 'refused', 'refused'],
  );
  assert.deepEqual(
    [outcome('10.0.0.8', 'plain', 'archive'), outcome('10.0.0.8', 'plain', 'other'), outcome('10.0.0.9', 'ssl')],
    ['password', 'refused', 'refused'],
  );

  // The next plan finds the rules, and puts a new exception above the rule with the certificate.
  const after = serverState({ hba: String(file) });
  assert.ok(!names(await planClientCertificates({ ...request, server: after })).includes('pg_hba.conf'));
  const more = [...exceptions, { address: '10.0.0.9/32', password: 'scram-sha-256' }] as const;
  const second = await planClientCertificates({ ...request, server: after, exceptions: more });
  assert.deepEqual(spaced(second.rules), [
    ...rules.slice(0, 2),
    'hostssl app alice 10.0.0.9/32 scram-sha-256',
    ...rules.slice(2),
  ]);
  // Without the exceptions, their rules have no effect any more.
  const { exceptions: _, ...plain } = request;
  const third = await planClientCertificates({ ...plain, server: after });
  assert.deepEqual(
    spaced(String(HbaFile.parse(written(third, 'pg_hba.conf')!)).split('\n')).slice(0, 2),
    rules.slice(2),
  );
  const back = await planMigration({ ...request, server: after, step: 'back' });
  assert.equal(written(back, 'pg_hba.conf'), hba);
});

test('an exception for a further user is a rule of this user, and wrong exceptions are refused', async () => {
  const server = serverState({ hba: 'host all all all scram-sha-256\n' });
  const exception = { address: '10.0.0.7/32', password: 'scram-sha-256' } as const;
  const request = { server, authority, connection } as const;
  const plan = await planClientCertificates({ ...request, users: [{ user: 'bob', exceptions: [exception] }] });
  assert.deepEqual(spaced(plan.rules), [
    'hostssl app alice all cert',
    'hostssl app bob 10.0.0.7/32 scram-sha-256',
    'hostssl app bob all cert',
  ]);
  const wrong: readonly [unknown, RegExp][] = [
    [exception, /exceptions of the request must be an array/],
    [[{ address: '10.0.0.7/32' }], /exceptions\[0\]\.password of the request must be given/],
    [[{ password: 'md5' }], /exceptions\[0\]\.address of the request must be given/],
    [[{ ...exception, password: 'trust' }], /exceptions\[0\]\.password of the request must be/],
    [[{ ...exception, type: 'local' }], /exceptions\[0\]\.type of the request must be/],
    [[{ ...exception, user: 'eve' }], /no property "user"/],
    [[{ ...exception, address: { keyword: 'all' } }], /all connections of the rule/],
    [['0.0.0.0/1', '128.0.0.0/1', '::/0'].map((address) => ({ ...exception, address })), /all connections of the rule/],
  ];
  for (const [exceptions, message] of wrong) {
    const refused = { code: 'argument-invalid', message };
    await assert.rejects(planClientCertificates({ ...request, exceptions } as never), refused);
    await assert.rejects(
      planClientCertificates({ ...request, users: [{ user: 'bob', exceptions }] } as never),
      refused,
    );
  }
});

test('the description of a plan for many users names the first ones and counts the others', async () => {
  const server = serverState({
    conf: "listen_addresses = '*'\n",
    hba: 'local all all trust\nhost all all all trust\n',
  });
  const plan = async (count: number) => {
    const users = Array.from({ length: count - 1 }, (_, i) => ({ user: `user${i}` }));
    return describePlan(await planClientCertificates({ server, authority, connection, users })).split('\n');
  };
  const few = await plan(5);
  assert.match(few[0]!, /Each of "alice", "user0", "user1", "user2", "user3" logs in/);
  assert.equal(few.filter((line) => line.includes('pg_hba.conf:1: ')).length, 5);
  const many = await plan(7);
  assert.match(many[0]!, /Each of 7 users \("alice", "user0", "user1", …\) logs in/);
  const [first, ...others] = many.filter((line) => line.includes('pg_hba.conf:1: '));
  assert.match(first!, /lets "alice" in .* \(and 6 more diagnostics with this code in this place\)$/);
  assert.deepEqual(others, []);
});

test('one request lets in several users, each with its rule and certificate', async () => {
  const server = serverState({ conf: "listen_addresses = '*'\n", hba: 'host all all all scram-sha-256\n' });
  const standby = { databases: [{ keyword: 'replication' }], address: '10.2.0.0/16' } as const;
  const request = {
    server,
    authority,
    connection,
    withoutCertificate: 'reject',
    users: [
      { user: 'bob', database: 'shop', rule: { address: '10.0.0.0/8' }, withoutCertificate: 'reject' },
      { user: 'bob', database: 'shop', rule: { address: '192.168.0.0/16' } },
      { user: 'standby', rule: standby },
    ],
  } as const;
  const plan = await planClientCertificates(request);
  const at = 'with a certificate at db.example.com:5432';
  assert.equal(plan.summary, `Each of "alice", "bob", "standby" logs in or connects for physical replication ${at}`);
  const ofStandby = async (databases: NonNullable<TlsRequest['rule']>['databases']): Promise<string> => {
    const alone = { server, authority, connection: { host: 'db.example.com', user: 'standby' } };
    return (await planClientCertificates({ ...alone, rule: { databases } })).summary;
  };
  const physical = { keyword: 'replication' } as const;
  assert.equal(await ofStandby([physical]), `"standby" connects for physical replication ${at}`);
  assert.equal(await ofStandby([physical, all]), `"standby" logs in ${at}, database "standby"`);
  assert.deepEqual(
    plan.rules.map((rule) => rule.replaceAll(/ +/g, ' ')),
    [
      'hostssl app alice all cert',
      'host all,replication alice all reject',
      'hostssl shop bob 10.0.0.0/8 cert',
      'hostssl shop bob 192.168.0.0/16 cert',
      'host all,replication bob all reject',
      'hostssl replication standby 10.2.0.0/16 cert',
    ],
  );
  // A migration rejects the users who have no certificate, unless the request says otherwise for one of them.
  const users = [{ user: 'bob' }, { user: 'carol', withoutCertificate: 'unchanged' }] as const;
  const required = await planMigration({ server, authority, connection, users, step: 'require' });
  assert.deepEqual(spaced(required.rules), [
    'hostssl app alice all cert',
    'host all,replication alice all reject',
    'hostssl app bob all cert',
    'host all,replication bob all reject',
    'hostssl app carol all cert',
  ]);
  const file = HbaFile.parse(written(plan, 'pg_hba.conf')!, { version: 18 });
  for (const user of ['alice', 'bob']) {
    const search = searchAccess(file, { users: [user], outcome: 'way-in', certificate: ['none'] });
    assert.deepEqual(search, { kind: 'connections', found: [] });
  }
  const search = searchAccess(file, { users: ['bob'], outcome: 'way-in' });
  assert.equal(search.kind === 'connections' && search.found.length, 2);
  assert.deepEqual(
    plan.clients.map(({ target, certificate }) => [target.database, inspectCertificate(certificate).commonName]),
    [
      ['app', 'alice'],
      ['shop', 'bob'],
      ['shop', 'bob'],
      ['app', 'standby'],
    ],
  );
  assert.equal(plan.clients[0], plan.client);
  assert.equal(plan.clients[1]!.certificate, plan.clients[2]!.certificate);
  const unannounced = plan.diagnostics.filter(({ code }) => code === 'tls-without-certificate');
  assert.match(unannounced.map(({ message }) => message).join('\n'), /"standby"/);
  assert.deepEqual(new Set(unannounced.map(({ range }) => range.start.line)), new Set([1]));

  const after = applied(server, clientState(), plan).server;
  assert.deepEqual(names(await planClientCertificates({ ...request, server: after })), []);
  const back = await planMigration({ ...request, server: after, step: 'back' });
  assert.equal(written(back, 'pg_hba.conf'), 'host all all all scram-sha-256\n');
});

test('a server certificate alone changes no rule and trusts nobody', async () => {
  const server = serverState();
  const plan = await planServerCertificate({ server, authority, hosts, minProtocol: 'TLSv1.3' });
  assert.deepEqual(names(plan), ['server.key', 'server.crt', 'postgresql.conf']);
  const conf = written(plan, 'postgresql.conf')!;
  assert.match(conf, /^ssl = on$/m);
  assert.match(conf, /^ssl_min_protocol_version = '?TLSv1\.3'?$/m);
  assert.doesNotMatch(conf, /^ssl_ca_file/m);
  const after = applied(server, clientState(), plan).server;
  assert.deepEqual(names(await planServerCertificate({ server: after, authority, hosts })), []);
  // The setting stays if it has a higher minimum version than the request.
  assert.deepEqual(names(await planServerCertificate({ server: after, authority, hosts, minProtocol: 'TLSv1.2' })), []);
  const inLowerCase = serverState({ conf: "ssl = on\nssl_min_protocol_version = 'tlsv1.3'\n" });
  const kept = await planServerCertificate({ server: inLowerCase, authority, hosts, minProtocol: 'TLSv1.2' });
  assert.deepEqual(names(kept), ['server.key', 'server.crt']);
  const old = serverState({ version: 11 });
  await assert.rejects(planServerCertificate({ server: old, authority, hosts, minProtocol: 'TLSv1.2' }), {
    code: 'argument-invalid',
    message: /PostgreSQL 11 has no ssl_min_protocol_version/,
  });
});

test('a certificate of another CA is installed, with its given key or with the key of its request', async () => {
  const server = serverState();
  const first = await stranger.issueServerCertificate({ hosts });
  const roots = stranger.certificate;
  const serverCertificate = { roots, certificate: first.chain, privateKey: first.privateKey.toPem() };
  const request = { authority, hosts, serverCertificate };
  const plan = await planServerCertificate({ ...request, server });
  assert.equal(written(plan, 'server.crt'), first.chain);
  const after = applied(server, clientState(), plan).server;
  assert.deepEqual(names(await planServerCertificate({ ...request, server: after })), []);

  const renewed = await stranger.renewCertificate(first.certificate, { key: first.privateKey });
  const sameKey = { roots, certificate: renewed.chain };
  const one = await planServerCertificate({ ...request, server: after, serverCertificate: sameKey });
  assert.deepEqual(names(one), ['server.crt']);

  const second = await stranger.issueServerCertificate({ hosts });
  const other = { roots, certificate: second.chain, privateKey: second.privateKey.toPem() };
  const two = await planServerCertificate({ ...request, server: after, serverCertificate: other });
  assert.match(names(two).join(' '), /^server-(\w{8})\.key server-\1\.crt postgresql\.conf$/);

  // A file that holds no key does not matter if the request gives the key.
  const noKey = { ...after, privateKey: fileState(after.privateKey.path, 'no key') };
  assert.equal(names(await planServerCertificate({ ...request, server: noKey, serverCertificate: other })).length, 3);
  const withoutKey = { ...request, server: noKey, serverCertificate: sameKey };
  await assert.rejects(planServerCertificate(withoutKey), { code: 'private-key-invalid', file: noKey.privateKey.path });

  for (const [bad, code] of [
    [{ ...other, roots: authority.certificate }, 'certificate-unfit'],
    [{ roots, certificate: second.chain }, 'key-mismatch'],
    [{ ...other, certificate: first.chain }, 'key-mismatch'],
  ] as const) {
    const state = code === 'key-mismatch' && 'privateKey' in bad ? server : after;
    await assert.rejects(planServerCertificate({ ...request, server: state, serverCertificate: bad }), { code });
  }
});

test('a key in the request must belong to the certificate, also if the certificate is in place already', async () => {
  const { chain, privateKey } = await stranger.issueServerCertificate({ hosts });
  const right = { roots: stranger.certificate, certificate: chain, privateKey: privateKey.toPem() };
  const wrong = { ...right, privateKey: (await PrivateKey.generate()).toPem() };
  const request = { hosts, server: serverState() };
  const plan = await planServerCertificate({ ...request, serverCertificate: right });
  const { server } = applied(request.server, clientState(), plan);
  for (const state of [request.server, server]) {
    await assert.rejects(planServerCertificate({ hosts, server: state, serverCertificate: wrong }), {
      code: 'key-mismatch',
      file: undefined,
      message: /^The private key serverCertificate\.privateKey does not belong to/,
      hint: /Give the key of this certificate as `serverCertificate\.privateKey`\.$/,
    });
  }
  // With another key in the file, the plan installs the key of the request beside it.
  const other = serverState({ certificate: chain, privateKey: wrong.privateKey });
  const repaired = await planServerCertificate({ hosts, server: other, serverCertificate: right });
  assert.match(names(repaired).join(' '), /^server-(\w{8})\.key server-\1\.crt /);
  const { privateKey: _, ...withoutKey } = right;
  await assert.rejects(planServerCertificate({ hosts, server: other, serverCertificate: withoutKey }), {
    code: 'key-mismatch',
    file: other.privateKey.path,
    hint: /give the key of the certificate as `serverCertificate\.privateKey`/,
  });
});

test('a certificate without the certificate of its intermediate CA gets the advice to append it', async () => {
  const issuing = await stranger.issueIntermediateAuthority({ subject: '/CN=Issuing' });
  const { certificate, chain, privateKey } = await issuing.issueServerCertificate({ hosts });
  const roots = stranger.certificate;
  const given = { roots, certificate, privateKey: privateKey.toPem() };
  const advice =
    /^Nothing was planned\. If an intermediate CA issued the certificate, append the certificate of that CA/;
  const server = serverState();
  await assert.rejects(planServerCertificate({ server, hosts, serverCertificate: given }), {
    code: 'certificate-unfit',
    file: undefined,
    hint: advice,
  });
  const kept = serverState({ certificate, privateKey: given.privateKey });
  await assert.rejects(planServerCertificate({ server: kept, hosts, serverCertificate: { roots } }), {
    code: 'certificate-unfit',
    file: kept.certificate.path,
    hint: advice,
  });
  await planServerCertificate({ server, hosts, serverCertificate: { ...given, certificate: chain } });
  // Other faults of the certificate get no such advice.
  await assert.rejects(
    planServerCertificate({ server, hosts: ['other.example'], serverCertificate: { ...given, certificate: chain } }),
    { code: 'certificate-unfit', hint: /^Nothing was planned\. Give another certificate as `serverCertificate`/ },
  );
});

test('a server certificate without subject alternative names is refused with its reason', async () => {
  const key = await PrivateKey.generate();
  // The manual (18.9.5) makes such a certificate: openssl req -new -x509 -subj "/CN=db.example.com".
  const certificate = await forge({
    subject: 'CN=db.example.com',
    issuer: 'CN=db.example.com',
    key,
    issuerKey: key,
    extensions: [],
  });
  const server = serverState({ certificate, privateKey: key.toPem() });
  await assert.rejects(planServerCertificate({ server, hosts, serverCertificate: { roots: certificate } }), {
    code: 'certificate-unfit',
    message: /matches db\.example\.com\. The certificate has no DNS name or IP address as a subject alternative name/,
  });
  const { chain, privateKey } = await stranger.issueServerCertificate({ hosts });
  const named = serverState({ certificate: chain, privateKey: privateKey.toPem() });
  const request = { server: named, hosts: [...hosts, 'other.example'] };
  await assert.rejects(planServerCertificate({ ...request, serverCertificate: { roots: stranger.certificate } }), {
    code: 'certificate-unfit',
    message: /no subject alternative name matches other\.example\. Nothing was planned/,
  });
});

test('an encrypted key is opened with the passphrase, kept, and needs a restart if the server cannot ask', async () => {
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts });
  const encrypted = await privateKey.toEncryptedPem(passphrase);
  const of = (conf: string) =>
    serverState({ conf, certificate: chain, privateKey: encrypted, ca: authority.certificate });
  const server = of("ssl = on\nssl_ca_file = 'root.crt'\nssl_passphrase_command = 'echo x'\n");
  await assert.rejects(planServerCertificate({ server, authority, hosts }), { code: 'passphrase-missing' });
  await assert.rejects(planServerCertificate({ server, authority, hosts, passphrase: 'no' }), {
    code: 'passphrase-wrong',
  });
  const kept = await planServerCertificate({ server, authority, hosts, passphrase });
  assert.deepEqual([names(kept), kept.action], [[], 'none']);

  const now = new Date(Date.now() + 300 * 24 * 60 * 60 * 1000);
  const renewal = await planRenewal({ server, authority, passphrase, now });
  assert.deepEqual([names(renewal), renewal.action], [['server.crt'], 'restart']);
  const again = await authority.renewCertificate(chain, { key: privateKey });
  const serverCertificate = { certificate: again.chain, roots: authority.certificate };
  assert.deepEqual(names(await planRenewal({ server, serverCertificate, passphrase })), ['server.crt']);
  const revocation = await planRevocation({ server, authority });
  assert.equal(revocation.action, 'restart');
  const asking = of(
    "ssl = on\nssl_ca_file = 'root.crt'\nssl_passphrase_command = 'echo x'\nssl_passphrase_command_supports_reload = on\n",
  );
  assert.equal((await planRenewal({ server: asking, authority, passphrase, now })).action, 'reload');

  const fresh = await planServerCertificate({ server, authority, hosts, passphrase, newKey: true });
  const key = fresh.writes.find(({ path }) => path.endsWith('.key'))!;
  const text = new TextDecoder().decode(key.content());
  assert.match(text, /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  const certificate = fresh.writes.find(({ path }) => path.endsWith('.crt'))!.content();
  assert.ok(await matchesKey(certificate, await PrivateKey.read(text, { passphrase })));

  let state = { server, client: clientState() };
  for (const step of [1, 2]) {
    const plan = await planCaRollover({ server: state.server, current: authority, next, passphrase });
    assert.match(plan.summary, new RegExp(`^Step ${step} of 4`));
    state = applied(state.server, state.client, plan);
  }
  assert.ok(await next.hasIssued(new TextDecoder().decode(state.server.certificate.content!())));
});

test('a plan that encrypts the key of the server warns if no command prints the passphrase', async () => {
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts });
  const plain = { certificate: chain, privateKey: privateKey.toPem() };
  const encrypted = { certificate: chain, privateKey: await privateKey.toEncryptedPem(passphrase) };
  const command = "ssl_passphrase_command = 'echo x'\n";
  const cases: readonly (readonly [state: StateParts, newKey: boolean, warns: boolean])[] = [
    [{}, false, true],
    [{ version: 10 }, false, true],
    [plain, true, true],
    [plain, false, false],
    [{ ...encrypted, conf: 'ssl = on\n' }, true, false],
    [encrypted, false, true],
    [{ version: 19, conf: 'ssl_sni = on\n' }, false, false],
    [{ conf: command }, false, false],
    [{ ...plain, conf: command }, true, false],
  ];
  for (const [state, newKey, warns] of cases) {
    const request = { server: serverState({ conf: '', ...state }), authority, passphrase, newKey };
    const plan = await planServerCertificate({ ...request, hosts });
    const [found] = plan.diagnostics.filter(({ code }) => code === 'ssl-key-encrypted');
    const shown = JSON.stringify([state.version, state.conf, newKey]);
    assert.equal(found?.severity, warns ? 'warning' : undefined, shown);
    assert.equal(plan.summary.includes('ssl-key-encrypted'), warns, shown);
  }
});

test('ciphers that fit no key of the plan are refused, without TLS 1.3', async () => {
  const ciphers = "ssl_ciphers = 'ECDHE-RSA-AES256-GCM-SHA384'\n";
  const server = serverState({ conf: `${ciphers}ssl_max_protocol_version = 'TLSv1.2'\n` });
  const request = { authority, hosts };
  await assert.rejects(planServerCertificate({ ...request, server }), { code: 'ciphers-unfit', line: 1 });
  const issue = { server: { keyAlgorithm: 'rsa-2048' } } as const;
  assert.equal((await planServerCertificate({ ...request, server, issue })).writes.length, 3);
  const inLowerCase = `${ciphers}ssl_max_protocol_version = 'tlsv1.3'\n`;
  for (const conf of [ciphers, inLowerCase, "ssl_ciphers = 'HIGH:!aNULL'\nssl_max_protocol_version = 'TLSv1.2'\n"]) {
    assert.equal((await planServerCertificate({ ...request, server: serverState({ conf }) })).writes.length, 3);
  }
});

test('the hint about the curve of a client key can be followed', async () => {
  const most = "ssl_max_protocol_version = 'TLSv1.2'\n";
  const plan = (version: PgMajor, curves: string, more: Partial<TlsRequest> = {}) => {
    const name = version < 18 ? 'ssl_ecdh_curve' : 'ssl_groups';
    const server = serverState({ version, conf: `${most}${name} = '${curves}'\n` });
    return planClientCertificates({ server, authority, connection, ...more });
  };
  const p384 = { issue: { client: { keyAlgorithm: 'ecdsa-p384' } } } as const;
  for (const [version, curves, more, hint] of [
    [17, 'prime256v1', p384, /set ssl_ecdh_curve to the curve, .*`newKey: 'client'` and .*'ecdsa-p256'`/],
    [18, 'prime256v1', p384, /add the curve to ssl_groups, .*'ecdsa-p256'`/],
    [18, 'secp384r1', {}, /add the curve to ssl_groups, .*'ecdsa-p384'`/],
    [18, 'X25519', {}, /'rsa-2048'`/],
  ] as const) {
    await assert.rejects(plan(version, curves, more), { code: 'ciphers-unfit', hint });
  }
  // A new plan for a present key of another kind needs a new key.
  const { chain, privateKey } = await authority.issueClientCertificate({ user: 'alice', ...p384.issue.client });
  const client = clientState({ certificate: chain, privateKey: privateKey.toPem() });
  const request = { client, issue: { client: { keyAlgorithm: 'ecdsa-p256' } } } as const;
  await assert.rejects(plan(17, 'prime256v1', request), { code: 'ciphers-unfit' });
  await plan(17, 'prime256v1', { ...request, newKey: 'client' });
});

test('a highest TLS version below the lowest, or below that of libpq, is refused', async () => {
  const plan = (version: PgMajor, conf: string, minProtocol?: 'TLSv1.3') =>
    planServerCertificate({
      authority,
      hosts,
      server: serverState({ version, conf }),
      ...(minProtocol && { minProtocol }),
    });
  const most = (value: string): string => `ssl_max_protocol_version = '${value}'\n`;
  for (const version of [12, 13, 19] as const) {
    const unfit = { code: 'ciphers-unfit', line: 1 };
    await assert.rejects(plan(version, most('TLSv1.2'), 'TLSv1.3'), unfit);
    await assert.rejects(plan(version, `${most('tlsv1.2')}ssl_min_protocol_version = 'TLSv1.3'\n`), unfit);
    await assert.rejects(plan(version, most('TLSv1.1')), unfit);
    await plan(version, most('TLSv1.2'));
    await plan(version, most('TLSv1.3'), 'TLSv1.3');
    await plan(version, most(''), 'TLSv1.3');
  }
});

test('an error from before is known by its code, file and line, and of two equal ones the second is new', () => {
  const after = (hba: string) => resultOf(serverState({ hba }), undefined, []);
  const [bad, good] = ['hostssl all all all nonsense\n', 'local all all peer\n'];
  const codesFrom = (before: string, then: string): readonly string[] =>
    resultDiagnostics(after(before), after(then)).map(({ code }) => code);
  assert.deepEqual(codesFrom(bad, good + bad), ['hba-method-unknown']);
  assert.deepEqual(codesFrom(bad + good + bad, bad), ['hba-method-unknown']);
  assert.throws(() => codesFrom(bad, bad + bad), { code: 'plan-refused', line: 2 });
  assert.throws(() => codesFrom(bad, bad.replace('hostssl', 'host')), { code: 'plan-refused', line: 1 });
});

test('a plan after which the server would not start is refused, and an error from before is listed', async () => {
  const conf = "ssl_crl_file = 'gone.crl'\n";
  const server = { ...serverState({ conf }), crl: { path: '/nowhere/data/gone.crl' } };
  await assert.rejects(planServerCertificate({ server, authority, hosts }), {
    code: 'plan-refused',
    line: 1,
    message: /does not start.*gone\.crl/,
  });
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts });
  const open = fileState('/nowhere/data/server.key', privateKey.toPem(), { mode: 0o644, owner: { uid: 5, gid: 5 } });
  const state = serverState({
    conf: 'ssl = on\n',
    certificate: chain,
    ca: authority.certificate,
    owner: { uid: 5, gid: 5 },
  });
  const plan = await planRevocation({ server: { ...state, privateKey: open }, authority });
  assert.deepEqual(
    plan.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    ['ssl-key-permissions'],
  );
  assert.match(describePlan(plan), /error\[ssl-key-permissions\]/);
  const mended = await planServerCertificate({ server: { ...state, privateKey: open }, authority, hosts });
  assert.deepEqual(
    [names(mended), mended.diagnostics.filter(({ severity }) => severity === 'error')],
    [['server.key'], []],
  );
});

test('host and port come from the settings of the server if the connection names none', async () => {
  const reached = async (conf: string, connection: TlsRequest['connection']): Promise<string> => {
    const plan = await planClientCertificates({ server: serverState({ conf }), authority, connection });
    const [client] = plan.clients;
    assert.match(plan.summary, new RegExp(`at ${client!.target.host}:${client!.target.port}`));
    const certificate = inspectCertificate(written(plan, 'server.crt')!);
    assert.ok([...certificate.dnsNames, ...certificate.ipAddresses].includes(client!.target.host));
    return `${client!.target.host}:${client!.target.port}`;
  };
  const listens = "listen_addresses = 'localhost, 10.0.0.5'\nport = 6432\n";
  const user = { user: 'alice', database: 'app' };
  assert.equal(await reached(listens, user), '10.0.0.5:6432');
  assert.equal(await reached(listens, { ...user, host: 'db.example.com' }), 'db.example.com:6432');
  assert.equal(await reached(listens, { ...user, host: 'db.example.com', port: 7000 }), 'db.example.com:7000');
  assert.equal(await reached(listens, 'postgresql://alice@db.example.com/app'), 'db.example.com:6432');
  assert.equal(await reached(listens, 'postgresql://alice@db.example.com:5432/app'), 'db.example.com:5432');
  assert.equal(await reached(listens, 'user=alice dbname=app'), '10.0.0.5:6432');
  assert.equal(await reached('', user), 'localhost:5432');
  // The server reads numbers as C does: a number that begins with 0 is octal.
  assert.equal(await reached('port = 0x1920\n', user), 'localhost:6432');
  assert.equal(await reached('port = 014440\n', user), 'localhost:6432');
  for (const connection of [user, 'user=alice']) {
    await assert.rejects(reached("listen_addresses = '*'\n", connection), { code: 'connection-host-invalid' });
  }
});

test('plans say that the state lacks the directory in ssl_crl_dir, and plans that write a CRL are refused', async () => {
  const conf = "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_dir = 'crls'\n";
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts });
  const server = serverState({
    conf,
    certificate: chain,
    privateKey: privateKey.toPem(),
    ca: authority.certificate,
  });
  for (const plan of [
    await planClientCertificates({ server, authority, connection }),
    await planRenewal({ server, authority }),
  ]) {
    const [found] = plan.diagnostics.filter(({ code }) => code === 'tls-crl-directory');
    assert.deepEqual([found?.file, found?.severity], ['/nowhere/data/crls', 'warning']);
  }
  const refused = { code: 'argument-invalid', message: /server\.crlDirectory .* is not the directory in ssl_crl_dir/ };
  await assert.rejects(planRevocation({ server, authority }), refused);
  await assert.rejects(planCaRollover({ server, current: authority, next }), refused);
});

/** The rules, with one blank between two columns. */
function spaced(rules: readonly string[]): readonly string[] {
  return rules.map((rule) => rule.replaceAll(/ +/g, ' '));
}

function codesOf({ diagnostics }: TlsPlan): readonly string[] {
  return diagnostics.map(({ code }) => code);
}

test('the rules of a plan are text, also if a comment of pg_hba.conf is not UTF-8', async () => {
  const server = serverState();
  const content = new Uint8Array([...Buffer.from('# caf'), 0xe9, ...Buffer.from('\nhost all all all scram-sha-256\n')]);
  const request = { authority, connection: { host: 'db.example.com', user: 'Zoë', database: 'app' } };
  const plan = await planClientCertificates({
    ...request,
    server: { ...server, hba: { ...server.hba, content: () => content } },
  });
  assert.deepEqual(spaced(plan.rules), ['hostssl app Zoë all cert']);
  assert.match(describePlan(plan), /^ {2}hostssl +app +Zoë +all +cert$/m);
});

test('a role with a line break is named, with a way out', async () => {
  const connection = { host: 'db.example.com', user: 'a\nb', database: 'app' };
  await assert.rejects(planClientCertificates({ authority, connection, server: serverState() }), {
    code: 'text-invalid',
    message: /the name "a\\nb" is a line break\. Rename the role/,
  });
});
