import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { der, derNull, derSequence, derTag } from '../../src/asn1/der.ts';
import { encodePem } from '../../src/asn1/pem.ts';
import { PgHostsslError } from '../../src/errors.ts';
import { basicConstraints, extension, extensionOid } from '../../src/pki/certificate/extensions.ts';
import { keyUsage } from '../../src/pki/certificate/key-usage.ts';
import { CertificateAuthority, inspectCertificate, matchesKey, PrivateKey } from '../../src/pki/index.ts';
import {
  type ClientCertificatePlan,
  fileState,
  planClientCertificates,
  planRenewal,
  planServerCertificate,
  type TargetFile,
  type TlsRequest,
} from '../../src/tls/index.ts';
import { forge } from '../pki/forge.ts';
import { applied, clientState, names, serverState, written } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/O=Example/CN=Authority' });
const stranger = await CertificateAuthority.create({ subject: '/O=Example/CN=Stranger' });
const connection = 'postgresql://webadmin@db.example.com/app';
const day = 24 * 60 * 60 * 1000;
const soon = new Date(Date.now() + 300 * 24 * 60 * 60 * 1000);

function planned(request: Partial<TlsRequest>): Promise<ClientCertificatePlan> {
  return planClientCertificates({ server: serverState(), authority, connection, ...request });
}

async function refused(request: Partial<TlsRequest>, code: string): Promise<PgHostsslError> {
  const error = await planned(request).then(
    () => assert.fail('planned'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PgHostsslError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

const first = await planned({ server: serverState(), client: clientState() });
const after = applied(serverState(), clientState(), first);

/** A key file with the public half of one key, and with the rest of another key of the same kind. */
function forgedKey(publicKey: string, other: PrivateKey): string {
  const key = createPrivateKey(other.toPem()).export({ format: 'der', type: 'pkcs8' });
  publicNumbers(publicKey).copy(key, key.indexOf(publicNumbers(other.publicKey)));
  return encodePem('PRIVATE KEY', key);
}

/** The modulus of an RSA key, or the point of an ECDSA key. */
function publicNumbers(publicKey: string): Buffer {
  const { n = '', x = '', y = '' } = createPublicKey(publicKey).export({ format: 'jwk' });
  return Buffer.concat([n, x, y].map((number) => Buffer.from(number, 'base64url')));
}

test('a renewal keeps both keys and changes the two certificates', async () => {
  const plan = await planned({ ...after, now: soon });
  assert.deepEqual(
    plan.writes.map(({ step, path }) => [step, path]),
    [
      ['server-file', '/nowhere/data/server.crt'],
      ['client', '/home/w/.postgresql/postgresql.crt'],
    ],
  );
  assert.ok(await matchesKey(written(plan, 'server.crt')!, written(first, 'server.key')!));
  assert.ok(await matchesKey(written(plan, 'postgresql.crt')!, written(first, 'postgresql.key')!));
  assert.equal(plan.client.privateKey(), first.client.privateKey());
  assert.deepEqual(plan.removals, []);
});

test('a key file with the public half of another key gives nobody the names of a certificate', async () => {
  for (const keyAlgorithm of ['ecdsa-p256', 'rsa-2048'] as const) {
    const { chain, privateKey } = await authority.issueServerCertificate({
      hosts: ['payroll.example.com'],
      keyAlgorithm,
    });
    const forged = forgedKey(privateKey.publicKey, await PrivateKey.generate(keyAlgorithm));
    // OpenSSL does not check the public half when it reads the key, and neither does the server.
    assert.equal(await matchesKey(chain, forged), true);
    const server = serverState({ certificate: chain, privateKey: forged });
    for (const newKey of [false, 'server'] as const) {
      await refused({ server, newKey }, 'key-mismatch');
      await assert.rejects(planRenewal({ server, authority, newKey: 'server' }), { code: 'key-mismatch' });
      await assert.rejects(planRenewal({ server, newKey: 'server' }), { code: 'key-mismatch' });
      const replaced = await planned({ server, newKey, replaceForeign: true });
      const path = replaced.writes
        .find((write) => write.path.endsWith('.crt'))!
        .path.split('/')
        .at(-1)!;
      assert.deepEqual(inspectCertificate(written(replaced, path)!).dnsNames, ['db.example.com']);
    }
    const serverCertificate = { certificate: chain, roots: authority.certificate };
    await refused({ server, serverCertificate, hosts: [] }, 'key-mismatch');
  }
});

test('certificates and a CRL that are not valid yet are renewed, because a clock was wrong', async () => {
  const before = new Date(Date.now() - 24 * 60 * 60 * 1000);
  const issuer = await CertificateAuthority.create({ subject: '/CN=Old', validity: { notBefore: before } });
  const clock = (now: Date): Promise<CertificateAuthority> =>
    CertificateAuthority.load({
      certificate: issuer.certificate,
      privateKey: issuer.privateKey,
      provider: { now: () => now },
    });
  const request = { server: serverState(), client: clientState(), crls: true, connection } as const;
  const early = await planClientCertificates({ ...request, authority: await clock(soon) });
  const state = applied(serverState(), clientState(), early);
  const again = await planClientCertificates({ ...request, ...state, authority: await clock(soon) });
  assert.deepEqual(names(again), []);
  const plan = await planClientCertificates({ ...request, ...state, authority: await clock(new Date()) });
  assert.deepEqual(names(plan).toSorted(), ['postgresql.crt', 'root.crl', 'server.crt']);
  for (const name of ['server.crt', 'postgresql.crt'])
    assert.ok(inspectCertificate(written(plan, name)!).notBefore < new Date());
});

test('new certificates are issued for the keys that the request gives', async () => {
  const [server, client] = [await PrivateKey.generate(), await PrivateKey.generate()];
  const plan = await planned({ client: clientState(), issue: { server: { key: server }, client: { key: client } } });
  assert.equal(written(plan, 'server.key'), server.toPem());
  assert.equal(written(plan, 'postgresql.key'), client.toPem());
});

test('a renewal keeps the text of a key in its traditional form', async () => {
  const key = await PrivateKey.generate('rsa-2048');
  const { createPrivateKey } = await import('node:crypto');
  const pkcs1 = createPrivateKey(key.toPem()).export({ type: 'pkcs1', format: 'pem' }) as string;
  const { chain } = await authority.issueServerCertificate({ hosts: ['db.example.com'], key });
  const plan = await planned({ server: serverState({ certificate: chain, privateKey: pkcs1 }), now: soon });
  assert.ok(!names(plan).includes('server.key'));
  assert.ok(await matchesKey(written(plan, 'server.crt')!, pkcs1));
});

test('a new server key gets new file names, and postgresql.conf switches to them last', async () => {
  const plan = await planned({ ...after, newKey: 'server' });
  const [key, certificate] = names(plan);
  const id = /^server-([0-9a-f]{8})\.key$/.exec(key!)![1];
  assert.deepEqual(
    plan.writes.map(({ step, path, mode, expected }) => [step, path, mode, expected === undefined]),
    [
      ['new-file', `/nowhere/data/server-${id}.key`, 0o600, true],
      ['new-file', `/nowhere/data/server-${id}.crt`, 0o644, true],
      ['postgresql.conf', '/nowhere/data/postgresql.conf', undefined, false],
    ],
  );
  assert.match(
    written(plan, 'postgresql.conf')!,
    new RegExp(`^ssl_cert_file = 'server-${id}\\.crt'\nssl_key_file = 'server-${id}\\.key'$`, 'm'),
  );
  // The plan can be applied only while neither of the new files exists.
  for (const name of [key, certificate]) {
    assert.deepEqual(
      plan.preconditions.filter(({ path }) => path === `/nowhere/data/${name}`),
      [{ path: `/nowhere/data/${name}`, kind: 'file', sha256: null }],
    );
  }
  // The id in the file names is the beginning of the SHA-256 of the SubjectPublicKeyInfo.
  const { createHash, X509Certificate } = await import('node:crypto');
  const spki = new X509Certificate(written(plan, certificate!)!).publicKey.export({ type: 'spki', format: 'der' });
  assert.equal(createHash('sha256').update(spki).digest('hex').slice(0, 8), id);
  // The first certificate and key have file names that the user chose, so the plan does not remove them.
  assert.deepEqual(plan.removals, []);
});

test('the former pair of a new key is removed if the library made it, in the same plan or in a later plan', async () => {
  const second = await planned({ ...after, newKey: true });
  const then = applied(after.server, after.client, second);
  const third = await planned({ ...then, newKey: true });
  const former = [then.server.certificate, then.server.privateKey].map(({ path }) => path);
  assert.deepEqual(third.removals.map(({ path }) => path).sort(), former.sort());
  assert.match(third.removals[0]!.sha256, /^[0-9a-f]{64}$/);

  const finally_ = applied(then.server, then.client, third);
  const { certificate, privateKey } = then.server;
  assert.ok(certificate.content !== undefined && privateKey.content !== undefined);
  const foreign = fileState('/nowhere/data/server-01234567.key', privateKey.content());
  const junk = fileState('/nowhere/data/server-01234567.crt', 'junk');
  const linked = fileState(certificate.path, certificate.content(), { realPath: '/etc/x' });
  const { server } = finally_;
  const removals = async (ownFiles: (typeof foreign)[]): Promise<readonly string[]> =>
    (await planned({ ...finally_, server: { ...server, ownFiles } })).removals.map(({ path }) => path);
  const both = [certificate, privateKey].map(({ path }) => path);
  assert.deepEqual(await removals([certificate, privateKey, foreign, junk]), both);
  // A key without a certificate file is kept, because its certificate may have been requested.
  assert.deepEqual(await removals([privateKey]), []);
  assert.deepEqual(await removals([linked]), []);
});

test('a former key that is encrypted is removed with its certificate, and is no key of a request', async () => {
  const second = await planned({ ...after, newKey: true });
  const then = applied(after.server, after.client, second);
  const { server } = applied(then.server, then.client, await planned({ ...then, newKey: true }));
  const { certificate, privateKey } = then.server;
  const key = await PrivateKey.read(new TextDecoder().decode(privateKey.content!()));
  const encrypted = await key.toEncryptedPem('a former passphrase');
  const keyFile = fileState(privateKey.path, encrypted);
  const certificateFile = fileState(certificate.path, certificate.content!());
  const removals = async (ownFiles: (typeof keyFile)[]): Promise<readonly string[]> =>
    (await planned({ ...after, server: { ...server, ownFiles } })).removals.map(({ path }) => path);
  assert.deepEqual(await removals([certificateFile, keyFile]), [certificate.path, privateKey.path]);
  // Without the certificate, the key may be that of a request. A certificate with another key says nothing of the key.
  assert.deepEqual(await removals([keyFile]), []);
  const [name, other] = ['/nowhere/data/server-01234567', fileState(certificate.path, certificate.content!())];
  const foreign = [fileState(`${name}.key`, encrypted), fileState(`${name}.crt`, other.content())];
  assert.deepEqual(await removals(foreign), []);
  const otherKey = fileState(privateKey.path, (await PrivateKey.generate()).toPem());
  assert.deepEqual(await removals([certificateFile, otherKey]), [certificate.path]);
});

test('a new client key is written to the names that libpq knows, the key first', async () => {
  const plan = await planned({ ...after, newKey: 'client' });
  assert.deepEqual(names(plan), ['postgresql.key', 'postgresql.crt']);
  assert.ok(await matchesKey(plan.client.certificate, plan.client.privateKey()));
  assert.notEqual(plan.client.privateKey(), first.client.privateKey());
});

test('no plan writes a key and its certificate over another pair of the server', async () => {
  const own = await authority.issueServerCertificate({ hosts: ['db.example.com'] });
  const other = await stranger.issueServerCertificate({ hosts: ['db.example.com'] });
  const states = [
    { certificate: own.chain, privateKey: own.privateKey.toPem() },
    { certificate: other.chain, privateKey: other.privateKey.toPem() },
    { certificate: own.chain, privateKey: other.privateKey.toPem() },
    { certificate: own.chain },
    { privateKey: own.privateKey.toPem() },
  ];
  for (const parts of states) {
    for (const now of [new Date(), soon]) {
      for (const newKey of [false, true] as const) {
        const plan = await planned({ server: serverState(parts), now, newKey, replaceForeign: true });
        const inPlace = plan.writes.filter(({ path }) => /\/server\.(?:key|crt)$/.test(path));
        assert.ok(inPlace.length <= 1, String(inPlace.map(({ path }) => path)));
        assert.ok(!inPlace.some(({ secret }) => secret));
      }
    }
  }
});

test('settings of ALTER SYSTEM keep a key in place, and a new key is refused with the statements to run', async () => {
  const autoConf = "ssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\n";
  const server = { ...after.server, autoConf: fileState('/nowhere/data/postgresql.auto.conf', autoConf) };
  assert.deepEqual(names(await planned({ ...after, server, now: soon })), ['server.crt', 'postgresql.crt']);
  const error = await refused({ ...after, server, newKey: true }, 'setting-overridden');
  assert.match(error.message, /ALTER SYSTEM RESET ssl_cert_file\. Run ALTER SYSTEM RESET ssl_key_file\./);
  // If only `ssl_key_file` is overridden, the new certificate would be used with the old key, so the plan is refused.
  const half = { ...server, autoConf: fileState(server.autoConf.path, "ssl_key_file = 'server.key'\n") };
  const other = await refused({ ...after, server: half, newKey: true }, 'setting-overridden');
  assert.match(other.message, /Another source sets ssl_key_file /);
});

test('one file with certificate and key is read, and a renewal moves to two files', async () => {
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['db.example.com'] });
  const conf = "ssl = on\nssl_ca_file = 'root.crt'\nssl_cert_file = 'both.pem'\nssl_key_file = 'both.pem'\n";
  const both = fileState('/nowhere/data/both.pem', chain + privateKey.toPem(), { mode: 0o600 });
  const server = { ...serverState({ conf, ca: authority.certificate }), certificate: both, privateKey: both };
  assert.deepEqual(names(await planned({ server })), ['pg_hba.conf']);
  const plan = await planned({ server, now: soon });
  assert.match(names(plan).join(' '), /^server-(\w{8})\.key server-\1\.crt postgresql\.conf pg_hba\.conf$/);
  const key = written(plan, names(plan)[0]!)!;
  assert.ok(await matchesKey(chain, key));
  assert.ok(!key.includes('CERTIFICATE'));
});

test('a private key in a text that should contain certificates is an error with a way out', async () => {
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['db.example.com'] });
  const key = privateKey.toPem();
  const requests: readonly Partial<TlsRequest>[] = [
    { roots: authority.certificate + key },
    {
      serverCertificate: { roots: key + authority.certificate },
      server: serverState({ certificate: chain, privateKey: key }),
    },
    { server: serverState({ certificate: chain + key, privateKey: key }) },
    { server: serverState({ conf: "ssl_ca_file = 'root.crt'\n", ca: authority.certificate + key }) },
    {
      server: {
        ...serverState({ conf: "ssl_ca_file = 'root.crt'\n" }),
        ca: fileState('/nowhere/data/root.crt', privateKey.toDer()),
      },
    },
    { roots: privateKey.toDer() },
    { server: serverState({ certificate: key, privateKey: chain }) },
  ];
  for (const request of requests) {
    const error = await refused(request, 'private-key-misplaced');
    assert.ok(!error.message.includes(key.split('\n')[1]!));
  }
  const swapped = await refused(requests.at(-1)!, 'private-key-misplaced');
  assert.match(swapped.message, /swapped/);
  const swappedRoots = await refused({ roots: key }, 'private-key-misplaced');
  assert.match(swappedRoots.message, /swapped/);
});

test('a plan takes only the certificates from roots, and accepts DER', async () => {
  const der = Buffer.from(authority.certificate.replaceAll(/-----[^-]*-----|\n/g, ''), 'base64');
  for (const roots of [`# our root\n${authority.certificate}trailing text`, new Uint8Array(der)]) {
    const plan = await planned({ roots, client: clientState() });
    assert.equal(written(plan, 'data/root.crt'), authority.certificate);
    assert.equal(written(plan, '.postgresql/root.crt'), authority.certificate);
  }
});

test('a certificate covers the hosts that libpq accepts it for', async () => {
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['*.Example.com', '::1'] });
  const server = serverState({ certificate: chain, privateKey: privateKey.toPem() });
  const renews = async (...hosts: string[]): Promise<boolean> =>
    names(await planned({ server, connection: { host: hosts[0]!, user: 'a' }, hosts: hosts.slice(1) })).includes(
      'server.crt',
    );
  assert.equal(await renews('db.example.com', 'DB.EXAMPLE.COM', '0:0::1', '*.example.com'), false);
  assert.equal(await renews('a.db.example.com'), true);
  assert.equal(await renews('127.0.0.1'), true);
});

test('the certificates of a new pair are from the CA and for the hosts', async () => {
  const plan = await planned({ ...after, newKey: true, hosts: ['10.0.0.7'] });
  const [, certificate] = names(plan);
  const info = inspectCertificate(written(plan, certificate!)!);
  assert.deepEqual([info.dnsNames, info.ipAddresses], [['db.example.com', '10.0.0.7'], ['10.0.0.7']]);
});

test('no plan issues certificates that the other side would refuse, because of the roots or of the CA', async () => {
  const issuing = await authority.issueIntermediateAuthority({ subject: '/CN=Issuing' });
  const namesake = await CertificateAuthority.create({ subject: '/O=Example/CN=Authority' });
  await planned({ authority: issuing, roots: authority.certificate });
  await planned({ authority: issuing, roots: authority.certificate + stranger.certificate });
  for (const [own, roots] of [
    [issuing, stranger],
    [issuing, issuing],
    [issuing, namesake],
    [authority, stranger],
    [authority, namesake],
  ] as const) {
    await refused({ authority: own, roots: roots.certificate }, 'authority-unfit');
  }
  // The root is the server's already, so only the clients lack it.
  const trusting = serverState({ conf: "ssl = on\nssl_ca_file = 'root.crt'\n", ca: authority.certificate });
  await refused({ server: trusting, authority, roots: stranger.certificate }, 'authority-unfit');
  const key = await PrivateKey.generate();
  const extensions = [
    basicConstraints({ isCa: true }),
    keyUsage(['keyCertSign', 'cRLSign']),
    extension('1.2.3.4.5', derNull, { critical: true }),
  ];
  const signedBy = async (issuer: string, issuerKey: PrivateKey) => {
    const certificate = await forge({ subject: '/CN=Odd', issuer, key, issuerKey, extensions });
    return await CertificateAuthority.load({ certificate, privateKey: key.toPem() });
  };
  const odd = await signedBy('/O=Example/CN=Authority', authority.privateKey);
  const { message } = await refused({ authority: odd, roots: authority.certificate }, 'authority-unfit');
  assert.match(message, /critical extension 1\.2\.3\.4\.5/);
  const { chain, privateKey } = await odd.issueServerCertificate({ hosts: ['db.example.com'] });
  const server = serverState({ certificate: chain, privateKey: privateKey.toPem() });
  const unfit = { code: 'authority-unfit' };
  await assert.rejects(planServerCertificate({ server, authority: odd, hosts: ['db.example.com'] }), unfit);
  for (const issuer of [odd, await signedBy('/CN=Odd', key)]) {
    await assert.rejects(planRenewal({ server, authority: issuer, newKey: true }), unfit);
  }
});

test('a certificate file without the intermediate CA gets the whole chain, and the key stays', async () => {
  const issuing = await authority.issueIntermediateAuthority({ subject: '/CN=Issuing' });
  const request = { authority: issuing, roots: authority.certificate };
  const whole = await planned({ ...request, client: clientState() });
  const { server, client } = applied(serverState(), clientState(), whole);
  assert.deepEqual((await planned({ ...request, server, client })).writes, []);
  const leafOf = (pem: string): string => pem.slice(0, pem.indexOf('-----END CERTIFICATE-----\n') + 26);
  const alone = (file: TargetFile) => fileState(file.path, leafOf(new TextDecoder().decode(file.content!())));
  const cut = {
    server: { ...server, certificate: alone(server.certificate) },
    client: { ...client, certificate: alone(client.certificate) },
  };
  const mended = await planned({ ...request, ...cut });
  assert.deepEqual(names(mended), ['server.crt', 'postgresql.crt']);
  for (const name of names(mended)) assert.equal(written(mended, name)!.match(/BEGIN CERTIFICATE/g)!.length, 2);
});

test('a certificate for the other purpose is not kept', async () => {
  const ofServer = await authority.issueServerCertificate({ hosts: ['webadmin'] });
  const files = { certificate: ofServer.chain, privateKey: ofServer.privateKey.toPem() };
  const plan = await planned({ client: clientState(files) });
  assert.deepEqual(inspectCertificate(written(plan, 'postgresql.crt')!).extendedKeyUsage, ['clientAuth']);
});

test('only what the other side refuses for certain makes a CA unfit', async () => {
  const key = await PrivateKey.generate();
  const usage = [basicConstraints({ isCa: true }), keyUsage(['keyCertSign', 'cRLSign'])];
  const cross = { subject: '/O=Example/CN=Authority', issuer: '/O=Example/CN=Stranger', key: authority.privateKey };
  const expired = await forge({
    ...{ ...cross, issuerKey: stranger.privateKey, extensions: usage },
    ...{ notBefore: new Date(Date.now() - 2 * day), notAfter: new Date(Date.now() - day) },
  });
  // The other side may trust the root of a CA, although a cross certificate that is sent along has expired.
  const below = await authority.issueIntermediateAuthority({ subject: '/CN=Below' });
  const withCross = await CertificateAuthority.load({
    certificate: below.certificate + expired,
    privateKey: below.privateKey.toPem(),
  });
  const issued = await withCross.issueServerCertificate({ hosts: ['db.example.com'] });
  const ofServer = serverState({ certificate: issued.chain, privateKey: issued.privateKey.toPem() });
  assert.deepEqual((await planRenewal({ server: ofServer, authority: withCross })).writes, []);
  await planned({ authority: withCross, roots: authority.certificate });
  // Whether a root with a key of 1024 bits is too weak depends on the OpenSSL of the other side.
  const { privateKey: ofOld } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const pem = String(ofOld.export({ format: 'pem', type: 'pkcs8' }));
  const weak = await PrivateKey.read(pem, { allowWeak: true });
  const old = { subject: '/CN=Old', issuer: '/CN=Old', key: weak, issuerKey: weak, extensions: usage };
  const oldRoot = await forge(old);
  const newer = await forge({ subject: '/CN=Newer', issuer: '/CN=Old', key, issuerKey: weak, extensions: usage });
  const belowOld = await CertificateAuthority.load({ certificate: newer, privateKey: key.toPem() });
  await planned({ authority: belowOld, roots: oldRoot });
  // OpenSSL does not compare the addresses of a CA if the leaf has none (RFC 3779).
  const addresses = derSequence(derSequence(der(derTag.octetString, Uint8Array.of(0, 1)), derNull));
  const holder = await CertificateAuthority.load({
    certificate: await forge({
      ...{ subject: '/CN=Holder', issuer: '/O=Example/CN=Authority', key, issuerKey: authority.privateKey },
      extensions: [...usage, extension(extensionOid.addressBlocks, addresses, { critical: true })],
    }),
    privateKey: key.toPem(),
  });
  await planned({ authority: holder, roots: authority.certificate });
  // A CA certificate with the name of its issuer, but another key, is no root.
  const rekeyed = await CertificateAuthority.load({
    certificate: await forge({
      ...{
        subject: '/O=Example/CN=Authority',
        issuer: '/O=Example/CN=Authority',
        key,
        issuerKey: authority.privateKey,
      },
      extensions: usage,
    }),
    privateKey: key.toPem(),
  });
  await refused({ authority: rekeyed }, 'root-missing');
  await planned({ authority: rekeyed, roots: authority.certificate });
});
