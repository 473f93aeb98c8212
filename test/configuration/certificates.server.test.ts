import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodePem } from '../../src/asn1/pem.ts';
import { Configuration, checkCertificates, readConfiguration } from '../../src/configuration/index.ts';
import { CertificateAuthority, type PrivateKey } from '../../src/pki/index.ts';
import { opensslFiles, withoutOpenssl } from '../pki/openssl.ts';
import { forEachMajor, otherServers, startServer, type TestServer, withServer } from '../server/index.ts';

const day = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * day);
const past = { notBefore: inDays(-90), notAfter: inDays(-1) };

const root = await CertificateAuthority.create({ subject: '/CN=Root', validity: { notBefore: inDays(-90) } });
const other = await CertificateAuthority.create({ subject: '/CN=Other' });
const ended = await CertificateAuthority.create({
  subject: '/CN=Ended',
  validity: past,
  provider: { now: () => inDays(-50) },
});
const middle = await root.issueIntermediateAuthority({ subject: '/CN=Middle' });
const hosts = ['127.0.0.1'];
const good = await root.issueServerCertificate({ hosts });
const alice = await root.issueClientCertificate({ user: 'alice' });
const byMiddle = await middle.issueServerCertificate({ hosts });
const key = good.privateKey.toPem();

/** The certificate issued in another way, and still for the key of the server. */
const at = (date: Date) =>
  CertificateAuthority.load({
    certificate: root.certificate,
    privateKey: root.privateKey,
    provider: { now: () => date },
  });
const expired = await (await at(inDays(-50))).issueServerCertificate({ hosts, key, validity: past });
const forClients = await root.issueClientCertificate({ user: 'db', key });
const crl = (await root.issueCrl()).crl;
const der = (pem: string) => decodePem(pem)[0]!.der;

interface Case {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly client?: { readonly chain: string; readonly privateKey: PrivateKey };
  readonly expected: readonly string[];
  readonly says?: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  'all is well': { expected: [] },
  'the server certificate has expired': {
    files: { 'server.crt': expired.chain },
    expected: ['warning ssl-certificate-refused'],
    says: /clients that verify the server refuse it.*valid until/,
  },
  'the server certificate is for clients': {
    files: { 'server.crt': forClients.chain },
    expected: ['warning ssl-certificate-refused', 'info ssl-certificate-without-host'],
    says: /not for the purpose serverAuth/,
  },
  'the key is of another certificate': {
    files: { 'server.key': alice.privateKey.toPem() },
    expected: ['error ssl-key-mismatch'],
  },
  'the chain is right': {
    files: { 'server.crt': byMiddle.chain, 'server.key': byMiddle.privateKey.toPem() },
    expected: [],
  },
  'the leaf is not the first': {
    files: { 'server.crt': middle.certificate + byMiddle.certificate, 'server.key': byMiddle.privateKey.toPem() },
    expected: ['warning ssl-certificate-refused', 'info ssl-certificate-without-host', 'error ssl-key-mismatch'],
  },
  'the certificate is DER': {
    files: { 'server.crt': der(good.certificate) },
    expected: ['error ssl-file-invalid'],
    says: /is DER.*openssl x509 -inform DER/,
  },
  'the certificate is empty': { files: { 'server.crt': '' }, expected: ['error ssl-file-invalid'] },
  'the certificate is cut off': {
    files: { 'server.crt': good.certificate.slice(0, -60) },
    expected: ['error ssl-file-invalid'],
  },
  'the key is DER': {
    files: { 'server.key': good.privateKey.toDer() },
    expected: ['error ssl-file-invalid'],
    says: /openssl pkey -inform DER/,
  },
  'the key is no key': { files: { 'server.key': good.certificate }, expected: ['error ssl-file-invalid'] },
  'the file of CA certificates is DER': {
    files: { 'root.crt': der(root.certificate) },
    expected: ['error ssl-file-invalid'],
  },
  'the file of CA certificates holds a key': {
    files: { 'root.crt': root.privateKey.toPem() },
    expected: ['error ssl-file-invalid'],
  },
  'the root is missing in the file of CA certificates': {
    files: { 'root.crt': middle.certificate },
    client: await middle.issueClientCertificate({ user: 'alice' }),
    expected: ['warning ssl-certificate-refused'],
    says: /refuses every client certificate/,
  },
  'the root has expired': { files: { 'root.crt': ended.certificate }, expected: ['warning ssl-certificate-refused'] },
  'an old root beside the new root has expired': {
    files: { 'root.crt': ended.certificate + root.certificate },
    expected: [],
  },
  'the CRL is good': { files: { 'root.crl': crl }, expected: [] },
  'the CRL is of another CA': {
    files: { 'root.crl': (await other.issueCrl()).crl },
    expected: ['warning tls-crl-refuses'],
  },
  'the CRL is DER': {
    files: { 'root.crl': der(crl) },
    expected: ['error ssl-file-invalid'],
    says: /openssl crl -inform DER/,
  },
  'the CRL has a wrong label': {
    files: { 'root.crl': crl.replaceAll('X509 CRL', 'CRL') },
    expected: ['error ssl-file-invalid'],
  },
};

const stock = {
  'server.crt': good.chain,
  'server.key': key,
  'root.crt': root.certificate,
};

async function judgeAll(server: TestServer): Promise<void> {
  const outcomes: string[] = [];
  for (const [name, { files = {}, client = alice, expected, says }] of Object.entries(cases)) {
    const conf = `ssl = on\nssl_ca_file = 'root.crt'\n${'root.crl' in files ? "ssl_crl_file = 'root.crl'\n" : ''}`;
    server.writeFiles({ ...stock, ...files, 'tls.conf': conf });
    const configuration = await readConfiguration(server.dataDirectory);
    const found = await checkCertificates(configuration);
    assert.deepEqual(
      found.map(({ severity, code }) => `${severity} ${code}`),
      expected,
      name,
    );
    if (says !== undefined) assert.match(found.map(({ message }) => message).join('\n'), says, name);
    const before = server.log().length;
    await server.reload();
    const log = server.log().slice(before);
    const isRefused = /was not reloaded/.test(log);
    assert.equal(
      isRefused,
      expected.some((each) => each.startsWith('error')),
      `${name}: ${log}`,
    );
    if (isRefused) continue;
    const login = server.connect({
      user: 'alice',
      ssl: { ca: root.certificate, cert: client.chain, key: client.privateKey.toPem() },
    });
    const outcome = await login.then(
      async (session) => {
        await session.query('select 1');
        await session.end();
        return 'in';
      },
      (error) => String(error),
    );
    assert.equal(outcome === 'in', !expected.some((each) => each.startsWith('warning')), `${name}: ${outcome}\n${log}`);
    outcomes.push(outcome);
  }
  assert.ok(outcomes.length > 8);
}

const hba = 'local all all trust\nhostssl all alice 127.0.0.1/32 cert\n';
const conf = "ssl = on\nssl_ca_file = 'root.crt'\ninclude 'tls.conf'\n";
const files = { ...stock, 'tls.conf': '' };

forEachMajor([10, 14, 18], (major) => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ major, hba, conf, files });
    await server.query('create role alice login');
  });
  after(() => server.remove());

  test('loads the files and lets the client in as the diagnostics say', () => judgeAll(server));
});

for (const { major, programs } of otherServers()) {
  test(`the ${major} in ${programs} loads the files and lets the client in as the diagnostics say`, () =>
    withServer({ major, programs, hba, conf, files }, async (server) => {
      await server.query('create role alice login');
      await judgeAll(server);
    }));
}

const contents = (more: Readonly<Record<string, string>>) => ({
  '/d/PG_VERSION': '18\n',
  '/d/postgresql.auto.conf': null,
  '/d/postgresql.conf': "ssl = on\nssl_ca_file = 'root.crt'\n",
  '/d/pg_hba.conf': 'hostssl all all all cert\n',
  ...Object.fromEntries(Object.entries({ ...stock, ...more }).map(([name, content]) => [`/d/${name}`, content])),
});

async function told(more: Readonly<Record<string, string>>, when?: Date): Promise<string[]> {
  const configuration = Configuration.fromContents(contents(more), '/d');
  const found = await checkCertificates(configuration, when === undefined ? {} : { at: when });
  return found.map(({ severity, code }) => `${severity} ${code}`);
}

test('warns before the end, and of a key that asks for a passphrase', async () => {
  assert.deepEqual(await told({}), []);
  const short = await root.issueServerCertificate({ hosts, key, validity: { days: 30 } });
  assert.deepEqual(await told({ 'server.crt': short.chain }), []);
  assert.deepEqual(await told({ 'server.crt': short.chain }, inDays(25)), ['warning ssl-certificate-ends-soon']);
  assert.deepEqual(await told({ 'server.crt': short.chain }, inDays(31)), ['warning ssl-certificate-refused']);
  const encrypted = await good.privateKey.toEncryptedPem('secret');
  assert.deepEqual(await told({ 'server.key': encrypted }), ['warning ssl-key-encrypted']);
  const command = "ssl = on\nssl_passphrase_command = 'echo secret'\n";
  const configuration = Configuration.fromContents(
    { ...contents({ 'server.key': encrypted }), '/d/postgresql.conf': command },
    '/d',
  );
  assert.deepEqual(await checkCertificates(configuration), []);
});

test('warns of a weak key', { skip: withoutOpenssl }, async () => {
  const made = opensslFiles(
    [
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:1024',
        '-nodes',
        '-subj',
        '/CN=db',
        '-addext',
        'subjectAltName=DNS:db',
        '-keyout',
        'k',
        '-out',
        'c',
      ],
    ],
    ['k', 'c'],
  );
  assert.deepEqual(await told({ 'server.crt': made.c!, 'server.key': made.k! }), ['warning ssl-certificate-refused']);
});

test('the diagnostics are at the settings, and nothing shows the key', async () => {
  const text = "ssl = on\nssl_key_file = 'server.key'\n";
  const other = { ...contents({ 'server.key': alice.privateKey.toPem() }), '/d/postgresql.conf': text };
  const configuration = Configuration.fromContents(other, '/d');
  const [diagnostic] = await checkCertificates(configuration);
  assert.deepEqual([diagnostic?.file, diagnostic?.range.start.line], ['/d/postgresql.conf', 2]);
  assert.doesNotMatch(JSON.stringify([configuration, diagnostic]), /PRIVATE/);
  assert.ok(configuration.tlsFiles.every((file) => file.content !== undefined && !('content' in { ...file })));
});
