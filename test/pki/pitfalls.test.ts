import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  CertificateAuthority,
  createCertificateRequest,
  createPkcs12,
  matchesKey,
  PrivateKey,
  verifyChain,
} from '../../src/pki/index.ts';
import { openssl, withoutOpenssl } from './openssl.ts';

// Tests for unexpected behavior of @peculiar/x509 and @peculiar/webcrypto. Behavior that concerns one function of this
// library is tested with that function.

test('only the given WebCrypto is used', async () => {
  const own = globalThis.crypto;
  const used: string[] = [];
  const subtle = new Proxy(own.subtle, {
    get: (target, name) => {
      used.push(String(name));
      return (Reflect.get(target, name) as () => unknown).bind(target);
    },
  });
  const provider = { crypto: { subtle, getRandomValues: own.getRandomValues.bind(own) } as typeof own };
  Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true, writable: true });
  try {
    const root = await CertificateAuthority.create({ subject: 'CN=r', provider });
    const middle = await root.issueIntermediateAuthority({ subject: 'CN=m' });
    const client = await middle.issueClientCertificate({ user: 'u' });
    const { request } = await createCertificateRequest({ subject: 'CN=u', provider });
    const signed = await middle.signRequest(request, { user: 'u' });
    const lists = await Promise.all([root, middle].map((authority) => authority.issueCrl()));
    const verdict = await verifyChain({
      chain: signed.chain,
      roots: root.certificate,
      purpose: 'clientAuth',
      crls: lists.map(({ crl }) => crl).join(''),
      provider,
    });
    assert.deepEqual(verdict.problems, []);
    await middle.issueCrl({ previous: lists[1]!.crl });
    assert.ok(await matchesKey(client.certificate, client.privateKey, { provider }));
    await createPkcs12({ privateKey: client.privateKey, certificates: client.chain, passphrase: 'x', provider });
  } finally {
    Object.defineProperty(globalThis, 'crypto', { value: own, configurable: true, writable: true });
  }
  for (const name of ['generateKey', 'importKey', 'exportKey', 'sign', 'verify', 'digest', 'deriveBits', 'encrypt']) {
    assert.ok(used.includes(name), name);
  }
});

describe('other programs accept the result', { skip: withoutOpenssl }, () => {
  test('each kind of key signs with the hash of its own strength', async () => {
    for (const [keyAlgorithm, signature] of [
      ['ecdsa-p256', 'ecdsa-with-SHA256'],
      ['ecdsa-p384', 'ecdsa-with-SHA384'],
      ['ecdsa-p521', 'ecdsa-with-SHA512'],
      ['rsa-2048', 'sha256WithRSAEncryption'],
      ['ed25519', 'ED25519'],
    ] as const) {
      const authority = await CertificateAuthority.create({ subject: 'CN=r', keyAlgorithm });
      const leaf = await authority.issueClientCertificate({ user: 'u' });
      const { crl } = await authority.issueCrl();
      for (const [command, text] of [
        ['x509', authority.certificate],
        ['x509', leaf.certificate],
        ['crl', crl],
      ] as const) {
        const { output } = openssl([command, '-noout', '-text', '-in', 'f'], { f: text });
        assert.equal(output.match(new RegExp(`Signature Algorithm: ${signature}\n`, 'g'))?.length, 2, output);
      }
    }
  });

  test('the name of an issuer made elsewhere keeps its string types', async () => {
    const config =
      '[req]\ndistinguished_name=dn\nx509_extensions=e\nstring_mask=default\nprompt=no\n[dn]\nC=US\nO=Plain Text\nCN=Root\n[e]\nbasicConstraints=critical,CA:TRUE\n';
    const key = (await PrivateKey.generate()).toPem();
    const { output } = openssl(['req', '-x509', '-new', '-key', 'k', '-config', 'f'], { k: key, f: config });
    const authority = await CertificateAuthority.load({ certificate: output, privateKey: key });
    const { certificate } = await authority.issueClientCertificate({ user: 'u' });
    // The name must keep its PrintableString. It would become a UTF8String if the name were decoded and encoded again.
    const printable = Buffer.concat([Buffer.from([0x13, 10]), Buffer.from('Plain Text')]);
    assert.ok(new X509Certificate(output).raw.includes(printable));
    assert.ok(new X509Certificate(certificate).raw.includes(printable));
    assert.equal(new X509Certificate(certificate).checkIssued(new X509Certificate(output)), true);
  });

  test('a mapped IPv6 address is written in full', async () => {
    const authority = await CertificateAuthority.create({ subject: 'CN=r' });
    const { certificate } = await authority.issueServerCertificate({ hosts: ['::ffff:1.2.3.4'] });
    const { output } = openssl(['x509', '-noout', '-ext', 'subjectAltName', '-in', 'c'], { c: certificate });
    assert.match(output, /IP Address:0:0:0:0:0:FFFF:102:304/);
  });
});

const withoutKeytool = spawnSync('keytool', ['-help']).error === undefined ? false : 'keytool (Java) is not installed';

test('Java finds the key in a PKCS#12 file under the alias user, which pgjdbc asks for', {
  skip: withoutKeytool,
}, async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=Root' });
  const { chain, privateKey } = await authority.issueClientCertificate({ user: 'alice' });
  const file = await createPkcs12({ privateKey, certificates: chain + authority.certificate, passphrase: 'changeit' });
  const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-keytool-'));
  try {
    writeFileSync(join(folder, 'user.p12'), file);
    const args = ['-list', '-v', '-keystore', 'user.p12', '-storetype', 'PKCS12', '-storepass', 'changeit'];
    const { stdout, status } = spawnSync('keytool', args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    });
    assert.equal(status, 0, stdout);
    assert.match(stdout, /Alias name: user\n/);
    assert.match(stdout, /Entry type: PrivateKeyEntry\nCertificate chain length: 2\n/);
    assert.match(stdout, /Owner: CN=alice\n/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
