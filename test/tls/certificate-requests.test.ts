import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateAuthority, createCertificateRequest, inspectCertificate, PrivateKey } from '../../src/pki/index.ts';
import {
  type CertificateRequestsRequest,
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

test('certificates that do not answer the request are refused', async () => {
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

test('a revoked certificate from elsewhere is refused', async () => {
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

test('a pair from elsewhere needs its key, and a request without a CA needs all pairs', async () => {
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
  // The own CA issues the server's certificate alone, and is not trusted for clients.
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

test('keys that are there are kept, and an encrypted one is opened', async () => {
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

test('a wrong request for requests is refused', async () => {
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
  // The requests are what openssl and other CAs read.
  const { request } = await createCertificateRequest({ subject: '/CN=alice' });
  assert.match(request, /^-----BEGIN CERTIFICATE REQUEST-----/);
});
