import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
// The package selfsigned loads version 1 of @peculiar/x509 into this process, before this library loads version 2. Both
// versions register their classes in the same global container.
import { generate } from 'selfsigned';
import { CertificateAuthority, inspectCertificate, verifyChain } from '../../src/pki/index.ts';

test('another copy of @peculiar/x509 in the process changes nothing', async () => {
  const options = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
  const foreign = await generate([{ name: 'commonName', value: 'foreign' }], options);
  assert.equal(inspectCertificate(foreign.cert).commonName, 'foreign');
  for (const keyAlgorithm of ['ecdsa-p256', 'rsa-2048', 'ed25519'] as const) {
    const authority = await CertificateAuthority.create({ subject: 'CN=Authority', keyAlgorithm });
    const { chain, certificate } = await authority.issueClientCertificate({ user: 'webadmin', keyAlgorithm });
    const verdict = await verifyChain({ chain, roots: authority.certificate, purpose: 'clientAuth' });
    assert.deepEqual(verdict.problems, [], keyAlgorithm);
    assert.ok(new X509Certificate(certificate).verify(new X509Certificate(authority.certificate).publicKey));
  }
  // Version 1 still works after this library has used version 2.
  assert.ok(new X509Certificate((await generate([{ name: 'commonName', value: 'x' }], options)).cert).subject);
});
