// Issues and verifies certificates of each kind of key with the built package. `npm run runtimes` runs this file. It is
// JavaScript because every runtime must run it unchanged.
import assert from 'node:assert/strict';
import { testBundle } from 'pg-hostssl/client';
import { CertificateAuthority, verifyChain } from 'pg-hostssl/pki';

for (const keyAlgorithm of ['ecdsa-p256', 'ecdsa-p384', 'ed25519', 'rsa-2048']) {
  const authority = await CertificateAuthority.create({ subject: 'CN=Runtime CA', keyAlgorithm });
  const roots = authority.certificate;
  const client = await authority.issueClientCertificate({ user: 'alice', keyAlgorithm });
  const server = await authority.issueServerCertificate({ hosts: ['localhost', '127.0.0.1'], keyAlgorithm });
  const verify = (chain, purpose, more = {}) => verifyChain({ chain, roots, purpose, ...more });
  assert.deepEqual((await verify(client.chain, 'clientAuth')).problems, [], keyAlgorithm);
  assert.deepEqual((await verify(server.chain, 'serverAuth')).problems, [], keyAlgorithm);
  const { crl } = await authority.issueCrl({ revoked: [{ certificate: client.certificate }] });
  const codes = (await verify(client.chain, 'clientAuth', { crls: crl })).problems.map(({ code }) => code);
  assert.deepEqual(codes, ['revoked'], keyAlgorithm);
  const other = await CertificateAuthority.create({ subject: 'CN=Runtime CA', keyAlgorithm });
  assert.equal((await verifyChain({ chain: client.chain, roots: other.certificate, purpose: 'clientAuth' })).ok, false);
}
assert.equal(typeof testBundle, 'function');
