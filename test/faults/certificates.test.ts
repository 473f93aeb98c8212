import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePem } from '../../src/asn1/pem.ts';
import { parsePgVersion } from '../../src/index.ts';
import { CertificateAuthority, checkRevocation, verifyChain } from '../../src/pki/index.ts';
import { readClient, readServer } from '../../src/tls/index.ts';
import { treePort } from '../configuration/tree-port.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=CA' });
const { chain } = await authority.issueClientCertificate({ user: 'alice' });
const roots = authority.certificate;
const { crl } = await authority.issueCrl();
const der = Buffer.from(decodePem(crl)[0]!.der);

async function told(crls: string): Promise<string> {
  const { problems } = await verifyChain({ chain, roots, purpose: 'clientAuth', crls });
  const others = await checkRevocation({ authorities: roots, crls });
  return [...problems, ...others].map(({ code, message }) => `${code}: ${message}`).join('\n');
}

test('a CRL in DER is reported as DER, and not as missing', async () => {
  for (const crls of [der.toString('latin1'), der.toString('utf8'), 'junk']) {
    const text = await told(crls);
    assert.match(
      text,
      /^(?:crl-missing: .* has no PEM block X509 CRL\. Convert a CRL in DER: openssl crl [^\n]*\n?){3}$/,
    );
    assert.doesNotMatch(text, /issue a CRL/);
  }
  assert.match(await told(' \n'), /^(?:crl-missing: .*issue a CRL, [^\n]*\n?){3}$/);
  const crls = der as never;
  const refusal = { code: 'argument-invalid', message: /no CRL in DER. Convert/ };
  await assert.rejects(verifyChain({ chain, roots, purpose: 'clientAuth', crls }), refusal);
  await assert.rejects(checkRevocation({ authorities: roots, crls }), refusal);
});

test('a CRL by the old CA certificate, and a leaf by another certificate of the CA, are reported', async () => {
  const old = await CertificateAuthority.create({ subject: '/CN=CA' });
  assert.match(await told((await old.issueCrl()).crl), /authority key identifier\), perhaps a former CA certificate/);
  const leaf = (await old.issueClientCertificate({ user: 'alice' })).chain;
  const { problems } = await verifyChain({ chain: leaf, roots, purpose: 'clientAuth' });
  assert.equal(problems[0]?.code, 'issuer-missing');
  assert.match(problems[0].message, /authority key identifier demands; it may belong to an older or newer CA/);
});

test('a directory in place of a file is reported', async () => {
  const files = treePort({
    '/d/PG_VERSION': '18\n',
    '/d/postgresql.conf': '',
    '/d/pg_hba.conf': '',
    '/d/root.crt/x': '',
    '/c/root.crt/x': '',
  });
  for (const reading of [readServer('/d', { files }), readClient('/c', { files })]) {
    await assert.rejects(reading, (error: Error & { code?: string }) => {
      assert.equal(error.code, 'file-not-readable');
      assert.match(error.message, /Replace the directory, pipe or device by a file/);
      assert.doesNotMatch(error.message, /Run the program as/);
      return true;
    });
  }
});

test('a missing data directory and an unknown major version are reported', async () => {
  await assert.rejects(readServer(undefined as never), { code: 'argument-invalid', message: /data directory .* path/ });
  for (const text of ['99\n', 99, 'PostgreSQL 99.1 on x', 990001]) {
    assert.throws(() => parsePgVersion(text), { code: 'version-unknown', message: /^PostgreSQL 99 is newer than \d+/ });
  }
  assert.throws(() => parsePgVersion('8.4\n'), { code: 'version-unknown', message: /^"8\.4" is not/ });
  const files = treePort({ '/d/PG_VERSION': '99\n' });
  await assert.rejects(readServer('/d', { files }), { code: 'version-unknown', message: /version 99 is not known/ });
});
