import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CertificateAuthority, inspectCertificate, PrivateKey } from '../../src/pki/index.ts';
import { runs, seed } from '../property.ts';
import { openssl, withoutOpenssl } from './openssl.ts';
import { subjectOf } from './read-der.ts';

const commonNameOid = '550403';

const nastyRoles = [
  'zoë o\'b, x+y="z" #1',
  'CN=x',
  '/a=b',
  '/CN=postgres',
  'a,CN=postgres',
  'a+CN=postgres',
  'a/CN=postgres',
  '#leading',
  '#04024869',
  ' leading and trailing ',
  '  ',
  '\\',
  '\\,',
  '"quoted"',
  'a;b<c>',
  'tab\there',
  'new\nline',
  '\u0001\u007f',
  'é'.repeat(31),
  '𝔘𝔫𝔦',
  '漢字',
  '\u200b',
  '\ufeffbom',
  'x'.repeat(63),
  'DROP TABLE users; --',
];

test('a role name is the common name, byte for byte', async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=r' });
  const key = await PrivateKey.generate();
  for (const user of nastyRoles) {
    const { certificate } = await authority.issueClientCertificate({ user, key });
    assert.deepEqual(subjectOf(certificate), [{ oid: commonNameOid, tag: 0x0c, value: Buffer.from(user) }]);
    assert.equal(inspectCertificate(certificate).commonName, user);
  }
});

test('any role name of PostgreSQL is the common name, beside any other attributes', async () => {
  const provider = { crypto: globalThis.crypto };
  const authority = await CertificateAuthority.create({ subject: 'CN=r', provider });
  const key = await PrivateKey.generate('ecdsa-p256', { provider });
  const role = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 63 })
    .filter((user) => !user.includes('\0') && Buffer.byteLength(user) <= 63);
  const organisation = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((text) => !text.includes('\0'));
  await fc.assert(
    fc.asyncProperty(role, organisation, async (user, value) => {
      const subject = [[{ type: 'O', value }], [{ type: 'OU', value }]];
      const { certificate } = await authority.issueClientCertificate({ user, subject, key });
      const attributes = subjectOf(certificate);
      assert.equal(attributes.length, 3);
      assert.deepEqual(attributes.at(-1), { oid: commonNameOid, tag: 0x0c, value: Buffer.from(user) });
      assert.deepEqual(attributes[0]!.value, Buffer.from(value));
    }),
    { numRuns: runs(150), seed },
  );
});

describe('OpenSSL reads the same common name', { skip: withoutOpenssl }, () => {
  test('with any characters', async () => {
    const authority = await CertificateAuthority.create({ subject: 'CN=r' });
    const key = await PrivateKey.generate();
    for (const user of nastyRoles) {
      const { certificate } = await authority.issueClientCertificate({ user, key });
      const { output } = openssl(
        ['x509', '-noout', '-subject', '-nameopt', 'dump_all,dump_der,sname,sep_comma_plus', '-in', 'c'],
        { c: certificate },
      );
      const bytes = Buffer.from(user);
      const length = bytes.length.toString(16).padStart(2, '0');
      assert.equal(output.trim().toLowerCase(), `subject=cn=#0c${length}${bytes.toString('hex')}`);
    }
  });
});

test('a role name that no certificate can match is an error', async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=r' });
  for (const user of ['', 'a\0b', '\0', 'x'.repeat(64), 'é'.repeat(32), '\ud800', 'a\udc00b']) {
    await assert.rejects(authority.issueClientCertificate({ user }), { code: 'role-name-invalid' });
  }
});

test('the subject may contain the role, and no other role', async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=r' });
  const issue = (subject: string) => authority.issueClientCertificate({ user: 'alice', subject });
  const { certificate } = await issue('/O=Example/CN=alice/emailAddress=a@example.com');
  assert.deepEqual(
    subjectOf(certificate).map(({ value }) => value.toString()),
    ['Example', 'alice', 'a@example.com'],
  );
  for (const subject of [
    'CN=bob',
    'CN=Alice',
    '/CN=alice/CN=bob',
    '/CN=bob/CN=alice',
    '/CN=alice/CN=alice',
    '/2.5.4.3=bob',
  ]) {
    await assert.rejects(issue(subject), { code: 'name-invalid' }, subject);
  }
  await assert.rejects(
    authority.issueClientCertificate({ user: 'alice', subject: [[{ type: 'commonName', value: 'bob' }]] }),
    { code: 'name-invalid' },
  );
});
