import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCrlFiles } from '../../src/configuration/crl-directory.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';

test('a file of a directory loads only if OpenSSL reads a CRL in it', async () => {
  const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
  const { crl } = await authority.issueCrl();
  const unread = crl.replaceAll('X509 CRL', 'CRL');
  const otherBlock = '-----BEGIN CRL-----\nAAAA\n-----END CRL-----\n';
  const loads = (text: string): boolean =>
    findCrlFiles(['5a3f0c1e'], (name) => (name.endsWith('.r0') ? new TextEncoder().encode(text) : undefined)).found
      .size === 1;
  assert.deepEqual([crl, crl + unread, crl + otherBlock].map(loads), [true, true, true]);
  assert.deepEqual([unread, `-----BEGIN X509 CRL-----\n${unread}`, ''].map(loads), [false, false, false]);
});
