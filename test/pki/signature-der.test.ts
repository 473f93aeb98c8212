import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinBytes } from '../../src/asn1/bytes.ts';
import { derBitString, derSequence, derTag } from '../../src/asn1/der.ts';
import { readBitString, readChildren, readDer } from '../../src/asn1/reader.ts';
import { certificatePem, readCertificate } from '../../src/pki/certificate/certificate.ts';
import { CertificateAuthority, verifyChain } from '../../src/pki/index.ts';
import { openssl, withoutOpenssl } from './openssl.ts';

test('an ECDSA signature in another encoding than DER is none, as to OpenSSL', { skip: withoutOpenssl }, async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=Authority' });
  const { certificate } = await authority.issueServerCertificate({ hosts: ['db'] });
  const [content, algorithm, value] = readChildren(readDer(readCertificate(certificate).der));
  const signature = readBitString(value!);
  const [r, s] = readChildren(readDer(signature)).map(({ bytes }) => bytes);
  const padded = joinBytes([Uint8Array.of(derTag.integer, r![1]! + 1, 0), r!.subarray(2)]);
  const spellings: Readonly<Record<string, readonly [Uint8Array, isOk: boolean]>> = {
    'as it was': [signature, true],
    'a length that is too small': [signature.map((octet, at) => (at === 1 ? octet - 0x20 : octet)), false],
    'a padded number': [derSequence(padded, s!), false],
    'a length in its long form': [joinBytes([Uint8Array.of(0x30, 0x81), signature.subarray(1)]), false],
    'something behind it': [joinBytes([signature, Uint8Array.of(0)]), false],
    'a third number': [derSequence(r!, s!, s!), false],
  };
  for (const [name, [spelling, isOk]] of Object.entries(spellings)) {
    const pem = certificatePem(derSequence(content!.bytes, algorithm!.bytes, derBitString(spelling)));
    const { ok } = await verifyChain({ chain: pem, roots: authority.certificate, purpose: 'serverAuth' });
    const judge = openssl(['verify', '-CAfile', 'root', 'leaf'], { root: authority.certificate, leaf: pem });
    assert.deepEqual([ok, judge.ok], [isOk, isOk], `${name}: ${judge.output}`);
  }
});
