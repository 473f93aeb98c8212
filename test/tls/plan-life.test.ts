import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { searchAccess } from '../../src/access/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { certificatePem } from '../../src/pki/certificate/certificate.ts';
import {
  CertificateAuthority,
  checkRevocation,
  inspectCertificate,
  inspectCrl,
  Ledger,
  matchesKey,
  memoryLedgerStore,
  renewalsDue,
} from '../../src/pki/index.ts';
import {
  type ClientState,
  describePlan,
  fileState,
  planCaRollover,
  planCertificateRequests,
  planClientCertificates,
  planMigration,
  planRenewal,
  planRevocation,
  planServerCertificate,
  planUserRemoval,
  type ServerState,
  type TlsPlan,
  type TlsRequest,
} from '../../src/tls/index.ts';
import { applied, clientState, names, serverState, written } from './state.ts';

const day = 24 * 60 * 60 * 1000;
const authority = await CertificateAuthority.create({ subject: '/CN=First' });
const next = await CertificateAuthority.create({ subject: '/CN=Second' });
const stranger = await CertificateAuthority.create({ subject: '/CN=Stranger' });
const connection = 'postgresql://webadmin@db.example.com/app';

const foreignCrl = await stranger.issueCrl();

/** Returns the states of a server and a client after a first plan was applied. */
async function setUp(): Promise<{ server: ServerState; client: ClientState }> {
  const [server, client] = [serverState(), clientState()];
  return applied(server, client, await planClientCertificates({ server, client, authority, connection }));
}

function inDays(days: number): Date {
  return new Date(Date.now() + days * day);
}

function text(file: { content?: (() => Uint8Array) | undefined }): string {
  return new TextDecoder().decode(file.content!());
}

test('a renewal renews what is due, keeps names and keys, and a second renewal has nothing to do', async () => {
  const state = await setUp();
  const early = await planRenewal({ ...state, authority });
  assert.deepEqual([names(early), early.action, early.summary], [[], 'none', 'Nothing is due for renewal']);

  const late = await planRenewal({ ...state, authority, now: inDays(300) });
  assert.deepEqual(names(late), ['server.crt', 'postgresql.crt']);
  assert.match(describePlan(late), /^PostgreSQL 18: Renews the server's certificate, the client's certificate\.\n/);
  const { server, client } = applied(state.server, state.client, late);
  assert.deepEqual(inspectCertificate(text(server.certificate)).dnsNames, ['db.example.com']);
  assert.equal(inspectCertificate(text(client.certificate)).commonName, 'webadmin');
  assert.ok(await matchesKey(text(server.certificate), text(server.privateKey)));
  assert.deepEqual(names(await planRenewal({ server, client, authority, now: inDays(300) })), []);
});

test('a renewal with a new key switches by postgresql.conf', async () => {
  const state = await setUp();
  const plan = await planRenewal({ ...state, authority, newKey: 'server' });
  assert.match(names(plan).join(' '), /^server-[0-9a-f]{8}\.key server-[0-9a-f]{8}\.crt postgresql\.conf$/);
});

test('a renewal leaves the certificate of another CA, and warns of the end of its own CA', async () => {
  const { server } = await setUp();
  const foreign = await planRenewal({ server, authority: stranger, now: inDays(300) });
  const told = ({ diagnostics }: TlsPlan) => diagnostics.map(({ code, severity }) => `${severity} ${code}`);
  assert.deepEqual([names(foreign), told(foreign)], [[], ['warning tls-certificate-foreign']]);
  assert.deepEqual(told(await planRenewal({ server, authority: stranger })), ['info tls-certificate-foreign']);
  for (const missing of [
    { ...server, certificate: { path: server.certificate.path } },
    { ...server, privateKey: { path: server.privateKey.path } },
  ]) {
    await assert.rejects(planRenewal({ server: missing, authority, now: inDays(300) }), {
      code: 'certificate-foreign',
    });
  }
  const ending = await planRenewal({ server, authority, now: inDays(3600) });
  assert.deepEqual(
    ending.diagnostics.map(({ code }) => code),
    ['tls-certificate-expired', 'tls-authority-ends'],
  );
  // Other plans with this CA issue certificates that end with it, too.
  const late = { server, authority, now: inDays(3600) };
  const plans = [
    await planServerCertificate({ ...late, hosts: ['db.example.com'] }),
    await planClientCertificates({ ...late, connection }),
  ];
  for (const plan of plans) assert.ok(told(plan).includes('warning tls-authority-ends'));
});

test('a renewal of a certificate that begins in the future warns of the clock', async () => {
  const later = { server: serverState(), client: clientState(), authority, connection, now: inDays(100) };
  const { server, client } = applied(later.server, later.client, await planClientCertificates(later));
  const early = await planRenewal({ server, client, authority });
  assert.deepEqual(names(early), ['server.crt', 'postgresql.crt']);
  const found = early.diagnostics.filter(({ code }) => code === 'tls-clock-doubtful');
  assert.deepEqual(
    found.map(({ severity, file }) => [severity, file]),
    [server.certificate, client.certificate].map(({ path }) => ['warning', path]),
  );
  assert.match(found[0]!.message, /valid only from .* If the clock was set back, correct it and plan again$/);
});

test('a renewal warns of the end of the roots in the files, also if the CA itself was renewed', async () => {
  const at = (days: number) => ({ now: () => inDays(days) });
  const old = await CertificateAuthority.create({ subject: '/CN=Old', validity: { days: 900 }, provider: at(0) });
  const renewed = await old.renew({ key: old.privateKey });
  const below = await renewed.issueIntermediateAuthority({ subject: '/CN=Below' });
  const namesake = await CertificateAuthority.create({ subject: '/CN=Old', validity: { days: 3000 } });
  const { server, client } = await setUp();
  const withRoots = (ofServer: string, ofClient: string) => ({
    server: { ...server, ca: fileState(server.ca.path, ofServer) },
    client: { ...client, ca: fileState(client.ca.path, ofClient) },
  });
  const both = old.certificate + renewed.certificate;
  const [root, others] = [old.certificate, authority.certificate];
  // The same root with a key on an unknown curve, and with a key usage that is no BIT STRING.
  const raw = new X509Certificate(root).raw.toString('latin1');
  const changed = (from: string, to: string) => certificatePem(Buffer.from(raw.replace(from, to), 'latin1'));
  const unknown = changed('*\x86H\xce=\x03\x01\x07', '*\x86H\xce=\x03\x01\x7f');
  const damaged = changed('\x04\x04\x03\x02', '\x04\x04\x05\x02');
  for (const [days, issuer, state, files] of [
    [10, renewed, withRoots(root, root), []],
    [800, renewed, withRoots(root, root), [server.ca.path, client.ca.path]],
    [800, below, withRoots(both, root), [client.ca.path]],
    [1000, renewed, withRoots(root + others, both), [server.ca.path]],
    [800, renewed, withRoots(both, others), []],
    [800, below, withRoots(root + namesake.certificate, both), [server.ca.path]],
    [800, renewed, withRoots(root + namesake.certificate, namesake.certificate), [server.ca.path]],
    [800, renewed, withRoots(unknown, damaged), [server.ca.path]],
    [800, old, withRoots(root, root), [server.ca.path]],
    [800, renewed, { server: { ...withRoots(root, root).server, conf: serverState().conf } }, []],
  ] as const) {
    const { diagnostics } = await planRenewal({ ...state, authority: issuer, now: inDays(days) });
    const ends = diagnostics.filter(({ code }) => code === 'tls-authority-ends');
    assert.deepEqual(
      ends.map(({ file }) => file),
      files,
    );
  }
});

test('each kind of plan with a client names its directory, and is applied only if its files are as they were', async () => {
  const { server, client } = await setUp();
  const common = { server, client, authority, connection };
  for (const plan of [
    await planClientCertificates(common),
    await planMigration({ ...common, step: 'require' }),
    await planCertificateRequests({ server, client, hosts: ['db.example.com'], user: 'webadmin' }),
    await planRenewal({ server, client, authority }),
    await planCaRollover({ server, client, current: authority, next }),
  ]) {
    assert.equal(plan.clientDirectory, client.directory);
    const checked = new Set(plan.preconditions.map(({ path }) => path));
    for (const { path } of [client.certificate, client.privateKey, client.ca]) assert.ok(checked.has(path), path);
  }
});

test('a revocation installs the first CRL, and then replaces it', async () => {
  const state = await setUp();
  const first = await planRevocation({
    server: state.server,
    authority,
    revoked: [{ serialNumber: '01' }],
  });
  assert.deepEqual(names(first), ['root.crl', 'postgresql.conf']);
  assert.match(written(first, 'postgresql.conf')!, /^ssl_crl_file = 'root\.crl'$/m);
  const { server } = applied(state.server, state.client, first);
  const ledger = new Ledger(memoryLedgerStore());
  await ledger.record(text(state.client.certificate));
  const second = await planRevocation({ server, authority, user: { name: 'webadmin', ledger, reason: 'superseded' } });
  assert.deepEqual(names(second), ['root.crl']);
  const { revoked, number } = inspectCrl(second.writes[0]!.content());
  const { serialNumber } = inspectCertificate(text(state.client.certificate));
  assert.deepEqual([revoked.map((each) => each.serialNumber), number], [['01', serialNumber], '2']);
  assert.deepEqual(
    second.diagnostics.map(({ code }) => code),
    ['tls-sessions-stay'],
  );
  // The new CRL is due for renewal 20 days later. Nothing else is due then.
  const after = applied(server, state.client, second).server;
  assert.deepEqual(names(await planRenewal({ server: after, authority, now: inDays(15) })), []);
  assert.deepEqual(names(await planRenewal({ server: after, authority, now: inDays(25) })), ['root.crl']);
});

test('a revocation that would lock out another CA is refused, unless its CRL is given', async () => {
  const { server } = await setUp();
  const both = {
    ...server,
    ca: { ...server.ca, content: () => new TextEncoder().encode(authority.certificate + stranger.certificate) },
  } as ServerState;
  await assert.rejects(planRevocation({ server: both, authority }), { code: 'crl-incomplete', message: /CN=Stranger/ });
  const { crl } = await stranger.issueCrl();
  const plan = await planRevocation({ server: both, authority, crls: crl });
  const problems = await checkRevocation({ authorities: text(both.ca), crls: written(plan, 'root.crl')! });
  assert.deepEqual(problems, []);
});

test('a set-up replaces a revoked certificate and its key, and warns of CRLs that lock clients out', async () => {
  const state = await setUp();
  const revoked = [{ certificate: text(state.client.certificate) }];
  const { server } = applied(
    state.server,
    state.client,
    await planRevocation({ server: state.server, authority, revoked }),
  );
  const request = { server, client: state.client, authority, connection };
  const plan = await planClientCertificates(request);
  assert.deepEqual(names(plan), ['postgresql.key', 'postgresql.crt']);
  assert.deepEqual(
    plan.diagnostics.filter(({ code }) => code.startsWith('tls-c')).map(({ code }) => code),
    ['tls-certificate-revoked'],
  );
  // Who was locked out gets in again, so that the caller must have asked for a new key.
  const severities = [undefined, false, 'server', 'client', true].map(async (newKey) => {
    const { diagnostics } = await planClientCertificates({ ...request, newKey } as TlsRequest);
    return diagnostics.find(({ code }) => code === 'tls-certificate-revoked')?.severity;
  });
  assert.deepEqual(await Promise.all(severities), ['warning', 'warning', 'warning', 'info', 'info']);
  const renewed = applied(server, state.client, plan).client;
  assert.deepEqual(names(await planClientCertificates({ ...request, client: renewed })), []);
  const late = await planClientCertificates({ ...request, client: renewed, now: inDays(40) });
  const [expired] = late.diagnostics.filter(({ code }) => code === 'tls-crl-refuses');
  assert.match(expired!.message, /^CN=First: its CRL expired at .*planRevocation installs the next CRL$/);
  assert.match(late.summary, / gets a rule .*, but the connection may fail \(.*tls-crl-refuses\)$/);
  const foreign = { ...server, crl: { ...server.crl!, content: () => new TextEncoder().encode(foreignCrl.crl) } };
  const [missing] = (await planClientCertificates({ ...request, server: foreign as ServerState })).diagnostics.filter(
    ({ code }) => code === 'tls-crl-refuses',
  );
  assert.match(missing!.message, /^CN=First: its CRL is missing/);
});

test('lifePart decides when certificates and CRLs are due', async () => {
  const state = await setUp();
  const at = async (days: number, lifePart?: number) =>
    names(await planRenewal({ ...state, authority, now: inDays(days), ...(lifePart && { lifePart }) }));
  assert.deepEqual(await at(250), ['server.crt', 'postgresql.crt']);
  assert.deepEqual(await at(250, 0.9), []);
  assert.deepEqual(await at(335, 0.9), ['server.crt', 'postgresql.crt']);
  assert.deepEqual(await at(40, 0.1), ['server.crt', 'postgresql.crt']);

  // `planRenewal` renews from the moment on that `renewalsDue` names.
  const certificates = new TextDecoder().decode(state.server.certificate.content!());
  const [leaf] = renewalsDue({ now: inDays(0), certificates });
  for (const [late, files] of [
    [-1, []],
    [0, ['server.crt']],
  ] as const) {
    const now = new Date(leaf!.renewFrom.getTime() + late);
    assert.deepEqual(names(await planRenewal({ server: state.server, authority, now })), files);
    const { requests = [] } = await planRenewal({ server: state.server, now });
    assert.equal(requests.length, files.length);
  }

  const elsewhere = { ...state, now: inDays(250) };
  assert.equal((await planRenewal(elsewhere)).requests?.length, 2);
  assert.equal((await planRenewal({ ...elsewhere, lifePart: 0.9 })).requests, undefined);

  const revocation = await planRevocation({ server: state.server, authority });
  const { server } = applied(state.server, state.client, revocation);
  assert.deepEqual(names(await planRenewal({ server, authority, now: inDays(25) })), ['root.crl']);
  assert.deepEqual(names(await planRenewal({ server, authority, now: inDays(25), lifePart: 0.9 })), []);
  assert.deepEqual(names(await planRenewal({ server, authority, now: inDays(28), lifePart: 0.9 })), ['root.crl']);
});

test('an unknown user, and a request of the wrong shape, are rejected', async () => {
  const { server } = await setUp();
  const ledger = new Ledger(memoryLedgerStore());
  const code = 'ledger-entry-unknown';
  await assert.rejects(planRevocation({ server, authority, user: { name: 'nobody', ledger } }), { code });
  for (const bad of [
    { user: '' },
    { user: 'a', otherRules: 'drop' },
    { user: 'a', revocation: { authority: 1 } },
    {},
  ]) {
    await assert.rejects(planUserRemoval({ server, ...bad } as never), { code: 'argument-invalid' });
  }
  const parts = [0, 1, -1, Number.NaN, '0.5'].map((lifePart) => ({ lifePart }));
  for (const bad of [{ newKey: 'both' }, { now: 'today' }, { authority: 1 }, { users: ['a'] }, ...parts]) {
    await assert.rejects(planRenewal({ server, authority, ...bad } as never), { code: 'argument-invalid' });
  }
  await assert.rejects(planCaRollover({ server, current: authority } as never), { code: 'argument-invalid' });
  await assert.rejects(planCaRollover({ server, current: authority, next: authority }), { code: 'root-unchanged' });
  await assert.rejects(planMigration({ server, authority, connection } as never), { code: 'argument-invalid' });
});

test('after the removal of a user, every rule that still lets the user in is announced', async () => {
  const hba = `local all all peer
hostssl app webadmin all cert
host app webadmin,other 10.0.0.0/8 md5
host app webadmin 10.0.0.0/8 reject
host all +staff all scram-sha-256
hostssl all "/^web" all cert
`;
  const server = serverState({ hba });
  const scope = { users: ['webadmin'], outcome: 'way-in' } as const;
  const plan = await planUserRemoval({ server, user: 'webadmin' });
  const file = HbaFile.parse(written(plan, 'pg_hba.conf')!, { version: 18 });
  assert.deepEqual(
    file.rules.map(({ text }) => text.trimEnd()),
    [
      'local all all peer',
      'host app other 10.0.0.0/8 md5',
      'host app webadmin 10.0.0.0/8 reject',
      'host all +staff all scram-sha-256',
      'hostssl all "/^web" all cert',
    ],
  );
  const found = searchAccess(file, scope);
  assert.ok(found.kind === 'connections');
  // The plan removes and changes rules, but the line numbers in the diagnostics are those of the file before the plan.
  assert.deepEqual(
    plan.diagnostics.map(({ range }) => range.start.line),
    [1, 5, 6],
  );
  assert.equal(found.found.length, plan.diagnostics.length);

  const strict = await planUserRemoval({ server, user: 'webadmin', otherRules: 'reject' });
  const rejecting = searchAccess(HbaFile.parse(written(strict, 'pg_hba.conf')!, { version: 18 }), scope);
  assert.ok(rejecting.kind === 'connections');
  assert.deepEqual([rejecting.found, strict.diagnostics], [[], []]);
});

test('no plan is made for a server with an unfinished change of its files', async () => {
  const { server: finished, client } = await setUp();
  const facts = { state: 'switching', started: '2026-01-01T00:00:00.000Z', paths: [], isRunning: false } as const;
  const server: ServerState = { ...finished, interrupted: { ...facts, directions: ['complete', 'rollback'] } };
  const plans = [
    planClientCertificates({ server, client, authority, connection }),
    planMigration({ server, client, authority, connection, step: 'offer' }),
    planMigration({ server, client, authority, connection, step: 'back' }),
    planCertificateRequests({ server, hosts: ['db.example.com'] }),
    planServerCertificate({ server, authority, hosts: ['db.example.com'] }),
    planRenewal({ server, authority }),
    planRevocation({ server, authority }),
    planUserRemoval({ server, user: 'webadmin' }),
    planCaRollover({ server, current: authority, next }),
  ];
  for (const plan of plans) await assert.rejects(plan, { code: 'apply-interrupted' });
});

test('each plan says that data_directory names another directory', async () => {
  const { server } = await setUp();
  const codesFor = async (dataDirectory: string) => {
    const conf = fileState(server.conf.path, `data_directory = '${dataDirectory}'\n${text(server.conf)}`);
    const plan = await planRevocation({ server: { ...server, conf }, authority });
    return plan.diagnostics.map(({ code, severity }) => `${severity} ${code}`);
  };
  assert.deepEqual(await codesFor(`${server.dataDirectory}/`), []);
  assert.deepEqual(await codesFor('/elsewhere'), ['info configuration-data-directory']);
});

test('a removal revokes the certificates on request', async () => {
  const { server, client } = await setUp();
  const certificate = text(client.certificate);
  const plan = await planUserRemoval({
    server,
    user: 'webadmin',
    revocation: { authority, revoked: [{ certificate }] },
  });
  assert.deepEqual(names(plan), ['root.crl', 'postgresql.conf', 'pg_hba.conf']);
  assert.deepEqual(
    inspectCrl(written(plan, 'root.crl')!).revoked.map(({ serialNumber }) => serialNumber),
    [inspectCertificate(certificate).serialNumber],
  );
});

test('a rollover finds its step in the files, and ends trust only on request', async () => {
  let state = await setUp();
  state = applied(state.server, state.client, await planRevocation({ server: state.server, authority }));
  const seen: string[] = [];
  for (const retireCurrent of [false, false, false, false, true, true, false]) {
    const plan = await planCaRollover({ ...state, current: authority, next, retireCurrent });
    seen.push(`${plan.summary}: ${[...names(plan), ...plan.diagnostics.map(({ code }) => code)].join(' ')}`);
    state = applied(state.server, state.client, plan);
    for (const pair of [state.server, state.client])
      assert.ok(await matchesKey(text(pair.certificate), text(pair.privateKey)));
  }
  assert.deepEqual(seen, [
    'Step 1 of 4: both CAs are trusted: root.crl root.crt root.crt',
    "Step 2 of 4: the next CA issues the server's certificate: server.crt tls-clients-need-root",
    "Step 3 of 4: the next CA issues the client's certificate: postgresql.crt",
    'All steps but the last have been taken on this server: ',
    'Step 4 of 4: the current CA is no longer trusted: root.crt root.crt',
    'The next CA has replaced the current CA: ',
    'The next CA has replaced the current CA: ',
  ]);
  assert.equal(text(state.server.ca), next.certificate);
  assert.equal(text(state.client.ca), next.certificate);
  assert.deepEqual(await checkRevocation({ authorities: next.certificate, crls: text(state.server.crl!) }), []);
});

test('a rollover changes no root file and no CRL of a server that checks no client certificates', async () => {
  const { server: before, client } = await setUp();
  const { server } = applied(before, client, await planRevocation({ server: before, authority }));
  const conf = fileState(server.conf.path, text(server.conf).replace(/^ssl_ca_file = .*\n/m, ''));
  const plan = await planCaRollover({ server: { ...server, conf }, current: authority, next });
  assert.deepEqual(names(plan), ['server.crt']);
  const first = await planCaRollover({ server: { ...server, conf }, client, current: authority, next });
  assert.deepEqual(
    first.writes.map(({ path }) => path),
    [client.ca.path],
  );
});

test('the last step of a rollover changes the root files that hold the current CA and are in force', async () => {
  let state = await setUp();
  for (const _ of ['trust-both', 'renew-servers', 'renew-clients']) {
    state = applied(state.server, state.client, await planCaRollover({ ...state, current: authority, next }));
  }
  const [both, alone] = [authority.certificate + next.certificate, next.certificate];
  const { server, client } = state;
  const unnamed = fileState(server.conf.path, text(server.conf).replace(/^ssl_ca_file = .*\n/m, ''));
  const rows: readonly [
    conf: ServerState['conf'],
    ofServer: string,
    ofClient: string | undefined,
    changed: string[],
  ][] = [
    [server.conf, both, both, [server.ca.path, client.ca.path]],
    [server.conf, both, alone, [server.ca.path]],
    [server.conf, both, undefined, [server.ca.path]],
    [server.conf, alone, both, [client.ca.path]],
    [server.conf, alone, undefined, []],
    [unnamed, both, both, [client.ca.path]],
    [unnamed, both, undefined, []],
  ];
  for (const [conf, ofServer, ofClient, changed] of rows) {
    const plan = await planCaRollover({
      server: { ...server, conf, ca: fileState(server.ca.path, ofServer) },
      client: ofClient === undefined ? undefined : { ...client, ca: fileState(client.ca.path, ofClient) },
      current: authority,
      next,
      retireCurrent: true,
    });
    assert.deepEqual(
      plan.writes.map(({ path }) => path),
      changed,
    );
    for (const write of plan.writes) assert.equal(new TextDecoder().decode(write.content()), alone);
  }
});

test('a rollover to a CA on another machine requests a certificate for each holder', async () => {
  const { server, client } = await setUp();
  const ca = fileState(server.ca.path, authority.certificate + next.certificate);
  const trusting = { server: { ...server, ca }, client: { ...client, ca: { ...ca, path: client.ca.path } } };
  for (const [state, holders] of [
    [trusting, ['server', 'client']],
    [{ server: trusting.server }, ['server']],
  ] as const) {
    const plan = await planCaRollover({ ...state, current: authority, next: next.certificate });
    assert.deepEqual(
      plan.requests?.map(({ holder }) => holder),
      holders,
    );
  }
});

test('a rollover skips certificates of other CAs, and says so', async () => {
  const { server } = await setUp();
  const { chain, privateKey } = await stranger.issueServerCertificate({ hosts: ['db.example.com'] });
  const foreign = serverState({
    conf: text(server.conf),
    ca: authority.certificate + next.certificate,
    certificate: chain,
    privateKey: privateKey.toPem(),
  });
  const plan = await planCaRollover({ server: foreign, current: authority, next });
  assert.deepEqual([names(plan), plan.diagnostics.map(({ code }) => code)], [[], ['tls-certificate-foreign']]);
  // Without a certificate, the root that both files hold is not taken for the certificate of the server.
  const missing = serverState({ conf: text(server.conf), ca: authority.certificate + next.certificate });
  const nothing = await planCaRollover({ server: missing, current: authority, next });
  assert.deepEqual([names(nothing), nothing.requests], [[], undefined]);
});

test('a migration offers, requires and goes back byte for byte', async () => {
  const request = { authority, connection };
  const before = serverState({ hba: 'host all all all scram-sha-256\n' });
  const offer = await planMigration({ ...request, server: before, client: clientState(), step: 'offer' });
  assert.ok(!names(offer).includes('pg_hba.conf'));
  assert.deepEqual(offer.clients, [offer.client]);
  const offered = applied(before, clientState(), offer);
  const required = await planMigration({ ...request, ...offered, step: 'require' });
  assert.deepEqual(names(required), ['pg_hba.conf']);
  const after = applied(offered.server, offered.client, required);
  const search = searchAccess(HbaFile.parse(text(after.server.hba)), {
    users: ['webadmin'],
    transport: ['plain'],
    outcome: 'way-in',
  });
  assert.deepEqual(search, { kind: 'connections', found: [] });
  const back = applied(after.server, after.client, await planMigration({ ...request, ...after, step: 'back' }));
  assert.equal(text(back.server.hba), text(before.hba));
});

test('the step back names the rules of the step require that it does not remove', async () => {
  const request = { authority, connection };
  const server = serverState({ hba: 'host all all all scram-sha-256\n' });
  const rule = { address: '127.0.0.0/8' };
  const required = await planMigration({ ...request, server, rule, step: 'require' });
  const { server: after } = applied(server, clientState(), required);
  const back = await planMigration({ ...request, server: after, step: 'back' });
  assert.match(
    back.summary,
    /^Rules of the step require are removed, but other rules with a certificate or a rejection still name "webadmin"$/,
  );
  // The second time, there is no rule to remove.
  const again = await planMigration({ ...request, server: applied(after, clientState(), back).server, step: 'back' });
  assert.deepEqual(names(again), []);
  assert.match(
    again.summary,
    /^No rule of the step require is in pg_hba\.conf, and other rules .* still name "webadmin"$/,
  );
  const [staying, ...none] = back.diagnostics;
  assert.deepEqual([staying?.code, staying?.severity, staying?.range.start.line], ['tls-rule-stays', 'warning', 1]);
  assert.deepEqual(none, []);
  const whole = await planMigration({ ...request, server: after, rule, step: 'back' });
  assert.deepEqual(whole.diagnostics, []);
  assert.match(whole.summary, /^The rules that were there before decide again/);
  // A rule with a password is a rule that was there before.
  const named = serverState({ hba: 'host all webadmin all scram-sha-256\n' });
  assert.deepEqual((await planMigration({ ...request, server: named, step: 'back' })).diagnostics, []);
});

test('a renewal warns of the CRL of another CA before its end, and not of the CRL that it renews', async () => {
  const third = await CertificateAuthority.create({ subject: '/CN=Third' });
  const state = await setUp();
  const ca = fileState(state.server.ca.path, text(state.server.ca) + third.certificate);
  const { crl } = await third.issueCrl();
  const server = { ...state.server, ca };
  const checked = applied(server, state.client, await planRevocation({ server, authority, crls: crl })).server;
  const told = async (days: number, trusted = ca) => {
    const renewed = { ...checked, ca: trusted };
    const plan = await planRenewal({ server: renewed, authority, lifePart: 0.99, now: inDays(days) });
    return plan.diagnostics.filter(({ code }) => code === 'tls-crl-refuses').map(({ message }) => message);
  };
  assert.deepEqual(await told(22), []);
  const [message, ...none] = await told(25);
  assert.match(message!, /^CN=Third: its CRL expires at /);
  assert.deepEqual(none, []);
  // OpenSSL ignores the case of a name.
  const spelled = await CertificateAuthority.create({ subject: '/CN=FIRST', key: authority.privateKey });
  const both = fileState(ca.path, spelled.certificate + third.certificate);
  assert.deepEqual(await told(25, both), [message]);
});

test('no renewal and no rollover issues a revoked certificate again for the same key', async () => {
  const state = await setUp();
  const revoked = [{ certificate: text(state.client.certificate) }];
  const crl = await planRevocation({ server: state.server, authority, revoked });
  const { server, client } = applied(state.server, state.client, crl);
  const late = await planRenewal({ server, client, authority, now: inDays(300) });
  assert.deepEqual(names(late), ['server.crt', 'root.crl']);
  assert.deepEqual(
    late.diagnostics.map(({ code }) => code),
    ['tls-certificate-revoked'],
  );
  const replaced = await planRenewal({ server, client, authority, newKey: 'client' });
  assert.deepEqual(names(replaced), ['postgresql.key', 'postgresql.crt']);
  let rolled = { server, client };
  for (let step = 1; step <= 2; step++) {
    rolled = applied(rolled.server, rolled.client, await planCaRollover({ ...rolled, current: authority, next }));
  }
  const last = await planCaRollover({ ...rolled, current: authority, next });
  assert.deepEqual([names(last), last.diagnostics.map(({ code }) => code)], [[], ['tls-certificate-revoked']]);
});

test('a certificate is revoked by each CRL of its own CA, and by no other CRL', async () => {
  const { server } = await setUp();
  const conf = fileState(server.conf.path, `${text(server.conf)}ssl_crl_file = 'root.crl'\n`);
  const namesake = await CertificateAuthority.create({ subject: '/CN=Stranger' });
  const { chain, privateKey } = await stranger.issueClientCertificate({ user: 'webadmin', serialNumber: '01' });
  const client = clientState({ certificate: chain, privateKey: privateKey.toPem() });
  const revokedCodes = async (...crls: readonly { readonly crl: string }[]): Promise<readonly string[]> => {
    const crl = fileState('/nowhere/data/root.crl', crls.map((each) => each.crl).join(''));
    const request = { server: { ...server, conf, crl }, client, authority, connection, replaceForeign: true };
    const { diagnostics } = await planClientCertificates(request);
    return diagnostics.map(({ code }) => code).filter((code) => code === 'tls-certificate-revoked');
  };
  const revoked = [{ serialNumber: '01' }];
  const own = await stranger.issueCrl({ revoked });
  assert.deepEqual(await revokedCodes(await authority.issueCrl({ revoked })), []);
  assert.deepEqual(await revokedCodes(await namesake.issueCrl({ revoked })), []);
  assert.deepEqual(await revokedCodes(own), ['tls-certificate-revoked']);
  assert.deepEqual(await revokedCodes(own, await stranger.issueCrl({ number: '2' })), ['tls-certificate-revoked']);
  assert.deepEqual(await revokedCodes(await stranger.issueCrl({ number: '2' })), []);
});

test('a plan keeps every entry of a CRL, and writes only CRLs to the file', async () => {
  const { server, client } = await setUp();
  const withFile = (content: string): ServerState => ({ ...server, crl: fileState('/nowhere/data/root.crl', content) });
  const first = await planRevocation({ server, authority, revoked: [{ serialNumber: '01' }] });
  const old = written(first, 'root.crl')!;
  const entries = async (request: { server: ServerState; crls?: string }): Promise<string[]> => {
    const plan = await planRevocation({ ...request, authority, revoked: [{ serialNumber: '02' }] });
    return inspectCrl(plan.writes[0]!.content()).revoked.map(({ serialNumber }) => serialNumber);
  };
  assert.deepEqual(await entries({ server: withFile(old) }), ['01', '02']);
  assert.deepEqual(await entries({ server, crls: old.trimEnd() }), ['01', '02']);
  const { crl: _, ...unread } = applied(server, client, first).server;
  await assert.rejects(entries({ server: unread }), { code: 'argument-invalid', message: /ssl_crl_file/ });
  const conf = fileState(server.conf.path, `${text(server.conf)}ssl_crl_dir = 'crls'\n`);
  await assert.rejects(entries({ server: { ...server, conf } }), { code: 'argument-invalid', message: /ssl_crl_dir/ });
  const key = authority.privateKey.toPem();
  for (const content of [key, authority.certificate, `${old}${authority.certificate}`, 'no PEM']) {
    await assert.rejects(entries({ server: withFile(content) }), { code: 'crl-file-foreign' });
  }
  await assert.rejects(entries({ server, crls: foreignCrl.crl + key }), { code: 'private-key-misplaced' });
  await assert.rejects(entries({ server, crls: 'no PEM' }), { code: 'crl-invalid' });
});

test('a rollover gives a CRL of the next CA before its certificates, and no client its first root file', async () => {
  const state = await setUp();
  const { server } = applied(state.server, state.client, await planRevocation({ server: state.server, authority }));
  const roots = fileState(server.ca.path, authority.certificate + next.certificate);
  const client = { ...state.client, ca: { path: state.client.ca.path } };
  const plan = await planCaRollover({ server: { ...server, ca: roots }, client, current: authority, next });
  assert.deepEqual(names(plan), ['root.crl']);
  const authorities = authority.certificate + next.certificate;
  assert.deepEqual(await checkRevocation({ authorities, crls: written(plan, 'root.crl')! }), []);
});

test('no plan leaves a file without rules, and a removal announces logins that it opens or cannot know', async () => {
  const only = serverState({ hba: 'hostssl app webadmin all cert\n' });
  const removed = await planUserRemoval({ server: only, user: 'webadmin' });
  const { rules } = HbaFile.parse(written(removed, 'pg_hba.conf')!, { version: 18 });
  assert.deepEqual(
    rules.map(({ method }) => method),
    ['reject', 'reject'],
  );
  await assert.rejects(planMigration({ server: only, authority, connection, step: 'back' }), { code: 'hba-refused' });
  const hba = 'include more.conf\nhostssl all webadmin all cert\nhostssl all all all trust\n';
  const { diagnostics } = await planUserRemoval({ server: serverState({ hba }), user: 'webadmin' });
  assert.equal(diagnostics.length, 2);
  const [opened, unknown] = [...diagnostics].sort((a, b) => b.range.start.line - a.range.start.line);
  assert.match(
    opened!.message,
    /^This rule (may let|lets) "webadmin" in, by method trust, since the rules above it go/,
  );
  assert.match(unknown!.message, /^The plan does not know the rules that this line includes/);
  const strict = await planUserRemoval({ server: serverState({ hba }), user: 'webadmin', otherRules: 'reject' });
  assert.deepEqual(strict.diagnostics, []);
  for (const user of ['x'.repeat(64), 'a\0b', '\ud800']) {
    await assert.rejects(planUserRemoval({ server: only, user }), { code: 'argument-invalid' });
  }
});

test('a plan dates everything that it issues from its moment, or from the clock of the CA', async () => {
  const { server, client } = await setUp();
  const now = inDays(250);
  const hour = 60 * 60 * 1000;
  const begin = Math.floor((now.getTime() - hour) / 1000) * 1000;
  const lost = { certificate: text(client.certificate) };
  const revocation = await planRevocation({ server, authority, revoked: [lost], now });
  const { thisUpdate, nextUpdate, revoked } = inspectCrl(revocation.writes[0]!.content());
  assert.deepEqual(
    [thisUpdate.getTime(), nextUpdate?.getTime(), revoked[0]?.revokedAt.getTime()],
    [begin, begin + hour + 30 * day, begin + hour],
  );
  const renewal = await planRenewal({ server, client, authority, now });
  for (const write of renewal.writes) assert.equal(inspectCertificate(write.content()).notBefore.getTime(), begin);
  const provider = { now: () => now };
  const late = await CertificateAuthority.create({ subject: '/CN=Late', provider });
  const ofClock = await planRevocation({ server: serverState({ ca: late.certificate }), authority: late });
  assert.equal(inspectCrl(ofClock.writes[0]!.content()).thisUpdate.getTime(), begin);
});

test('a revocation rejects days that are not a number, and a ledger with unreadable entries', async () => {
  const { server } = await setUp();
  for (const days of ['3', null, Number.NaN]) {
    const validity = { days } as unknown as { days: number };
    await assert.rejects(planRevocation({ server, authority, validity }), { code: 'validity-invalid' });
  }
  for (const content of [undefined, null, {}, [null], [{ kind: 'client', name: 'webadmin' }]]) {
    const ledger = { certificates: async () => content as never };
    const user = { name: 'webadmin', ledger };
    await assert.rejects(planRevocation({ server, authority, user }), { code: 'ledger-invalid' });
  }
});

test('a revocation revokes the certificates of its own CA, and names those of other CAs', async () => {
  const { server, client } = await setUp();
  const ledger = new Ledger(memoryLedgerStore());
  const user = { name: 'webadmin', ledger };
  await ledger.record((await stranger.issueClientCertificate({ user: 'webadmin' })).certificate);
  await assert.rejects(planRevocation({ server, authority, user }), {
    code: 'ledger-entry-unknown',
    message: /the ledger holds a certificate of this user from other CAs/,
    hint: /Revoke the certificates with the CA that issued them/,
  });
  await ledger.record(text(client.certificate));
  const plan = await planRevocation({ server, authority, user });
  assert.equal(plan.summary, 'Revokes a certificate');
  assert.deepEqual(
    plan.diagnostics.map(({ code, severity }) => [code, severity]),
    [
      ['tls-sessions-stay', 'info'],
      ['tls-certificate-foreign', 'warning'],
    ],
  );
});

test('the summary says whether a CRL is the first CRL of the server', async () => {
  const { server, client } = await setUp();
  const first = await planRevocation({ server, authority });
  assert.equal(first.summary, 'Installs the first certificate revocation list');
  const second = await planRevocation({ server: applied(server, client, first).server, authority });
  assert.equal(second.summary, 'Renews the certificate revocation list');
});

test('a role with a plus sign in its name is not a group of members', async () => {
  const hba = 'hostssl app +staff all cert\nhostssl app "+staff" all cert\nhostssl app other all cert\n';
  const { diagnostics } = await planUserRemoval({ server: serverState({ hba }), user: '+staff' });
  // The files do not tell whether the role `+staff` is a member of the role `staff`.
  assert.deepEqual(
    diagnostics.map(({ range, message }) => [range.start.line, message.slice(0, 27)]),
    [[1, 'This rule still may let "+s']],
  );
});

test('an offer names the rules that TLS switches on and off', async () => {
  const hba = `hostssl app all 10.0.0.0/8 trust
hostnossl all all 10.1.0.0/16 md5
hostnossl all all 10.2.0.0/16 reject
host all all all scram-sha-256
hostssl all all all md5
`;
  const request = { authority, connection, step: 'offer' } as const;
  const offer = await planMigration({ ...request, server: serverState({ hba }) });
  assert.deepEqual(
    offer.diagnostics.filter(({ code }) => code === 'tls-switched-on').map(({ range }) => range.start.line),
    [1, 2],
  );
  const isOn = serverState({ hba, conf: 'ssl = on\n' });
  const { diagnostics } = await planMigration({ ...request, server: isOn });
  assert.deepEqual(
    diagnostics.filter(({ code }) => code === 'tls-switched-on'),
    [],
  );
});
