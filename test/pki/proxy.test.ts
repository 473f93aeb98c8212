import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes, type Bytes } from '../../src/asn1/bytes.ts';
import { der, derInteger, derNull, derOctetString, derOid, derSequence } from '../../src/asn1/der.ts';
import { basicConstraints, extension, extensionOid } from '../../src/pki/certificate/extensions.ts';
import { CertificateAuthority, PrivateKey, verifyChain } from '../../src/pki/index.ts';
import { forge } from './forge.ts';
import { openssl, withoutOpenssl } from './openssl.ts';

const policy = derSequence(derOid('1.3.6.1.5.5.7.21.1'));
const proxy = (value: Bytes, critical = false) => extension(extensionOid.proxyCertInfo, value, { critical });
const plain = proxy(derSequence(policy));
const name = derSequence(der(0x82, asciiBytes('db')));

/**
 * The extensions of a leaf, and the expected problem. OpenSSL finds no issuer for a certificate with a malformed
 * extension.
 */
const cases: Readonly<Record<string, readonly [readonly Bytes[], code: string]>> = {
  'a proxy certificate': [[plain], 'proxy-certificate'],
  'a critical extension': [[proxy(derSequence(policy), true)], 'proxy-certificate'],
  'a path length and a policy': [
    [proxy(derSequence(derInteger(1), derSequence(derOid('1.3.6.1.5.5.7.21.0'), derOctetString(Uint8Array.of(1)))))],
    'proxy-certificate',
  ],
  'no policy': [[proxy(derSequence(derInteger(1)))], 'extension-invalid'],
  'no sequence': [[proxy(derNull)], 'extension-invalid'],
  'the extension twice': [[plain, plain], 'extension-invalid'],
  'the certificate of a CA': [[plain, basicConstraints({ isCa: true })], 'extension-invalid'],
  'a name of the subject': [[plain, extension(extensionOid.subjectAltName, name)], 'extension-invalid'],
  'a name of the issuer': [[plain, extension(extensionOid.issuerAltName, name)], 'extension-invalid'],
};

test('rejects a proxy certificate as OpenSSL does', { skip: withoutOpenssl }, async () => {
  const root = await CertificateAuthority.create({ subject: 'CN=Root' });
  const [key, issuerKey] = [await PrivateKey.generate(), root.privateKey];
  for (const [what, [extensions, code]] of Object.entries(cases)) {
    const chain = await forge({ subject: 'CN=u', issuer: 'CN=Root', key, issuerKey, extensions });
    const { output } = openssl(['verify', '-CAfile', 'root', 'u'], { root: root.certificate, u: chain });
    assert.match(
      output,
      code === 'proxy-certificate' ? /proxy certificates not allowed/ : /unable to get local issuer/,
      what,
    );
    const { problems } = await verifyChain({ chain, roots: root.certificate, purpose: 'clientAuth' });
    assert.deepEqual(
      problems.map((problem) => problem.code),
      [code],
      what,
    );
  }
});
