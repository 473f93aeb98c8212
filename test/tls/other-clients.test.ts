import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateAuthority, inspectCertificate, PrivateKey } from '../../src/pki/index.ts';
import {
  type ClientCertificatePlan,
  fileState,
  type KeptAccess,
  planClientCertificates,
  planMigration,
  planRenewal,
  planServerCertificate,
  type TlsRequest,
} from '../../src/tls/index.ts';
import { endsSoon } from '../ends-soon.ts';
import { applied, clientState, serverState, textOf, written } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Own' });
const third = await CertificateAuthority.create({ subject: '/CN=Third' });
const soon = new Date(Date.now() + 300 * 24 * 60 * 60 * 1000);

function planned(request: Partial<TlsRequest>): Promise<ClientCertificatePlan> {
  const connection = { host: 'db.example.com', user: 'second', database: 'app' };
  return planClientCertificates({ server: serverState(), authority, connection, ...request });
}

/** A server whose first plan was made for these hosts. */
const hosts = ['localhost', '127.0.0.1', '*.internal'] as const;
const first = await planned({ connection: { host: hosts[0], user: 'first' }, hosts: hosts.slice(1) });
const { server } = applied(serverState(), clientState(), first);

const names = (certificate: string): readonly string[] => {
  const { dnsNames, ipAddresses } = inspectCertificate(certificate);
  return [...new Set([...dnsNames, ...ipAddresses])].toSorted();
};
/** The certificate of the server that a plan writes. A new key has files of its own. */
const serverCertificateOf = ({ writes }: Pick<ClientCertificatePlan, 'writes'>): string => {
  const certificate = writes.find(({ path }) => path.endsWith('.crt') && path.startsWith('/nowhere'));
  return textOf(certificate!.content())!;
};
const codes = ({ diagnostics }: Pick<ClientCertificatePlan, 'diagnostics'>): readonly string[] =>
  diagnostics
    .filter(({ code }) => code === 'tls-hosts-end' || code === 'tls-clients-need-root')
    .map(({ code }) => code);

test('a plan for another host keeps the hosts of the present server certificate', async () => {
  const all = [...hosts, 'db.example.com'].toSorted();
  for (const newKey of [false, true]) {
    const plan = await planned({ server, newKey });
    assert.deepEqual(names(serverCertificateOf(plan)), all);
    assert.deepEqual(codes(plan), []);
  }
  const offer = await planMigration({
    server,
    authority,
    connection: { host: 'db.example.com', user: 'second' },
    step: 'offer',
  });
  assert.deepEqual(names(written(offer, 'server.crt')!), all);
  // The hosts are also kept when the certificate is renewed because of its age.
  const renewed = await planned({ server, connection: { host: 'localhost', user: 'first' }, now: soon });
  assert.deepEqual(names(written(renewed, 'server.crt')!), hosts.toSorted());
});

test('hosts of a certificate whose key the server does not have are not kept', async () => {
  // The certificate of another server of the CA is no secret. Who owns the data directory can put it there.
  const elsewhere = await authority.issueServerCertificate({ hosts: ['elsewhere.example.com'] });
  const certificate = fileState(server.certificate.path, elsewhere.chain);
  const swapped = { server: { ...server, certificate } };
  await assert.rejects(planned(swapped), { code: 'key-mismatch' });
  const plan = await planned({ ...swapped, replaceForeign: true });
  assert.deepEqual(names(serverCertificateOf(plan)), ['db.example.com']);
  assert.deepEqual(codes(plan), ['tls-hosts-end']);
});

test('planServerCertificate warns of the hosts that end', async () => {
  const plan = await planServerCertificate({ server, authority, hosts: ['db.example.com', 'a.internal'] });
  assert.deepEqual(names(written(plan, 'server.crt')!), ['a.internal', 'db.example.com']);
  assert.deepEqual(codes(plan), ['tls-hosts-end']);
  const { message, severity, file } = plan.diagnostics.find(({ code }) => code === 'tls-hosts-end')!;
  assert.match(message, /no longer names localhost, 127\.0\.0\.1, \*\.internal\. /);
  assert.deepEqual([severity, file], ['warning', server.certificate.path]);
  assert.deepEqual(codes(await planServerCertificate({ server, authority, hosts: [...hosts, 'x.example'] })), []);
  // The present certificate names the host that stays, so only a new key ends the others.
  const fewer = { server, authority, hosts: ['a.internal'] };
  assert.deepEqual((await planServerCertificate(fewer)).writes, []);
  const ending = await planServerCertificate({ ...fewer, newKey: true });
  assert.deepEqual(names(serverCertificateOf(ending)), ['a.internal']);
  assert.deepEqual(codes(ending), ['tls-hosts-end']);
  // While TLS is off, no client verifies the host.
  const off = { ...server, conf: serverState().conf };
  assert.deepEqual(codes(await planServerCertificate({ server: off, authority, hosts: ['db.example.com'] })), []);
});

test('a kept connection needs the host in the certificate, if the present certificate has it', async () => {
  const keep = (host: string): KeptAccess => {
    return { transport: 'ssl', host, address: '127.0.0.1', user: 'postgres', method: 'trust' };
  };
  const request = { server, authority, hosts: ['db.example.com'] };
  await assert.rejects(planServerCertificate({ ...request, keep: keep('localhost') }), {
    code: 'way-in-lost',
    file: server.certificate.path,
    message: /no longer names the host localhost/,
  });
  await planServerCertificate({ ...request, hosts: ['db.example.com', 'localhost'], keep: keep('localhost') });
  // The client does not verify the host, because the present certificate does not name it either.
  await planServerCertificate({ ...request, keep: keep('::1') });
  await planned({ server, keep: keep('localhost') });
  // While TLS is off, no client sees the present certificate.
  const off = { ...server, conf: serverState().conf };
  await planServerCertificate({ ...request, server: off, keep: keep('localhost') });
  // Without a setting, the server reads server.crt.
  const bare = { ...server, conf: serverState({ conf: 'ssl = on\n' }).conf };
  await assert.rejects(planServerCertificate({ ...request, server: bare, keep: keep('localhost') }), {
    code: 'way-in-lost',
  });
});

test('a plan with an intermediate CA, whose root is not given, warns only if the CA above changes', async () => {
  const intermediate = await authority.issueIntermediateAuthority({ subject: '/CN=Intermediate' });
  const state = serverState();
  const request = { authority: intermediate, hosts: hosts.slice() };
  const own = applied(state, clientState(), await planServerCertificate({ server: state, ...request })).server;
  const again = await planServerCertificate({ server: own, ...request });
  assert.deepEqual([again.writes, again.diagnostics], [[], []]);
  assert.deepEqual(codes(await planServerCertificate({ server: own, ...request, newKey: true })), []);
  const sibling = await authority.issueIntermediateAuthority({ subject: '/CN=Sibling' });
  const other = await third.issueIntermediateAuthority({ subject: '/CN=Intermediate' });
  const replaced = { server: own, ...request, replaceForeign: true };
  assert.deepEqual(codes(await planServerCertificate({ ...replaced, authority: sibling })), []);
  assert.deepEqual(codes(await planServerCertificate({ ...replaced, authority: other })), ['tls-clients-need-root']);
});

test('a renewal warns if the CA is now below another root, and not for a certificate without the purpose', async () => {
  const intermediate = await authority.issueIntermediateAuthority({ subject: '/CN=Intermediate' });
  const { privateKey: key } = intermediate;
  const moved = await third.issueIntermediateAuthority({ subject: '/CN=Intermediate', key });
  const issued = await intermediate.issueServerCertificate({ hosts: hosts.slice() });
  const conf = 'ssl = on\n';
  const request = { server: serverState({ conf, certificate: issued.chain, privateKey: issued.privateKey.toPem() }) };
  assert.deepEqual(codes(await planRenewal({ ...request, authority: intermediate, now: soon })), []);
  assert.deepEqual(codes(await planRenewal({ ...request, authority: moved, now: soon })), ['tls-clients-need-root']);

  // The server of the plan does not trust the other root, so it would refuse the renewed certificate of the client.
  const ofClient = await intermediate.issueClientCertificate({ user: 'second' });
  const present = clientState({ certificate: ofClient.chain, privateKey: ofClient.privateKey.toPem() });
  const trusting = serverState({ conf: "ssl = on\nssl_ca_file = 'root.crt'\n", ca: authority.certificate });
  const both = { server: trusting, client: present, now: soon };
  assert.equal((await planRenewal({ ...both, authority: intermediate })).writes.length, 1);
  await assert.rejects(planRenewal({ ...both, authority: moved }), {
    code: 'authority-unfit',
    hint: /or first add the root of this CA to the root file of the server\.$/,
  });

  const client = await authority.issueClientCertificate({ user: 'second' });
  const odd = serverState({ conf, certificate: client.chain, privateKey: client.privateKey.toPem() });
  assert.deepEqual(codes(await planServerCertificate({ server: odd, authority, hosts: ['db.example.com'] })), []);
});

test("the client gets the root of the server's certificate, not that of its own certificate", async () => {
  const { chain, privateKey } = await third.issueClientCertificate({ user: 'second' });
  const clientCertificate = { roots: third.certificate, certificate: chain, privateKey: privateKey.toPem() };
  for (const roots of [undefined, authority.certificate]) {
    const plan = await planned({ client: clientState(), clientCertificate, roots });
    assert.equal(plan.client.ca, authority.certificate);
    assert.equal(written(plan, '.postgresql/root.crt'), authority.certificate);
    assert.ok(written(plan, 'data/root.crt')!.includes(third.certificate));
  }
  const intermediate = await authority.issueIntermediateAuthority({ subject: '/CN=Intermediate' });
  await assert.rejects(planned({ authority: intermediate, clientCertificate }), { code: 'root-missing' });
});

test("clients need another root if the CA of the server's certificate changes", async () => {
  const replaced = { server, authority: third, hosts: [...hosts], replaceForeign: true };
  const plan = await planServerCertificate(replaced);
  assert.deepEqual(codes(plan), ['tls-clients-need-root']);
  assert.equal(plan.diagnostics.find(({ code }) => code === 'tls-clients-need-root')!.severity, 'warning');

  const { chain, privateKey } = await third.issueServerCertificate({ hosts: [...hosts, 'db.example.com'] });
  const given = { roots: third.certificate, certificate: chain, privateKey: privateKey.toPem() };
  assert.deepEqual(codes(await planned({ server, serverCertificate: given })), ['tls-clients-need-root']);

  // An intermediate CA below the same root is no other CA for the clients.
  const intermediate = await authority.issueIntermediateAuthority({ subject: '/CN=Intermediate' });
  const same = { authority: intermediate, roots: authority.certificate, replaceForeign: true };
  const below = await planned({ server, ...same, hosts: hosts.slice() });
  assert.deepEqual(codes(below), []);
  assert.deepEqual(codes(await planned({ server })), []);

  const pair = { certificate: textOf(server.certificate.content!())!, key: textOf(server.privateKey.content!())! };
  const state = serverState({ conf: 'ssl = on\n', certificate: pair.certificate, privateKey: pair.key });
  const key = await PrivateKey.read(pair.key);
  const next = await third.issueServerCertificate({ hosts: [...hosts], key });
  const renewal = { server: state, serverCertificate: { roots: third.certificate, certificate: next.chain } };
  assert.deepEqual(codes(await planRenewal(renewal)), ['tls-clients-need-root']);

  // A damaged root file of the server says nothing about the server's certificate.
  const root = textOf(server.ca.content!())!;
  const damaged = fileState(server.ca.path, `${root.slice(0, 200)}\n`);
  await planServerCertificate({ server: { ...server, ca: damaged }, authority, hosts: [...hosts] });
});

test('a chain of thousands of certificates does not keep a plan busy', async () => {
  const mid = await authority.issueIntermediateAuthority({ subject: '/CN=mid' });
  const { chain, privateKey } = await mid.issueServerCertificate({ hosts: ['db.example.com'] });
  const certificate = chain.repeat(500);
  const conf = 'ssl = on\n';
  const server = serverState({ conf, certificate, privateKey: privateKey.toPem(), ca: authority.certificate });
  // Comparing each issuer with each subject takes more than 20 seconds.
  await endsSoon(() => planServerCertificate({ server, authority: mid, hosts: ['db.example.com'] }));
});
