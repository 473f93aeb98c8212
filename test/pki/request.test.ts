import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { decodePem } from '../../src/asn1/pem.ts';
import {
  CertificateAuthority,
  createCertificateRequest,
  inspectCertificate,
  keyAlgorithmNames,
  PrivateKey,
} from '../../src/pki/index.ts';
import { openssl, opensslFiles, withoutOpenssl } from './openssl.ts';

const authority = await CertificateAuthority.create({ subject: 'CN=r' });

describe('requests', { skip: withoutOpenssl }, () => {
  for (const provider of [{}, { crypto: globalThis.crypto }]) {
    for (const keyAlgorithm of keyAlgorithmNames.filter((name) => !/3072|4096/.test(name))) {
      test(`${keyAlgorithm} with ${'crypto' in provider ? 'globalThis.crypto' : 'the default provider'}`, async () => {
        const made = await createCertificateRequest({ subject: '/O=Example/CN=zoë', keyAlgorithm, provider });
        const judged = openssl(['req', '-verify', '-noout', '-text', '-subject', '-nameopt', 'utf8', '-in', 'r'], {
          r: made.request,
        });
        assert.match(judged.output, /self-signature verify OK/);
        assert.match(judged.output, /Version: 1 \(0x0\)/);
        assert.match(judged.output, /subject=O=Example, CN=zoë/);
        assert.doesNotMatch(inspect(made) + JSON.stringify(made), /PRIVATE KEY/);
        const issued = await authority.signRequest(made.request, { user: 'zoë' });
        assert.ok(new X509Certificate(issued.certificate).checkPrivateKey(createPrivateKey(made.privateKey.toPem())));
        assert.equal('privateKey' in issued, false);
        const info = inspectCertificate(issued.certificate);
        assert.deepEqual(info.subject, [[{ type: 'CN', value: 'zoë' }]]);
        assert.deepEqual(info.extendedKeyUsage, ['clientAuth']);
      });
    }
  }

  test('requests of OpenSSL are signed, and only their key is used', async () => {
    const { r, k } = opensslFiles(
      [
        ['genrsa', '-out', 'k', '2048'],
        [
          'req',
          '-new',
          '-key',
          'k',
          '-out',
          'r',
          '-subj',
          '/O=Evil/CN=db',
          '-addext',
          'basicConstraints=critical,CA:TRUE',
          '-addext',
          'subjectAltName=DNS:db,IP:10.0.0.1',
          '-addext',
          'extendedKeyUsage=clientAuth',
        ],
      ],
      ['r', 'k'],
    );
    const issued = await authority.signRequest(r!, { hosts: ['DB', '10.0.0.1', 'db.example.com'] });
    const info = inspectCertificate(issued.certificate);
    assert.equal(info.isCa, false);
    assert.deepEqual(info.extendedKeyUsage, ['serverAuth']);
    assert.deepEqual(info.keyUsage, ['digitalSignature', 'keyEncipherment']);
    assert.deepEqual(info.subject, [[{ type: 'CN', value: 'db' }]]);
    assert.deepEqual(info.dnsNames, ['db', '10.0.0.1', 'db.example.com']);
    assert.equal(
      new X509Certificate(issued.certificate).publicKey.export({ type: 'spki', format: 'pem' }),
      createPublicKey(k!).export({ type: 'spki', format: 'pem' }),
    );
    for (const hosts of [['db'], ['10.0.0.1'], ['other']]) {
      await assert.rejects(authority.signRequest(r!, { hosts }), { code: 'request-not-allowed' });
    }
    await assert.rejects(authority.signRequest(r!, { user: 'alice' }), { code: 'request-not-allowed' });
    const der = decodePem(r!)[0]!.der;
    // A role with the value `undefined` counts as missing.
    const again = await authority.signRequest(der, { hosts: ['db', '10.0.0.1'], user: undefined });
    assert.deepEqual(
      new X509Certificate(again.certificate).publicKey,
      new X509Certificate(issued.certificate).publicKey,
    );
    for (const other of [der.subarray(1), '', k!]) {
      await assert.rejects(authority.signRequest(other, { hosts: ['db'] }), { code: 'request-invalid' });
    }
  });

  test('an RSA key under 2048 bits is rejected', async () => {
    const { r } = opensslFiles(
      [
        ['genrsa', '-out', 'k', '1024'],
        ['req', '-new', '-key', 'k', '-out', 'r', '-subj', '/CN=u'],
      ],
      ['r'],
    );
    await assert.rejects(authority.signRequest(r!, { user: 'u' }), { code: 'key-weak' });
  });
});

test('a request for another role is rejected, and a request without a name is not', async () => {
  const { request } = await createCertificateRequest({ subject: 'CN=alice' });
  await authority.signRequest(request, { user: 'alice' });
  await assert.rejects(authority.signRequest(request, { user: 'bob' }), { code: 'request-not-allowed' });
  const unnamed = await createCertificateRequest({ subject: [] });
  const issued = await authority.signRequest(unnamed.request, { user: 'bob', subject: 'O=Example' });
  assert.equal(inspectCertificate(issued.certificate).commonName, 'bob');
});

test('without alternative names, a common name with a dot is the host that a request asks for', async () => {
  const sign = async (subject: string, hosts: string[]) =>
    authority.signRequest((await createCertificateRequest({ subject })).request, { hosts });
  await sign('CN=DB.example.com', ['db.example.com']);
  await sign('CN=10.0.0.1', ['10.0.0.1']);
  await sign('CN=PostgreSQL server', ['db.example.com']);
  for (const subject of ['CN=evil.example.com', 'CN=10.0.0.2']) {
    await assert.rejects(sign(subject, ['db.example.com', '10.0.0.1']), { code: 'request-not-allowed' });
  }
});

test('a request must be signed by its own key', async () => {
  const key = await PrivateKey.generate('ed25519');
  const { request } = await createCertificateRequest({ subject: 'CN=alice', key });
  const der = Buffer.from(request.replace(/-----[^-]+-----/g, ''), 'base64');
  for (const at of [der.length - 1, der.indexOf('alice')]) {
    const forged = Buffer.from(der);
    forged[at]! ^= 1;
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${forged.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    const user = forged.includes('alice') ? 'alice' : '`lice';
    await assert.rejects(authority.signRequest(pem, { user }), { code: 'request-invalid' });
  }
  for (const text of ['', 'no request', authority.certificate, request.slice(0, 150)]) {
    await assert.rejects(authority.signRequest(text, { user: 'alice' }), { code: 'request-invalid' });
  }
});

test('rejects an invalid host of a request, and accepts the same hosts in another notation', async () => {
  await assert.rejects(createCertificateRequest({ subject: 'CN=x', hosts: ['a b'] }), { code: 'host-invalid' });
  const { request } = await createCertificateRequest({ subject: 'CN=x', hosts: ['::1', 'BÜCHER.example'] });
  await authority.signRequest(request, { hosts: ['0:0:0:0:0:0:0:1', 'bücher.example'] });
});
