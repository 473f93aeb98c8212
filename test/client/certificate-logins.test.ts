import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateLogins } from '../../src/client/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';

const authority = await CertificateAuthority.create({ subject: 'CN=Root' });

test('an answer without roles says if it is complete', async () => {
  const { certificate } = await authority.issueClientCertificate({ user: 'alice' });
  const completeness: readonly (readonly [string, string, boolean])[] = [
    ['hostssl all all all cert\n', '', true],
    ['hostssl all all all cert map=m\n', 'm alice bob\n', true],
    ['hostssl all all all cert map=m\n', 'm alice all\n', false],
    ['hostssl all all all cert map=m\n', 'm alice /^b\n', false],
    ['hostssl all +staff all cert\n', '', false],
    ['hostssl all all all trust clientcert=verify-ca\n', '', false],
  ];
  for (const [hba, ident, complete] of completeness) {
    const answer = await certificateLogins(certificate, { hba: HbaFile.parse(hba), ident: IdentFile.parse(ident) });
    assert.equal(answer.kind === 'logins' && answer.complete, complete, hba + ident);
  }
});

test('files that the server refuses have no answer', async () => {
  const { certificate } = await authority.issueClientCertificate({ user: 'alice' });
  const answer = await certificateLogins(certificate, { hba: HbaFile.parse('hostssl all all all certs\n') });
  assert.equal(answer.kind, 'file-refused');
});
