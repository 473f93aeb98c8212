import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  type KeptAccess,
  planCaRollover,
  planClientCertificates,
  planMigration,
  planRenewal,
  planServerCertificate,
  type TlsPlan,
} from '../../src/tls/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { applied, clientState, type StateParts, serverState } from './state.ts';

const own = await CertificateAuthority.create({ subject: '/CN=Own', keyAlgorithm: 'ed25519' });
const common = await CertificateAuthority.create({ subject: '/CN=Common' });
const hosts = ['localhost'];
const connection = { host: 'localhost', user: 'alice', database: 'app' };
const scram = 'host all all all scram-sha-256\n';
const keep: KeptAccess = { transport: 'ssl', address: '127.0.0.1', user: 'bob', method: 'scram-sha-256' };

/** The state of a server with a certificate of a CA. */
async function serverOf(authority: CertificateAuthority, parts: StateParts = {}) {
  const server = serverState({ hba: scram, ...parts });
  return applied(server, clientState(), await planServerCertificate({ server, authority, hosts })).server;
}
const says = ({ diagnostics }: TlsPlan): readonly string[] =>
  diagnostics.map(({ code }) => code).filter((code) => code === 'tls-scram-fails' || code === 'tls-way-in-unknown');

test('a server certificate with an Ed25519 signature is told if SCRAM logins begin to fail', async () => {
  const cases: readonly [hba: string, version: PgMajor, told: boolean][] = [
    [scram, 18, true],
    [scram, 11, true],
    [scram, 10, false],
    ['host all all all md5\n', 18, true],
    ['host all all all password\nhostnossl all all all scram-sha-256\nlocal all all scram-sha-256\n', 18, false],
    ['include other.conf\nhostssl all all all cert\n', 18, true],
    ['hostssl all all all cert\n', 18, false],
    [`hostssl all all all cert\n${scram}`, 18, false],
    [`hostssl all all all reject\n${scram}`, 18, false],
    [`hostssl all all 10.0.0.0/8 cert\n${scram}`, 18, true],
  ];
  for (const [hba, version, told] of cases) {
    const plan = await planServerCertificate({ server: serverState({ hba, version }), authority: own, hosts });
    assert.deepEqual(
      [says(plan).length, / may fail \(tls-scram-fails\)$/.test(plan.summary)],
      [told ? 1 : 0, told],
      hba,
    );
  }
  // The server shows the certificates of the records in pg_hosts.conf.
  const withRecords = serverState({ hba: scram, version: 19, conf: 'ssl_sni = on\n' });
  assert.deepEqual(says(await planServerCertificate({ server: withRecords, authority: own, hosts, keep })), []);
  // The key of the server does not matter, only the key of the CA.
  const issue = { server: { keyAlgorithm: 'ed25519' } } as const;
  const request = { server: serverState({ hba: scram }), authority: common, hosts, issue };
  assert.deepEqual(says(await planServerCertificate(request)), []);
});

test('a plan tells of SCRAM if it changes the certificate, or if its own rules ask for a password', async () => {
  const server = await serverOf(own);
  assert.deepEqual(says(await planServerCertificate({ server, authority: own, hosts: ['other'], keep })), []);
  assert.deepEqual(says(await planRenewal({ server, authority: own, keep })), []);
  assert.deepEqual(says(await planClientCertificates({ server, authority: own, connection })), []);
  for (const more of [
    { rule: { password: 'scram-sha-256' } },
    { exceptions: [{ address: '10.0.0.0/8', password: 'md5' }] },
  ] as const) {
    const plan = await planClientCertificates({ server, authority: own, connection, ...more });
    assert.deepEqual(says(plan), ['tls-scram-fails']);
    assert.match(plan.summary, /may fail \(.*tls-scram-fails\)$/);
  }
  // The user of the plan logs in with the certificate alone.
  const first = await planClientCertificates({ server: serverState({ hba: scram }), authority: own, connection });
  assert.deepEqual([says(first), /tls-scram-fails/.test(first.summary)], [['tls-scram-fails'], false]);
  const request = { server: serverState({ hba: scram }), authority: own, connection };
  assert.match((await planMigration({ ...request, step: 'offer' })).summary, /may fail \(tls-scram-fails\)$/);
});

test('the step of a rollover that takes an Ed25519 certificate says so', async () => {
  let server = await serverOf(common);
  const told: string[][] = [];
  for (let step = 1; step <= 2; step++) {
    const plan = await planCaRollover({ server, current: common, next: own, keep });
    told.push([...says(plan)]);
    server = applied(server, clientState(), plan).server;
  }
  assert.deepEqual(told, [['tls-scram-fails', 'tls-way-in-unknown'], []]);
});

test('a kept connection by cleartext password does not depend on the signature', async () => {
  const server = serverState({ hba: 'hostssl all all all password\n', conf: 'ssl = on\n' });
  const plan = await planServerCertificate({ server, authority: own, hosts, keep: { ...keep, method: 'password' } });
  assert.deepEqual(says(plan), []);
});
