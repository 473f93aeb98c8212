import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { der, derInteger, derSequence, derTag } from '../../src/asn1/der.ts';
import { encodePem } from '../../src/asn1/pem.ts';
import { certificatesOnly } from '../../src/asn1/pem-contents.ts';

const certificate = derSequence(derSequence(), derSequence(), der(derTag.bitString));
const { privateKey: ec, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 1024 });

/** The DER encodings of a private key that OpenSSL writes. */
function keysIn(key: KeyObject, traditional: 'sec1' | 'pkcs1'): readonly Uint8Array[] {
  const encrypted = { type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  return [
    key.export({ type: 'pkcs8', format: 'der' }),
    key.export({ type: traditional, format: 'der' } as { type: 'sec1'; format: 'der' }),
    key.export(encrypted),
  ];
}

test('a private key in DER, or in a CERTIFICATE block, is not taken for a certificate', () => {
  for (const key of [...keysIn(ec, 'sec1'), ...keysIn(rsa, 'pkcs1')]) {
    const pem = encodePem('CERTIFICATE', key);
    for (const source of [key, pem, Buffer.from(pem), Uint8Array.of(...key, 0x0a)]) {
      const error = { code: 'private-key-misplaced', message: /^The roots holds a private key\. .*swapped/ };
      assert.throws(() => certificatesOnly(source, 'The roots'), error);
    }
    const both = encodePem('CERTIFICATE', certificate) + pem;
    const error = { code: 'private-key-misplaced', message: /as `privateKey`/ };
    assert.throws(() => certificatesOnly(both, 'The roots'), error);
  }
});

test('DER is taken only if it has the structure of one certificate', () => {
  assert.equal(certificatesOnly(certificate, 'The roots'), encodePem('CERTIFICATE', certificate));
  const pkcs12 = derSequence(derInteger(3), derSequence());
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const pkcs1 = publicKeyOf(rsa);
  const pair = Uint8Array.of(...certificate, ...certificate);
  for (const other of [Uint8Array.of(0x30), Uint8Array.of(0x30, 0), pkcs12, spki, pkcs1, pair]) {
    assert.throws(() => certificatesOnly(other, 'The roots'), { code: 'certificate-invalid' });
  }
});

function publicKeyOf(key: KeyObject): Uint8Array {
  const { n, e } = key.export({ format: 'jwk' });
  return derSequence(derInteger(Buffer.from(n!, 'base64url')), derInteger(Buffer.from(e!, 'base64url')));
}
