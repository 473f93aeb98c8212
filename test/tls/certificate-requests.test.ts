import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { CertificateAuthority, createCertificateRequest, inspectCertificate, PrivateKey } from '../../src/pki/index.ts';
import {
  type CertificateRequestPlan,
  type CertificateRequestsRequest,
  fileState,
  planCertificateRequests,
  planClientCertificates,
  planServerCertificate,
  type TlsRequest,
} from '../../src/tls/index.ts';
import { applied, clientState, names, serverState, written } from './state.ts';

const company = await CertificateAuthority.create({ subject: '/CN=Company' });
const stranger = await CertificateAuthority.create({ subject: '/CN=Stranger' });
const hosts = ['db.example.com'];
const connection = 'postgresql://alice@db.example.com/app';
const roots = company.certificate;

test('certificates that do not belong to the request are rejected', async () => {
  const plan = await planCertificateRequests({ server: serverState(), client: clientState(), user: 'alice', hosts });
  assert.deepEqual(names(plan), ['server.key', 'postgresql.key']);
  const { server, client } = applied(serverState(), clientState(), plan);
  const [forServer, forClient] = plan.requests.map(({ request }) => request);
  const ofServer = (await company.signRequest(forServer!, { hosts })).chain;
  const ofClient = (await company.signRequest(forClient!, { user: 'alice' })).chain;
  const request: TlsRequest = {
    server,
    client,
    connection,
    serverCertificate: { roots, certificate: ofServer },
    clientCertificate: { roots, certificate: ofClient },
  };
  const good = await planClientCertificates(request);
  assert.deepEqual(names(good), [
    'server.crt',
    'root.crt',
    'postgresql.crt',
    'root.crt',
    'postgresql.conf',
    'pg_hba.conf',
  ]);
  assert.equal(written(good, 'data/root.crt'), roots);

  const key = (await PrivateKey.generate()).toPem();
  const ofAlice = new TextDecoder().decode(client.privateKey.content!());
  const fromCompany = async (user: string) => (await company.issueClientCertificate({ user, key: ofAlice })).chain;
  const inTenYears = new Date(Date.now() + 10 * 365 * 24 * 60 * 60 * 1000);
  await assert.rejects(planClientCertificates({ ...request, now: inTenYears }), { code: 'certificate-unfit' });
  const bad: readonly (readonly [certificate: string, code: string])[] = [
    [(await company.issueClientCertificate({ user: 'alice' })).chain, 'key-mismatch'],
    [await fromCompany('bob'), 'certificate-unfit'],
    [(await stranger.signRequest(forClient!, { user: 'alice' })).chain, 'certificate-unfit'],
    [(await company.issueServerCertificate({ hosts, key: ofAlice })).chain, 'certificate-unfit'],
    [ofClient + key, 'private-key-misplaced'],
    [key, 'private-key-misplaced'],
    [forClient!, 'certificate-invalid'],
  ];
  for (const [certificate, code] of bad) {
    const clientCertificate = { roots, certificate };
    await assert.rejects(
      planClientCertificates({ ...request, clientCertificate }),
      (error: Error & { code: string }) => {
        assert.equal(error.code, code, error.message);
        assert.ok(!error.message.includes(key.split('\n')[1]!));
        return true;
      },
    );
  }
  const serverKey = new TextDecoder().decode(server.privateKey.content!());
  const { chain: otherHosts } = await company.issueServerCertificate({ hosts: ['other.example.com'], key: serverKey });
  for (const [certificate, code] of [
    [otherHosts, 'certificate-unfit'],
    [ofClient, 'key-mismatch'],
    [(await stranger.signRequest(forServer!, { hosts })).chain, 'certificate-unfit'],
  ] as const) {
    const serverCertificate = { roots, certificate };
    await assert.rejects(planServerCertificate({ server, hosts, serverCertificate }), { code });
  }
});

test('a revoked certificate of a CA on another machine is rejected', async () => {
  const { chain, certificate, privateKey } = await company.issueClientCertificate({ user: 'alice' });
  const { crl } = await company.issueCrl({ revoked: [{ certificate }] });
  const server = {
    ...serverState({ conf: "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\n", ca: roots }),
    crl: { path: '/nowhere/data/root.crl', content: () => new TextEncoder().encode(crl) },
  };
  const clientCertificate = { roots, certificate: chain, privateKey: privateKey.toPem() };
  const request = { server, connection, authority: company, clientCertificate };
  await assert.rejects(planClientCertificates(request), { code: 'certificate-unfit', message: /revoked/ });
});

test('a certificate of another CA needs its key, and a plan without a CA needs all certificates', async () => {
  const { chain, privateKey } = await company.issueClientCertificate({ user: 'alice' });
  const clientCertificate = { roots, certificate: chain };
  const request = { server: serverState(), connection, authority: company };
  await assert.rejects(planClientCertificates({ ...request, clientCertificate }), {
    code: 'certificate-unfit',
    message: /The private key of clientCertificate\.certificate is missing.*planCertificateRequests/,
  });
  const pair = { ...clientCertificate, privateKey: privateKey.toPem() };
  const plan = await planClientCertificates({ ...request, clientCertificate: pair });
  assert.equal(plan.client.certificate, chain);
  // `authority` issues only the server's certificate here, and the server does not trust it for clients.
  const own = await planClientCertificates({ ...request, authority: stranger, clientCertificate: pair });
  assert.equal(written(own, 'root.crt'), roots);
  const { authority: _, ...without } = request;
  for (const more of [{}, { clientCertificate: pair }, { serverCertificate: { roots } }]) {
    await assert.rejects(planClientCertificates({ ...without, ...more }), {
      code: 'argument-invalid',
      message: /authority .* must be given/,
    });
  }
});

test('existing keys are kept, and an encrypted key is opened', async () => {
  const passphrase = 'correct horse';
  const key = await PrivateKey.generate();
  const { chain } = await company.issueServerCertificate({ hosts, key });
  const server = serverState({ certificate: chain, privateKey: await key.toEncryptedPem(passphrase) });
  const plan = await planCertificateRequests({ server, hosts, passphrase });
  assert.deepEqual(names(plan), []);
  const signed = await company.signRequest(plan.requests[0]!.request, { hosts });
  const { subjectKeyIdentifier } = inspectCertificate(chain);
  assert.equal(inspectCertificate(signed.certificate).subjectKeyIdentifier, subjectKeyIdentifier);
  const fresh = await planCertificateRequests({ server, hosts, passphrase, newKey: true });
  assert.match(names(fresh).join(), /^server-[0-9a-f]{8}\.key$/);
  assert.match(new TextDecoder().decode(fresh.writes[0]!.content()), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  await assert.rejects(planCertificateRequests({ server, hosts }), { code: 'passphrase-missing' });
});

test('invalid options of planCertificateRequests are rejected', async () => {
  const server = serverState();
  const wrong: readonly object[] = [
    { server },
    { server, user: 'alice' },
    { server, client: clientState() },
    { server, hosts: 'db.example.com' },
    { server, hosts, newKey: 'server' },
    { server, hosts, authority: company },
  ];
  for (const request of wrong) {
    await assert.rejects(planCertificateRequests(request as CertificateRequestsRequest), { code: 'argument-invalid' });
  }
  await assert.rejects(planCertificateRequests({ server, hosts: [] }), { code: 'host-invalid' });
  // The request is PEM with the usual label, which openssl and other CAs read.
  const { request } = await createCertificateRequest({ subject: '/CN=alice' });
  assert.match(request, /^-----BEGIN CERTIFICATE REQUEST-----/);
});

test('a new key is never the key in use', async () => {
  const own = await planCertificateRequests({ server: serverState(), hosts, newKey: true });
  const key = written(own, 'server.key')!;
  const { publicKey } = await PrivateKey.read(key);
  const sha256 = createHash('sha256').update(Buffer.from(publicKey.split('\n').slice(1, -2).join(''), 'base64'));
  const inUse = fileState(`/nowhere/data/server-${sha256.digest('hex').slice(0, 8)}.key`, key);
  // The certificate for the key is installed already, at another path, by another program.
  const { chain } = await company.issueServerCertificate({ hosts, key });
  const server = { ...serverState({ certificate: chain }), privateKey: inUse, ownFiles: [inUse] };
  const plan = await planCertificateRequests({ server, hosts, newKey: true });
  assert.equal(plan.writes.length, 1);
  assert.notEqual(written(plan, '.key'), key);
});

test('a new key that waits for its certificate is requested again, and no further key is made', async () => {
  const own = await company.issueServerCertificate({ hosts });
  const server = serverState({ certificate: own.chain, privateKey: own.privateKey.toPem() });
  const first = await planCertificateRequests({ server, hosts, newKey: true });
  const [write] = first.writes;
  const waiting = { ...server, ownFiles: [fileState(write!.path, write!.content())] };
  const again = await planCertificateRequests({ server: waiting, hosts, newKey: true });
  assert.deepEqual([first.writes.length, again.writes], [1, []]);
  assert.deepEqual(await publicKeyOf(again), await publicKeyOf(first));
  // The certificate for the waiting key is installed with that key.
  const { chain } = await company.signRequest(again.requests[0]!.request, { hosts });
  const serverCertificate = { roots: company.certificate, certificate: chain };
  const plan = await planServerCertificate({ server: waiting, hosts, serverCertificate });
  assert.ok(plan.writes.some(({ path }) => path === write!.path.replace(/key$/, 'crt')));
});

async function publicKeyOf({ requests }: CertificateRequestPlan): Promise<string> {
  const { certificate } = await company.signRequest(requests[0]!.request, { hosts });
  return new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

test('files of another holder are replaced only on request', async () => {
  const { chain, privateKey } = await company.issueClientCertificate({ user: 'alice' });
  const clientCertificate = { roots, certificate: chain, privateKey: privateKey.toPem() };
  const request = { server: serverState(), connection, authority: company, clientCertificate };
  const pairOf = async (user: string) => {
    const pair = await stranger.issueClientCertificate({ user });
    return { certificate: pair.chain, privateKey: pair.privateKey.toPem() };
  };
  const waiting = { privateKey: (await PrivateKey.generate()).toPem() };
  for (const files of [await pairOf('bob'), waiting]) {
    const client = clientState(files);
    await assert.rejects(planClientCertificates({ ...request, client }), { code: 'certificate-foreign' });
    const forced = await planClientCertificates({ ...request, client, replaceForeign: true });
    assert.equal(written(forced, 'postgresql.crt'), chain);
  }
  const renewed = await planClientCertificates({ ...request, client: clientState(await pairOf('alice')) });
  assert.equal(written(renewed, 'postgresql.crt'), chain);
});

test('the certificates of several users do not mix', async () => {
  const pairOf = async (authority: CertificateAuthority, user: string) => {
    const { chain, privateKey } = await authority.issueClientCertificate({ user });
    return { roots: authority.certificate, certificate: chain, privateKey: privateKey.toPem() };
  };
  const request = { server: serverState(), connection, authority: company };
  const clientCertificate = await pairOf(company, 'alice');
  const others = await Promise.all([pairOf(stranger, 'alice'), pairOf(stranger, 'bob'), pairOf(company, 'bob')]);
  const plan = (user: string, given: (typeof others)[number]) =>
    planClientCertificates({ ...request, clientCertificate, users: [{ user, clientCertificate: given }] });
  await assert.rejects(plan('alice', others[0]!), {
    code: 'argument-invalid',
    message: /users\[0\]\.clientCertificate .* must be clientCertificate, which is for the same user/,
  });
  const codes = async (given: (typeof others)[number]) =>
    (await plan('bob', given)).diagnostics.map(({ code }) => code);
  assert.ok((await codes(others[1]!)).includes('tls-other-roots'));
  assert.ok(!(await codes(others[2]!)).includes('tls-other-roots'));
});

test('the root of a CA on another machine is replaced step by step', async () => {
  let { server, client } = { server: serverState(), client: clientState() };
  const step = async (roots: string, issuer?: CertificateAuthority): Promise<string[]> => {
    const asked = await planCertificateRequests({ server, client, user: 'alice', hosts });
    ({ server, client } = applied(server, client, asked));
    const [forServer, forClient] = asked.requests.map(({ request }) => request);
    const ofServer = await issuer?.signRequest(forServer!, { hosts });
    const ofClient = await issuer?.signRequest(forClient!, { user: 'alice' });
    const plan = await planClientCertificates({
      server,
      client,
      connection,
      serverCertificate: { roots, ...(ofServer && { certificate: ofServer.chain }) },
      clientCertificate: { roots, ...(ofClient && { certificate: ofClient.chain }) },
    });
    ({ server, client } = applied(server, client, plan));
    return names(plan);
  };
  await step(roots, company);
  const both = roots + stranger.certificate;
  assert.deepEqual(await step(both), ['root.crt', 'root.crt']);
  assert.deepEqual(await step(both, stranger), ['server.crt', 'postgresql.crt']);
  assert.deepEqual(await step(both), []);
});
