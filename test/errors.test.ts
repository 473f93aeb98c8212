import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { clientBundle, connectionTarget, libpqUri } from '../src/client/index.ts';
import { errorFrom } from '../src/errors.ts';
import { PgHostsslError } from '../src/index.ts';
import { CertificateAuthority } from '../src/pki/index.ts';
import { readServer } from '../src/tls/index.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=CA' });
const target = connectionTarget({ host: 'db', user: 'a', database: 'b' });
const bundle = clientBundle({ target, ca: authority.certificate });

test('an error shows no part of a private key that was given in place of something else', async () => {
  const pem = authority.privateKey.toPem();
  const rsa = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${pem.split('\n')[1]}\n`;
  for (const key of [pem, pem.replaceAll('\n', '\r\n'), pem.slice(0, 90), rsa]) {
    const secret = /[A-Za-z0-9+/]{24,}/.exec(key.slice(key.indexOf('KEY-----')))![0];
    for (const call of [
      () => CertificateAuthority.create({ subject: key }),
      () => authority.issueServerCertificate({ hosts: [key] }),
      () => authority.issueClientCertificate({ user: key }),
      () => authority.issueCrl({ revoked: [{ serialNumber: key }] }),
      async () => libpqUri(bundle, { directory: key }),
      () => readServer(key),
    ]) {
      await assert.rejects(call(), (error) => {
        assert.ok(error instanceof PgHostsslError);
        const { cause: _, ...shown } = error;
        const text = inspect([shown, error.message, error.stack], { maxStringLength: null });
        assert.ok(!text.includes(secret), text);
        assert.match(error.message, /\(a private key\)/);
        return true;
      });
    }
  }
});

test('an error shows advice about the first line of a private key', () => {
  const hint = 'A key begins with the line -----BEGIN PRIVATE KEY----- (or RSA), and ends.';
  assert.equal(new PgHostsslError('private-key-invalid', 'No key', { hint }).hint, hint);
});

test('an error that is made from another error keeps its code and its hint', () => {
  // The message shows a control character of a hint by an escape, so the hint is longer there.
  const cause = new PgHostsslError('crl-invalid', 'No CRL', { file: '/a', line: 2, hint: 'Remove x\n.' });
  const error = errorFrom(cause, { before: 'In b: ', file: '/b' });
  assert.deepEqual([error.code, error.file, error.line, error.hint], ['crl-invalid', '/b', 2, 'Remove x\n.']);
  assert.equal(error.message, `/b:2: In b: No CRL${cause.message.slice('/a:2: No CRL'.length)}`);
  assert.equal(error.cause, cause);
});
