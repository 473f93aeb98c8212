import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { withAuthoritiesOf } from '../../src/tls/plan/pairs/kept-authorities.ts';

const countOf = (pem: string): number => pem.match(/BEGIN CERTIFICATE/g)!.length;

test('a new chain keeps no more CA certificates than one path can hold', async () => {
  let issuer = await CertificateAuthority.create({ subject: '/CN=Root', pathLength: 200 });
  let above = '';
  for (let i = 199; i > 70; i--) {
    issuer = await issuer.issueIntermediateAuthority({ subject: `/CN=${i}`, pathLength: i });
    above = issuer.certificate + above;
  }
  const { certificate } = await issuer.issueServerCertificate({ hosts: ['localhost'] });
  const few = certificate + issuer.certificate;
  assert.equal(withAuthoritiesOf(few, certificate, new Date()), few);
  assert.equal(countOf(certificate + above), 130);
  assert.equal(countOf(withAuthoritiesOf(certificate + above, certificate, new Date())), 102);
});
