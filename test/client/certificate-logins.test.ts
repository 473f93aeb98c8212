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

/** Alice is a member of `staff`; `bob` is a member of no other role. */
const facts = {
  roles: ['alice', 'bob', 'staff'],
  memberOf: (user: string, role: string): boolean => user === role || (user === 'alice' && role === 'staff'),
};

test('a rule for samerole lets in the members of the known roles, and each role into its own database', async () => {
  const { certificate } = await authority.issueClientCertificate({ user: 'alice' });
  for (const [hba, database] of [
    ['hostssl samerole alice all cert\n', 'alice'],
    ['hostssl samerole +staff all cert\n', 'alice'],
    ['hostssl samerole,app alice all cert\n', 'alice'],
    ['hostssl sameuser all all reject\nhostssl samerole alice all cert\n', 'staff'],
  ] as const) {
    const answer = await certificateLogins(certificate, { hba: HbaFile.parse(hba) }, facts);
    assert.ok(answer.kind === 'logins' && answer.complete);
    assert.deepEqual(
      answer.logins.map(({ user, kind, connection, supposing }) => [user, kind, connection?.database, supposing]),
      [['alice', 'admitted', database, []]],
      hba,
    );
  }
});

test('a rule of which no example is found is an unknown login', async () => {
  const { certificate } = await authority.issueClientCertificate({ user: 'bob' });
  const hba = HbaFile.parse('hostssl sameuser all all reject\nhostssl samerole bob all cert\n');
  const answer = await certificateLogins(certificate, { hba }, { roles: facts.roles });
  assert.ok(answer.kind === 'logins' && answer.complete);
  assert.deepEqual(
    answer.logins.map(({ user, kind, rule, connection }) => [user, kind, rule.line, connection]),
    [['bob', 'unknown', 2, undefined]],
  );
});
