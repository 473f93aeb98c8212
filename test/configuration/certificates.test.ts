import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CheckCertificatesOptions, Configuration, checkCertificates } from '../../src/configuration/index.ts';
import { CertificateAuthority, crlFileName } from '../../src/pki/index.ts';
import { opensslFiles, withoutOpenssl } from '../pki/openssl.ts';

const day = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * day);
const root = await CertificateAuthority.create({ subject: '/CN=Root', validity: { notBefore: inDays(-90) } });
const hosts = ['127.0.0.1'];
const good = await root.issueServerCertificate({ hosts });
const alice = await root.issueClientCertificate({ user: 'alice' });
const key = good.privateKey.toPem();
const stock = { 'server.crt': good.chain, 'server.key': key, 'root.crt': root.certificate };

const contents = (more: Readonly<Record<string, string>>) => ({
  '/d/PG_VERSION': '18\n',
  '/d/postgresql.auto.conf': null,
  '/d/postgresql.conf': "ssl = on\nssl_ca_file = 'root.crt'\n",
  '/d/pg_hba.conf': 'hostssl all all all cert\n',
  ...Object.fromEntries(Object.entries({ ...stock, ...more }).map(([name, content]) => [`/d/${name}`, content])),
});

async function told(more: Readonly<Record<string, string>>, options?: CheckCertificatesOptions): Promise<string[]> {
  const configuration = Configuration.fromContents(contents(more), '/d');
  const found = await checkCertificates(configuration, options);
  return found.map(({ severity, code }) => `${severity} ${code}`);
}

test('warns before the end, and warns of a key that needs a passphrase', async () => {
  assert.deepEqual(await told({}), []);
  const named = Configuration.fromContents({ ...contents({}), '/d/root.crt': null, '/d/root.crt/x': '' }, '/d');
  assert.match(named.diagnostics.map(({ message }) => message).join(), /root\.crt of ssl_ca_file is a directory/);
  const short = await root.issueServerCertificate({ hosts, key, validity: { days: 30 } });
  assert.deepEqual(await told({ 'server.crt': short.chain }), []);
  const inTime = (days: number) => [{ at: inDays(days) }, { provider: { now: () => inDays(days) } }];
  for (const [days, code] of [
    [25, 'ends-soon'],
    [31, 'refused'],
  ] as const) {
    for (const options of inTime(days)) {
      assert.deepEqual(await told({ 'server.crt': short.chain }, options), [`warning ssl-certificate-${code}`]);
    }
  }
  const encrypted = await good.privateKey.toEncryptedPem('secret');
  assert.deepEqual(await told({ 'server.key': encrypted }), ['warning ssl-key-encrypted']);
  const command = "ssl = on\nssl_passphrase_command = 'echo secret'\n";
  const configuration = Configuration.fromContents(
    { ...contents({ 'server.key': encrypted }), '/d/postgresql.conf': command },
    '/d',
  );
  assert.deepEqual(await checkCertificates(configuration), []);
});

test('a damaged block that OpenSSL ignores does not hide the CRLs of its file', async () => {
  const { crl } = await root.issueCrl();
  const text = `${crl}-----BEGIN CRL-----\nMAMCAQE=\n-----END CRL-----\n`;
  const conf = (setting: string) => `ssl = on\nssl_ca_file = 'root.crt'\n${setting}\n`;
  const ignored = ['warning tls-crl-refuses'];
  assert.deepEqual(await told({ 'postgresql.conf': conf("ssl_crl_file = 'l'"), l: text }), ignored);
  const name = `crls/${crlFileName(crl)}`;
  assert.deepEqual(await told({ 'postgresql.conf': conf("ssl_crl_dir = 'crls'"), [name]: text }), ignored);
});

test('a provider that fails is an error, and no verdict on a file', async () => {
  const cause = new Error('The device was removed');
  const { subtle } = globalThis.crypto;
  // Only reading the private key exports a key.
  for (const operation of ['verify', 'importKey', 'exportKey']) {
    const failing = new Proxy(subtle, {
      get: (_, name: 'verify') =>
        name === operation ? () => Promise.reject(cause) : (subtle[name] as () => unknown).bind(subtle),
    });
    const provider = { crypto: { subtle: failing } as never };
    await assert.rejects(told({}, { provider }), { code: 'provider-failed', cause }, operation);
  }
  assert.deepEqual(await told({}, { provider: { crypto: { subtle } as never } }), []);
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
  const configuration = Configuration.fromContents(contents({ 'server.crt': made.c!, 'server.key': made.k! }), '/d');
  const [diagnostic, ...more] = await checkCertificates(configuration);
  assert.equal(`${diagnostic?.severity} ${diagnostic?.code} ${more.length}`, 'warning ssl-certificate-refused 0');
  assert.match(diagnostic!.message, /security level 2, as in Debian and Ubuntu, does not start with it/);
});

test('the diagnostics are at the settings, and show no part of the key', async () => {
  const text = "ssl = on\nssl_key_file = 'server.key'\n";
  const other = { ...contents({ 'server.key': alice.privateKey.toPem() }), '/d/postgresql.conf': text };
  const configuration = Configuration.fromContents(other, '/d');
  const [diagnostic] = await checkCertificates(configuration);
  assert.deepEqual([diagnostic?.file, diagnostic?.range.start.line], ['/d/postgresql.conf', 2]);
  assert.doesNotMatch(JSON.stringify([configuration, diagnostic]), /PRIVATE/);
  assert.ok(configuration.tlsFiles.every((file) => file.content !== undefined && !('content' in { ...file })));
});
