import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CertificateAuthority, crlFileName, inspectCrl } from '../../src/pki/index.ts';
import {
  applyPlan,
  type CrlDirectoryState,
  describePlan,
  diskFiles,
  fileState,
  memoryFiles,
  planCaRollover,
  planClientCertificates,
  planRenewal,
  planRevocation,
  planServerCertificate,
  planUserRemoval,
  type RevocationRequest,
  readServer,
  type ServerState,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { withFolderInMemory } from './folder.ts';
import { names, serverState, written } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=First' });
const next = await CertificateAuthority.create({ subject: '/CN=Second' });
/** Another CA with the name of the first CA. OpenSSL looks for the CRLs of both under the same hash. */
const namesake = await CertificateAuthority.create({ subject: '/CN=First' });
const conf = "ssl = on\nssl_ca_file = 'root.crt'\n";
const inForce = `${conf}ssl_crl_dir = 'crls'\n`;
const path = '/nowhere/data/crls';
const listOf = async (ca: CertificateAuthority, ...serials: string[]) =>
  (await ca.issueCrl({ revoked: serials.map((serialNumber) => ({ serialNumber })) })).crl;
const name = crlFileName(await listOf(authority));

function withDirectory(
  files: Readonly<Record<string, string>> | undefined,
  { text = inForce, ca = authority.certificate, more = {} as Partial<ServerState> } = {},
): ServerState {
  const crlDirectory: CrlDirectoryState = {
    path,
    names: files && Object.keys(files),
    files: Object.entries(files ?? {}).map(([each, content]) => fileState(`${path}/${each}`, content, { mode: 0o640 })),
  };
  return { ...serverState({ conf: text, ca, owner: { uid: 26, gid: 26 } }), crlDirectory, ...more };
}

const serials = (plan: TlsPlan, file = name): readonly string[] =>
  inspectCrl(written(plan, file)!).revoked.map(({ serialNumber }) => serialNumber);
const revoke = (server: ServerState, more: Partial<RevocationRequest> = {}) =>
  planRevocation({ server, authority, revoked: [{ serialNumber: '02' }], ...more });

test('the first CRL makes the directory, and the setting names it', async () => {
  const plan = await revoke(withDirectory(undefined, { text: conf }));
  assert.deepEqual(names(plan), [name, 'postgresql.conf']);
  assert.deepEqual(plan.directories, [{ path, mode: 0o700, owner: { uid: 26, gid: 26 } }]);
  assert.match(written(plan, 'postgresql.conf')!, /^ssl_crl_dir = crls$/m);
  assert.deepEqual(
    [plan.writes[0]!.mode, plan.writes[0]!.owner, plan.writes[0]!.step],
    [0o644, { uid: 26, gid: 26 }, 'new-file'],
  );
  assert.match(describePlan(plan), /make .* {2}\/nowhere\/data\/crls .*the directory of certificate revocation lists/);
  assert.equal(plan.summary, 'Revokes a certificate');
});

test('a CRL is renewed in place with its entries, and files of other CAs stay', async () => {
  const files = { [name]: await listOf(authority, '01'), [crlFileName(await listOf(next))]: await listOf(next) };
  const plan = await revoke(withDirectory(files));
  assert.deepEqual([names(plan), serials(plan)], [[name], ['01', '02']]);
  assert.deepEqual([plan.writes[0]!.mode, plan.writes[0]!.step, plan.directories], [undefined, 'server-file', []]);
  const removal = { server: withDirectory(files), user: 'bob', revocation: { authority, revoked: [] } };
  assert.deepEqual(names(await planUserRemoval(removal)), [name]);
  const inAMonth = new Date(Date.now() + 25 * 86_400_000);
  const renewal = await planRenewal({ server: withDirectory(files), authority, now: inAMonth });
  assert.deepEqual([names(renewal), serials(renewal)], [[name], ['01']]);
});

test('two CAs with the same name have two files with the same hash', async () => {
  const ca = authority.certificate + namesake.certificate;
  const other = await listOf(namesake, '07');
  const plan = await revoke(withDirectory({ [name]: other }, { ca }));
  const second = name.replace('r0', 'r1');
  assert.deepEqual([names(plan), serials(plan, second)], [[second], ['02']]);
  // If <hash>.r0 is missing, OpenSSL does not find <hash>.r1.
  const behind = await revoke(withDirectory({ [second]: await listOf(authority, '01') }));
  assert.deepEqual(
    [names(behind), serials(behind)],
    [
      [second, name],
      ['01', '02'],
    ],
  );
});

test('a CRL of the CA in ssl_crl_file is renewed, too, and its entries are taken over', async () => {
  const text = `${conf}ssl_crl_file = 'root.crl'\n`;
  const content = (await listOf(authority, '01')) + (await listOf(next));
  const more = { crl: fileState('/nowhere/data/root.crl', content) };
  const plan = await revoke(withDirectory({}, { text, more }));
  assert.deepEqual(names(plan), [name, 'root.crl', 'postgresql.conf']);
  assert.deepEqual(serials(plan), ['01', '02']);
  assert.ok(written(plan, 'root.crl')!.startsWith(written(plan, name)!));
  const others = { crl: fileState('/nowhere/data/root.crl', await listOf(next)) };
  assert.deepEqual(names(await revoke(withDirectory({}, { text: `${text}ssl_crl_dir = 'crls'\n`, more: others }))), [
    name,
  ]);
});

test('CRLs that other CAs have issued are written to one file for each CA', async () => {
  const ca = authority.certificate + next.certificate;
  const crls = (await listOf(authority, '03')) + (await listOf(next, '04'));
  const plan = await planRevocation({ server: withDirectory({}, { ca }), crls });
  const second = crlFileName(await listOf(next));
  assert.deepEqual([names(plan).sort(), serials(plan), serials(plan, second)], [[name, second].sort(), ['03'], ['04']]);
  const half = planRevocation({ server: withDirectory({}, { ca, text: conf }), crls: await listOf(authority) });
  await assert.rejects(half, { code: 'crl-incomplete' });
});

test('a rollover puts a CRL of the next CA beside that of the current one, before its root', async () => {
  const plan = await planCaRollover({
    server: withDirectory({ [name]: await listOf(authority) }),
    current: authority,
    next,
  });
  assert.deepEqual(names(plan), [crlFileName(await listOf(next)), 'root.crt']);
  const missing = await planCaRollover({ server: withDirectory(undefined), current: authority, next });
  assert.deepEqual(missing.directories, [{ path, mode: 0o700, owner: { uid: 26, gid: 26 } }]);
  // If both CAs are trusted already, only the CRL is missing.
  const ca = authority.certificate + next.certificate;
  const files = { [name]: await listOf(authority) };
  const elsewhere = { current: authority, next: next.certificate, crls: await listOf(next) };
  const trusting = await planCaRollover({ server: withDirectory(files, { ca }), ...elsewhere });
  assert.deepEqual(names(trusting), [crlFileName(await listOf(next))]);
});

test('rejects a file at which OpenSSL would stop, and a major version without ssl_crl_dir', async () => {
  const foreign = { code: 'crl-file-foreign', file: `${path}/${name}` };
  for (const content of ['', 'no PEM', authority.certificate]) {
    await assert.rejects(revoke(withDirectory({ [name]: content })), foreign);
  }
  const own = await listOf(authority);
  await assert.rejects(revoke(withDirectory({ [name]: own + authority.certificate })), foreign);
  const { crlDirectory, ...server } = withDirectory({});
  // A directory, which is not among the files of the state, has the name of a CRL file.
  await assert.rejects(revoke({ ...server, crlDirectory: { ...crlDirectory!, names: [name] } }), foreign);
  await assert.rejects(revoke({ ...withDirectory({}), version: 13 }), {
    code: 'argument-invalid',
    message: /server\.crlDirectory .* 13 has no ssl_crl_dir/,
  });
  const other = { ...crlDirectory!, path: '/nowhere/data/other' };
  await assert.rejects(revoke({ ...server, crlDirectory: other }), { message: /is not the directory in ssl_crl_dir/ });
  const parted = { ...crlDirectory!, path: '/nowhere/data/a:b' };
  await assert.rejects(revoke({ ...server, crlDirectory: parted }), { message: /colon.*ssl_crl_dir/ });
});

test('plans read the CRLs of a file with a damaged block that OpenSSL ignores', async () => {
  const damaged = '-----BEGIN CRL-----\nMAMCAQE=\n-----END CRL-----\n';
  const server = withDirectory({ [name]: (await listOf(authority, '01')) + damaged });
  const connection = 'postgresql://alice@db.example.com/app';
  const { diagnostics } = await planClientCertificates({ server, authority, connection });
  assert.ok(!diagnostics.some(({ code }) => code === 'tls-crl-refuses'));
  assert.deepEqual(names(await planRenewal({ server, authority })), []);
  assert.deepEqual(serials(await revoke(server)), ['01', '02']);
});

test('a directory with a colon above it is named by its relative path', async () => {
  const dataDirectory = '/srv/p:18';
  const folder = `${dataDirectory}/crls`;
  const text = `${conf}ssl_crl_dir = '${folder}'\n`;
  const crlDirectory = {
    path: folder,
    names: [name],
    files: [fileState(`${folder}/${name}`, await listOf(authority))],
  };
  const plan = await revoke({ ...serverState({ conf: text, ca: authority.certificate }), dataDirectory, crlDirectory });
  assert.deepEqual(names(plan), [name, 'postgresql.conf']);
  assert.match(written(plan, 'postgresql.conf')!, /^ssl_crl_dir = '?crls'?$/m);
});

test('a plan that writes no CRL names a path that OpenSSL splits at a colon', async () => {
  const dataDirectory = '/srv/p:18';
  const text = (value: string): string => `${conf}ssl_crl_dir = '${value}'\n`;
  const warnings = async (value: string, more: Partial<ServerState> = {}): Promise<readonly string[]> => {
    const server = { ...serverState({ conf: text(value), ca: authority.certificate }), dataDirectory, ...more };
    const plans = [
      planServerCertificate({ server, authority, hosts: ['db.example.com'] }),
      planUserRemoval({ server, user: 'nobody', otherRules: 'reject' }),
    ];
    const found = (await Promise.all(plans)).map(({ diagnostics }) =>
      diagnostics.filter(({ code, file }) => code === 'tls-crl-directory' && file === server.conf.path),
    );
    assert.equal(found[0]!.length, found[1]!.length);
    return found[0]!.map(({ message }) => message);
  };
  const [warning, ...others] = await warnings('/srv/p:18/crls');
  assert.match(warning!, /^OpenSSL splits ssl_crl_dir at the colon of \/srv\/p:18\/crls.* Set ssl_crl_dir = 'crls'/);
  assert.deepEqual(others, []);
  assert.match((await warnings('/srv/q:1/crls'))[0]!, /a directory without a colon in its path/);
  for (const value of ['crls', '/srv/crls', 'a:b', '/a:/b', '']) assert.deepEqual(await warnings(value), [], value);
  const file = fileState(`/srv/p:18/crls/${name}`, await listOf(authority));
  const crlDirectory = { path: '/srv/p:18/crls', names: [name], files: [file] };
  const server = {
    ...serverState({ conf: text('/srv/p:18/crls'), ca: authority.certificate }),
    dataDirectory,
    crlDirectory,
  };
  assert.ok((await revoke(server)).diagnostics.every(({ code }) => code !== 'tls-crl-directory'));
});

test('a renewal and a revocation name every CA whose certificates the CRLs lock out, once', async () => {
  const ca = authority.certificate + next.certificate;
  const files = { [name]: await listOf(authority) };
  const server = withDirectory(files, { ca });
  const warnings = async (planned: Promise<TlsPlan>): Promise<readonly string[]> =>
    (await planned).diagnostics.filter(({ code }) => code === 'tls-crl-refuses').map(({ message }) => message);
  const connection = 'postgresql://alice@db.example.com/app';
  const plans = [
    planRenewal({ server, authority }),
    planRenewal({ server: withDirectory({}, { ca: next.certificate }), authority: next }),
    revoke(server),
    planClientCertificates({ server, authority: next, connection }),
  ];
  for (const plan of plans) {
    const found = await warnings(plan);
    assert.equal(found.length, 1);
    assert.match(found[0]!, /^CN=Second: its CRL is missing/);
  }
  const inAMonth = new Date(Date.now() + 25 * 86_400_000);
  const good = withDirectory(files);
  assert.deepEqual(await warnings(planRenewal({ server: good, authority, now: inAMonth })), []);
});

test('the CRLs of a directory decide whether a client certificate is revoked, and whether a login is kept', async () => {
  const { certificate, serialNumber, chain } = await authority.issueClientCertificate({ user: 'alice' });
  const connection = 'postgresql://alice@db.example.com/app';
  const pair = await authority.issueClientCertificate({ user: 'bob' });
  const codes = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
    (await planClientCertificates({ server: withDirectory(files), authority, connection })).diagnostics.map(
      ({ code }) => code,
    );
  assert.ok((await codes({})).includes('tls-crl-refuses'));
  assert.ok(!(await codes({ [name]: await listOf(authority) })).includes('tls-crl-refuses'));
  assert.ok(!(await codes({ [name]: await listOf(authority) })).includes('tls-crl-directory'));
  const hba = fileState('/nowhere/data/pg_hba.conf', 'hostssl all all all cert\n');
  const text = `${inForce}listen_addresses = '*'\n`;
  const server = { ...withDirectory({ [name]: await listOf(authority) }, { text }), hba };
  const keep = { transport: 'ssl', address: '10.1.2.3', user: 'alice', method: 'cert', certificate: chain } as const;
  assert.deepEqual(
    (await revoke(server, { keep })).diagnostics.filter(({ code }) => code.startsWith('tls-')).map(({ code }) => code),
    ['tls-sessions-stay'],
  );
  const lost = { code: 'way-in-lost', message: /revoked/ };
  await assert.rejects(revoke(server, { keep, revoked: [{ certificate }] }), lost);
  assert.notEqual(pair.serialNumber, serialNumber);
});

test('a directory behind a link is read and written through the caller’s own files, and a second plan writes nothing', () =>
  withFolderInMemory(async (folder) => {
    const data = join(folder, 'data');
    const lists = join(folder, 'lists');
    for (const each of [data, lists]) mkdirSync(each, { mode: 0o700 });
    writeFileSync(join(data, 'PG_VERSION'), '18\n');
    writeFileSync(join(data, 'postgresql.conf'), inForce);
    writeFileSync(join(data, 'pg_hba.conf'), 'hostssl all all all cert\n');
    writeFileSync(join(data, 'root.crt'), authority.certificate);
    symlinkSync('../lists', join(data, 'crls'));
    // The name with the hash is a symbolic link to the CRL, as `openssl rehash` makes it.
    writeFileSync(join(lists, 'first.crl'), await listOf(authority, '01'));
    symlinkSync('first.crl', join(lists, name));
    const server = await readServer(data, { files: diskFiles });
    const plan = await revoke(server);
    assert.equal(plan.writes[0]!.realPath, join(lists, 'first.crl'));
    await applyPlan(plan, { files: diskFiles });
    assert.deepEqual(readdirSync(lists).sort(), [name, 'first.crl'].sort());
    assert.equal(inspectCrl(readFileSync(join(lists, 'first.crl'), 'utf8')).revoked.length, 2);
    const rolled = await planCaRollover({
      server: await readServer(data, { files: diskFiles }),
      current: authority,
      next,
    });
    await applyPlan(rolled, { files: diskFiles });
    assert.equal((await applyPlan(rolled, { files: diskFiles })).written.length, 0);
    assert.equal(statSync(join(lists, crlFileName(await listOf(next)))).mode & 0o777, 0o644);
    // Another program puts a CRL into the directory after the server was read.
    const again = await revoke(await readServer(data, { files: diskFiles }));
    writeFileSync(join(lists, '01234567.r0'), await listOf(next));
    await assert.rejects(applyPlan(again, { files: diskFiles }), { code: 'target-changed' });
  }));

test('readServer reads a directory that no setting names yet, and the plan sets it', async () => {
  const files = memoryFiles({
    '/data/PG_VERSION': '14\n',
    '/data/postgresql.conf': conf,
    '/data/pg_hba.conf': 'hostssl all all all cert\n',
    '/data/root.crt': authority.certificate,
  });
  const read = () => readServer('/data', { files, paths: { crlDirectory: 'crls' } });
  await applyPlan(await revoke(await read()), { files });
  const { crlDirectory } = await readServer('/data', { files });
  assert.deepEqual([crlDirectory?.path, crlDirectory?.names], ['/data/crls', [name]]);
});

test('one request makes the server check CRLs in a file or a directory, and a CRL that is not due stays', async () => {
  const connection = 'postgresql://alice@db.example.com/app';
  const request = { authority, connection, crls: true } as const;
  const inFile = await planClientCertificates({ ...request, server: serverState() });
  assert.deepEqual(names(inFile), [
    'server.key',
    'server.crt',
    'root.crl',
    'root.crt',
    'postgresql.conf',
    'pg_hba.conf',
  ]);
  assert.match(written(inFile, 'postgresql.conf')!, /^ssl_crl_file = 'root\.crl'$/m);
  const { crlDirectory } = withDirectory(undefined);
  const fresh = await planClientCertificates({ ...request, server: { ...serverState(), crlDirectory: crlDirectory! } });
  assert.ok(names(fresh).includes(name) && fresh.directories[0]?.path === path);
  assert.ok(!fresh.diagnostics.some(({ code }) => code === 'tls-crl-refuses'));
  const again = await planClientCertificates({
    ...request,
    server: withDirectory({ [name]: await listOf(authority) }),
  });
  assert.ok(!names(again).includes(name));
  // The server also needs a CRL of the CA that issued the certificate of another user.
  const ofBob = await next.issueClientCertificate({ user: 'bob' });
  const foreign = { roots: next.certificate, certificate: ofBob.chain, privateKey: ofBob.privateKey.toPem() };
  const users = [{ user: 'bob', clientCertificate: foreign }];
  const server = serverState();
  await assert.rejects(planClientCertificates({ ...request, server, users }), { code: 'crl-incomplete' });
  const { certificate } = ofBob;
  const { crl } = await next.issueCrl({ revoked: [{ certificate }] });
  const revoked = planClientCertificates({ ...request, server, users, crls: crl });
  await assert.rejects(revoked, { code: 'certificate-unfit', message: /revoked/ });
  const whole = await planClientCertificates({ ...request, server, users, crls: await listOf(next) });
  assert.equal(written(whole, 'root.crl')!.match(/BEGIN X509 CRL/g)?.length, 2);
  for (const wrong of [{ crls: false }, { crls: undefined, issuers: crl }, { issuers: 5 }]) {
    const bad = { ...request, server, ...wrong } as never;
    await assert.rejects(planClientCertificates(bad), { code: 'argument-invalid' });
  }
});
