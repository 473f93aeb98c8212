import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all } from '../../src/hba/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  type ClientCertificatePlan,
  planClientCertificates,
  planUserRemoval,
  type TlsRequest,
} from '../../src/tls/index.ts';
import { applied, clientState, serverState } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Own' });
const local = 'local all postgres trust\n';
const rest = 'host all all all scram-sha-256\n';

function planned(hba: string, request: Partial<TlsRequest> = {}): Promise<ClientCertificatePlan> {
  const connection = { host: 'localhost', user: 'a1', database: 'app' };
  const conf = "listen_addresses = '*'\n";
  return planClientCertificates({ server: serverState({ conf, hba }), authority, connection, ...request });
}

/** The diagnostics about rejections, as `code severity line`. */
function rejections({ diagnostics }: Pick<ClientCertificatePlan, 'diagnostics'>): readonly string[] {
  return diagnostics
    .filter(({ code }) => code === 'tls-before-reject' || code === 'tls-behind-reject')
    .map(({ code, severity, range }) => `${code} ${severity} ${range.start.line}`);
}

test('a rejection above the rule that may refuse the login is a warning, and the summary promises no login', async () => {
  const promised = /^"a1" logs in with a certificate at [^,]*, database "app"$/;
  const doubtful =
    /^"a1" gets a rule with a certificate at [^,]*, database "app", but the connection may fail \(tls-behind-reject\)$/;
  const elsewhere = { connection: { host: 'db.example.com', user: 'a1', database: 'app' } };
  const cases: readonly [rule: string, request: Partial<TlsRequest>, severity: string][] = [
    ['host all all 127.0.0.0/8 reject', {}, 'warning'],
    ['host all all localhost reject', {}, 'warning'],
    ['host all all samehost reject', {}, 'warning'],
    ['host all +grp all reject', {}, 'warning'],
    ['host all +grp all reject', elsewhere, 'warning'],
    ['host all +grp 0.0.0.0/0 reject', elsewhere, 'warning'],
    ['host all +grp 10.0.0.0/8 reject', { ...elsewhere, rule: { address: '10.1.0.0/16' } }, 'warning'],
    ['host all all 10.0.0.0/8 reject', {}, 'info'],
    ['host all all ::1/128 reject', { connection: { host: '127.0.0.1', user: 'a1', database: 'app' } }, 'info'],
    ['host all all 10.0.0.0/8 reject', elsewhere, 'info'],
    ['host all +grp 10.0.0.0/8 reject', elsewhere, 'info'],
    // A rejection for another database than that of the login.
    ['host other +grp all reject', { rule: { databases: ['app', 'other'] } }, 'info'],
  ];
  for (const [rule, request, severity] of cases) {
    const plan = await planned(`${local}${rule}\n${rest}`, request);
    assert.deepEqual(rejections(plan), [`tls-behind-reject ${severity} 2`], rule);
    assert.match(plan.summary, severity === 'info' ? promised : doubtful, rule);
  }
});

test('a rejection that the plan overrules is reported', async () => {
  const cases: readonly [hba: string, found: readonly string[]][] = [
    [`host all a1 all reject\n${rest}`, ['tls-before-reject warning 2']],
    [`host all /^a all reject\n${rest}`, ['tls-before-reject warning 2']],
    [`host all all all reject\n${rest}`, ['tls-before-reject warning 2']],
    // The rejection that ends a file is no news, but it is told once.
    ['host all all all reject\n', ['tls-before-reject info 2']],
    [`host all all 10.0.0.0/8 scram-sha-256\nhost all all all reject\n`, ['tls-before-reject info 3']],
  ];
  for (const [hba, found] of cases) {
    for (const withoutCertificate of ['unchanged', 'reject'] as const) {
      const plan = await planned(`${local}${hba}`, { withoutCertificate });
      assert.deepEqual(rejections(plan), found, hba);
      const { server } = applied(serverState({ hba: `${local}${hba}` }), clientState(), plan);
      assert.deepEqual(rejections(await planned('', { server, withoutCertificate })), [], hba);
    }
  }
});

test('a user who was removed does not come back silently', async () => {
  const server = serverState({ hba: `${local}hostssl app a1 all cert\n${rest}` });
  const removal = await planUserRemoval({ server, user: 'a1', otherRules: 'reject' });
  const removed = applied(server, clientState(), removal).server;
  for (const withoutCertificate of ['unchanged', 'reject'] as const) {
    const plan = await planned('', { server: removed, withoutCertificate });
    assert.deepEqual(rejections(plan), ['tls-before-reject warning 2'], withoutCertificate);
  }
  // The rejection of an earlier plan is no removal, also if the next plan is for more databases.
  const earlier = await planned(`${local}${rest}`, { withoutCertificate: 'reject' });
  const { server: then } = applied(serverState({ hba: `${local}${rest}` }), clientState(), earlier);
  const rule = { databases: ['app', 'other'] } as const;
  assert.deepEqual(rejections(await planned('', { server: then, withoutCertificate: 'reject', rule })), []);
});

test('the database of a connection must be one of the databases of its rules', async () => {
  const refused = { code: 'argument-invalid', message: /rule\.databases of the request does not contain "app"/ };
  await assert.rejects(planned(rest, { rule: { databases: ['other'] } }), refused);
  // The text 'all' is the name of a database.
  await assert.rejects(planned(rest, { rule: { databases: ['all'] } }), refused);
  await assert.rejects(planned(rest, { users: [{ user: 'b1', rule: { databases: ['other'] } }] }), {
    ...refused,
    message: /users\[0\]\.rule\.databases/,
  });
  await planned(rest, { users: [{ user: 'b1', database: 'other', rule: { databases: ['other'] } }] });
  await planned(rest, { users: [{ user: 'a1', rule: { databases: ['other'], address: '10.0.0.0/8' } }] });
  for (const databases of [[all], [{ regex: '^ap' }], [{ file: 'names' }], [{ keyword: 'samerole' }]] as const) {
    await planned(rest, { rule: { databases } });
  }
  await planned(rest, { rule: { databases: [{ keyword: 'replication' }] } });
});

test('no rule of the plan gets a diagnostic, also if a user has several', async () => {
  const rule = { password: 'scram-sha-256' } as const;
  const server = serverState({ version: 10, hba: `${local}${rest}` });
  const users = [{ user: 'a1', rule: { ...rule, address: '10.0.0.0/8' } }];
  const { diagnostics } = await planned('', { server, rule, users, withoutCertificate: 'reject' });
  assert.deepEqual(
    diagnostics.filter(({ code }) => code === 'tls-other-certificate'),
    [],
  );
});
