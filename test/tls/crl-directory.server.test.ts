import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { checkCertificates, readConfiguration } from '../../src/configuration/index.ts';
import { CertificateAuthority, type IssuedKeyPair } from '../../src/pki/index.ts';
import {
  applyPlan,
  planCaRollover,
  planClientCertificates,
  planRenewal,
  planRevocation,
  readServer,
  signalReload,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { openssl, withoutOpenssl } from '../pki/openssl.ts';
import { forEachMajor, startServer, type TestServer } from '../server/index.ts';
import { logins } from './logins.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=First CA, of  Ünïts' });
const next = await CertificateAuthority.create({ subject: '/CN=Second' });
/** A CA with the same name as the first CA, so that the CRLs of both have the same hash. */
const namesake = await CertificateAuthority.create({ subject: '/CN=First CA, of  Ünïts' });

forEachMajor([14, 18, 19], (major) => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ major, hba: 'local all all trust\n' });
    for (const user of ['alice', 'bob']) await server.query(`CREATE ROLE ${user} LOGIN`);
  });
  after(() => server.remove());

  const paths = { crlDirectory: 'crls' };
  const state = (isNamed = false) => readServer(server.dataDirectory, isNamed ? { paths } : {});
  const apply = (plan: TlsPlan) => applyPlan(plan, { reload: () => signalReload(server.dataDirectory) });
  const roots = authority.certificate + next.certificate + namesake.certificate;
  const enter = (pairs: Readonly<Record<string, IssuedKeyPair>>) => logins(server, pairs, roots);
  const judged = async () => {
    const configuration = await readConfiguration(server.dataDirectory);
    const errors = configuration.diagnostics.filter(({ severity }) => severity !== 'info');
    return [...errors, ...(await checkCertificates(configuration))].map(({ message }) => message);
  };

  test('CRLs in a directory refuse the revoked certificate alone, also after a renewal and a rollover', async () => {
    const connection = {
      host: 'localhost',
      hostaddr: server.host,
      port: server.port,
      user: 'alice',
      database: 'postgres',
    };
    const users = [{ user: 'bob' }];
    await apply(await planClientCertificates({ server: await state(), authority, connection, users }));
    const [lost, second, alice, bob] = await Promise.all(
      ['alice', 'bob', 'alice', 'bob'].map((user) => authority.issueClientCertificate({ user })),
    );
    const pairs = { lost: lost!, second: second!, alice: alice!, bob: bob! };
    assert.deepEqual(await enter(pairs), ['lost', 'second', 'alice', 'bob']);

    const first = await planRevocation({
      server: await state(true),
      authority,
      revoked: [{ certificate: lost!.certificate }],
    });
    await apply(first);
    assert.deepEqual(await enter(pairs), ['second', 'alice', 'bob']);
    assert.deepEqual(await judged(), []);

    await apply(
      await planRevocation({ server: await state(), authority, revoked: [{ certificate: second!.certificate }] }),
    );
    assert.deepEqual(await enter(pairs), ['alice', 'bob']);

    // The server also trusts a CA with the same name. Its CRL comes second under the same hash, and decides about the
    // chains of that CA.
    writeFileSync((await state()).ca.path, authority.certificate + namesake.certificate);
    const { crl } = await namesake.issueCrl();
    const plan = await planRevocation({ server: await state(), crls: crl });
    assert.match(plan.writes.map(({ path }) => path).join(), /\/crls\/[0-9a-f]{8}\.r1$/);
    await apply(plan);
    const other = await namesake.issueClientCertificate({ user: 'bob' });
    assert.deepEqual(await enter({ ...pairs, other }), ['alice', 'bob', 'other']);
    assert.deepEqual(await judged(), []);

    const later = new Date(Date.now() + 25 * 86_400_000);
    const renewal = await planRenewal({ server: await state(), authority, now: later });
    assert.match(renewal.summary, /revocation list/);
    // A CRL whose period of validity begins later would make the server refuse everybody now.
    const renewed = await planRevocation({ server: await state(), authority });
    await apply(renewed);
    assert.deepEqual(await enter({ ...pairs, other }), ['alice', 'bob', 'other']);

    for (let step = 1; ; step++) {
      const request = { server: await state(), current: authority, next, retireCurrent: step > 2 };
      const rollover = await planCaRollover(request);
      if (rollover.writes.length === 0) break;
      await apply(rollover);
      const fresh = await next.issueClientCertificate({ user: 'alice' });
      const expected = step > 2 ? ['other', 'fresh'] : ['alice', 'bob', 'other', 'fresh'];
      assert.deepEqual(await enter({ ...pairs, other, fresh }), expected);
      assert.deepEqual(await judged(), []);
    }
    const fresh = await next.issueClientCertificate({ user: 'alice' });
    const revoked = [{ certificate: fresh.certificate }];
    await apply(await planRevocation({ server: await state(), authority: next, revoked }));
    assert.deepEqual(await enter({ other, fresh }), ['other']);
    await server.restart();
    assert.deepEqual(await enter({ other, fresh }), ['other']);
    // The value of `ssl_crl_dir` may name several directories, separated by colons. The library does not check their
    // CRLs, and no plan writes into them.
    appendFileSync(join(server.dataDirectory, 'postgresql.conf'), "ssl_crl_dir = 'nowhere:crls'\n");
    await server.reload();
    assert.deepEqual(await enter({ other, fresh }), ['other']);
    assert.deepEqual(await judged(), []);
    await assert.rejects(planRevocation({ server: await state(), authority: next }), { code: 'argument-invalid' });
    // A path with a colon is two paths for OpenSSL, in which it finds no CRL.
    const parted = join(server.dataDirectory, 'a:b');
    cpSync(join(server.dataDirectory, 'crls'), parted, { recursive: true });
    chmodSync(parted, 0o755);
    for (const name of readdirSync(parted)) chmodSync(join(parted, name), 0o644);
    appendFileSync(join(server.dataDirectory, 'postgresql.conf'), `ssl_crl_dir = '${parted}'\n`);
    await server.reload();
    assert.deepEqual(await enter({ other, fresh }), []);
    rmSync(parted, { recursive: true });
    appendFileSync(join(server.dataDirectory, 'postgresql.conf'), "ssl_crl_dir = 'crls'\n");
    await server.reload();
  });

  test('the files have the names that openssl gives them', { skip: withoutOpenssl }, async () => {
    const { crl, fileName } = await authority.issueCrl();
    const { output } = openssl(['crl', '-in', 'crl', '-noout', '-hash'], { crl });
    assert.equal(fileName, `${output.trim()}.r0`);
    assert.ok((await state()).crlDirectory!.names!.includes(fileName));
  });
});
