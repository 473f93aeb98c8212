import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { describe, test } from 'node:test';
import { Crypto } from '@peculiar/webcrypto';
import fc from 'fast-check';
import { decodeBase64, encodeBase64 } from '../../src/asn1/base64.ts';
import { derOid } from '../../src/asn1/der.ts';
import { readChildren, readDer, readOid } from '../../src/asn1/reader.ts';
import { encodeName } from '../../src/names/name.ts';
import { subjectAltName } from '../../src/pki/certificate/alternative-names.ts';
import { parseCertificate } from '../../src/pki/certificate/certificate.ts';
import { basicConstraints, subjectKeyIdentifier } from '../../src/pki/certificate/extensions.ts';
import { parseHost } from '../../src/pki/certificate/host.ts';
import { extendedKeyUsage, keyUsage } from '../../src/pki/certificate/key-usage.ts';
import {
  CertificateAuthority,
  createCertificateRequest,
  createPkcs12,
  keyAlgorithmNames,
  PrivateKey,
  type Provider,
} from '../../src/pki/index.ts';
import { encodeRequest } from '../../src/pki/issue/request.ts';
import { encodeCertificate } from '../../src/pki/issue/sign-certificate.ts';
import { signerOf } from '../../src/pki/keys/private-key.ts';
import { signStructure } from '../../src/pki/keys/signature.ts';
import { signatureAlgorithm } from '../../src/pki/keys/signature-algorithm.ts';
import { runs, seed } from '../property.ts';
import { buildCertificate, buildRequest, X509Certificate } from './x509.ts';

const kinds = keyAlgorithmNames.filter((name) => !/3072|4096/.test(name));

describe('encodes certificates and requests in the same bytes as @peculiar/x509', () => {
  for (const [providerName, provider] of Object.entries<Provider>({
    'the default provider': {},
    'globalThis.crypto': { crypto: globalThis.crypto },
    // With any other WebCrypto object, the library cannot call `node:crypto` directly.
    'a provider that is given': { crypto: new Crypto() },
  })) {
    for (const kind of kinds) {
      test(`${kind} with ${providerName}`, async () => {
        const key = await PrivateKey.generate(kind, { provider });
        const signer = signerOf(key);
        assert.equal(signer.provider.direct === undefined, providerName === 'a provider that is given');
        const deterministic = signer.kind.signature.name !== 'ECDSA';
        await fc.assert(
          fc.asyncProperty(content, async ({ user, serialNumber, hosts, start, span }) => {
            const notBefore = new Date(start * 1000);
            const certificate = {
              serialNumber: Uint8Array.from([serialNumber[0]! & 0x7f || 1, ...serialNumber.slice(1)]),
              issuer: encodeName([[{ type: 'O', value: 'Größe' }]]),
              subject: encodeName([[{ type: 'C', value: 'DE' }], [{ type: 'CN', value: user }]]),
              notBefore,
              notAfter: new Date(notBefore.getTime() + span * 1000),
              publicKey: signer.publicKey,
              extensions: [
                basicConstraints({ isCa: false }),
                keyUsage(['digitalSignature', 'keyEncipherment']),
                extendedKeyUsage(['clientAuth']),
                subjectAltName(hosts.map(parseHost)),
                subjectKeyIdentifier(serialNumber),
              ],
            };
            const [built, fast] = await Promise.all([
              buildCertificate(certificate, key),
              signStructure(encodeCertificate(certificate, signatureAlgorithm(signer.kind)), signer),
            ]);
            assert.deepEqual(parseCertificate(fast).signed, parseCertificate(built).signed);
            if (deterministic) assert.deepEqual(fast, built);
            const { subject, extensions } = certificate;
            const request = encodeRequest(subject, signer.publicKey, extensions);
            const [judged] = readChildren(readDer(await buildRequest({ subject, extensions }, key)));
            assert.deepEqual(request, judged!.bytes);
            const judge = new X509Certificate(fast);
            assert.equal(await judge.verify({ publicKey: judge.publicKey, signatureOnly: true }), true);
          }),
          { numRuns: runs(10), seed },
        );
      });
    }
  }

  const content = fc.record({
    user: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0')),
    serialNumber: fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Uint8Array.from(bytes)),
    hosts: fc.array(fc.constantFrom('db', '*.example.com', '10.0.0.1', '::1'), { minLength: 1, maxLength: 4 }),
    start: fc.integer({ min: -631152000, max: 4102444800 }),
    span: fc.integer({ min: 1, max: 4102444800 }),
  });
});

test('the written key is the signing key, in the bytes that OpenSSL writes', async () => {
  for (const provider of [{}, { crypto: globalThis.crypto }]) {
    for (const kind of kinds) {
      for (let i = 0; i < (kind.startsWith('rsa') ? 1 : 20); i++) {
        const pem = (await PrivateKey.generate(kind, { provider })).toPem();
        assert.equal(createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }), pem);
      }
    }
  }
});

test('the same clock, random source and key give the same bytes if signatures are deterministic', async () => {
  for (const keyAlgorithm of ['ed25519', 'rsa-2048'] as const) {
    const key = await PrivateKey.generate(keyAlgorithm);
    const make = async (fixed: { readonly key: string | PrivateKey }) => {
      let state = 1;
      const next = () => {
        state = (state * 75 + 74) % 65537;
        return state & 0xff;
      };
      const random = (size: number) => Uint8Array.from({ length: size }, next);
      const provider = { now: () => new Date('2026-01-01T00:00:00Z'), random };
      const authority = await CertificateAuthority.create({ subject: 'CN=r', provider, ...fixed });
      const client = await authority.issueClientCertificate({ user: 'u', ...fixed });
      const list = await authority.issueCrl({ revoked: [{ serialNumber: client.serialNumber }] });
      const server = await authority.issueServerCertificate({ hosts: ['db', '10.0.0.1'], ...fixed });
      const below = await authority.issueIntermediateAuthority({ subject: 'CN=m', ...fixed });
      const { request } = await createCertificateRequest({ subject: 'CN=u', provider, ...fixed });
      const signed = await below.signRequest(request, { user: 'u' });
      const renewed = await below.renewCertificate(signed.certificate, fixed);
      const encrypted = await (await PrivateKey.read(key.toPem(), { provider })).toEncryptedPem('secret');
      const file = await createPkcs12({
        privateKey: key.toPem(),
        certificates: signed.chain,
        passphrase: 'secret',
        provider,
      });
      const made = [authority, client, server, below, signed, renewed].map(({ certificate }) => certificate);
      return [...made, list.crl, request, encrypted, Buffer.from(file).toString('hex')];
    };
    const made = await make({ key: key.toPem() });
    assert.deepEqual(await make({ key: key.toPem() }), made);
    // A PrivateKey object that was made before the CA signs with the clock and the random source of the CA.
    assert.deepEqual(await make({ key }), made);
  }
});

test('base64 equals that of Node', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      assert.equal(encodeBase64(bytes), text);
      assert.deepEqual(Buffer.from(decodeBase64(text)), Buffer.from(bytes));
      assert.deepEqual(Buffer.from(decodeBase64(text.replaceAll('=', ''))), Buffer.from(bytes));
    }),
  );
});

test('object identifiers have arcs of any size', () => {
  for (const [oid, hex] of [
    ['2.5.4.3', '0603550403'],
    ['1.2.840.113549.1.9.1', '06092a864886f70d010901'],
    ['2.999.3', '0603883703'],
    ['2.25.329800735698586629295641978511506172918', '0614698' + '3f09da7ebcfdee0c7a1a7b2c0948cc8f9d776'],
  ] as const) {
    assert.equal(Buffer.from(derOid(oid)).toString('hex'), hex);
    assert.equal(readOid(readDer(Uint8Array.from(Buffer.from(hex, 'hex')))), oid);
  }
  const arc = fc.oneof(fc.bigInt({ min: 0n, max: 200n }), fc.bigInt({ min: 0n, max: 2n ** 130n }));
  fc.assert(
    fc.property(fc.constantFrom('0.9', '1.39', '2.48', '2.100000000000'), fc.array(arc), (start, arcs) => {
      const oid = [start, ...arcs].join('.');
      assert.equal(readOid(readDer(derOid(oid))), oid);
    }),
  );
});
