import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CertificateAuthority, type IssuedKeyPair } from '../../src/pki/index.ts';
import {
  applyPlan,
  type ClientState,
  type LoginProbe,
  planCaRollover,
  planClientCertificates,
  planMigration,
  planRenewal,
  planRevocation,
  planUserRemoval,
  readClient,
  readServer,
  type ServerState,
  signalReload,
  type TlsPlan,
  verifyServer,
} from '../../src/tls/index.ts';
import { forEachMajor, startServer, type TestServer, temporaryFolder, withoutPsql } from '../server/index.ts';
import { logins, passwordLogin } from './logins.ts';
import { psqlLogin } from './psql-login.ts';

const tenMonthsAgo = new Date(Date.now() - 300 * 24 * 60 * 60 * 1000);
const validity = { notBefore: tenMonthsAgo };
const authority = await CertificateAuthority.create({ subject: '/CN=First', validity });
const next = await CertificateAuthority.create({ subject: '/CN=Second' });

forEachMajor([10, 14, 18, 19], (major) => {
  let server: TestServer;
  let directory: string;

  before(async () => {
    server = await startServer({ major });
    directory = join(temporaryFolder(), 'client');
    await server.query("CREATE ROLE webadmin LOGIN PASSWORD 'secret'");
  });
  after(() => server.remove());

  const state = async (): Promise<{ server: ServerState; client: ClientState }> => ({
    server: await readServer(server.dataDirectory),
    client: await readClient(directory),
  });
  const connection = () => ({
    host: 'localhost',
    hostaddr: server.host,
    port: server.port,
    user: 'webadmin',
    database: 'postgres',
  });
  const apply = (plan: TlsPlan) => applyPlan(plan, { reload: () => signalReload(server.dataDirectory) });
  const user = { user: 'webadmin', database: 'postgres' };
  const shown = ({ chain, privateKey }: IssuedKeyPair): LoginProbe => ({
    ...user,
    client: { certificate: chain, privateKey: privateKey.toPem() },
  });
  /** Returns the login with the files in the client's directory. */
  const own = async (): Promise<LoginProbe> => {
    const { certificate, privateKey } = await readClient(directory);
    const text = (file: typeof certificate): string => new TextDecoder().decode(file.content!());
    return { ...user, client: { certificate: text(certificate), privateKey: text(privateKey) } };
  };
  const proved = async (mustEnter: readonly LoginProbe[], mustNotEnter: readonly LoginProbe[]): Promise<void> => {
    const address = { host: server.host, port: server.port };
    const result = await verifyServer({ address, expected: { mustEnter, mustNotEnter }, timeout: 10_000 });
    assert.deepEqual(result, { kind: 'verified', reasons: [] });
    if (withoutPsql !== false) return;
    for (const probe of mustEnter) assert.equal(await psqlLogin(server, probe), probe.user);
    for (const probe of mustNotEnter) await assert.rejects(psqlLogin(server, probe));
  };
  const entersByPassword = (ca?: string, password = 'secret'): Promise<boolean> =>
    passwordLogin(server, { user: 'webadmin', password, ...(ca !== undefined && { ca }) });

  test('a migration keeps the password, asks for the certificate, and goes back', async () => {
    server.writeFiles({ 'pg_hba.conf': 'local all all trust\nhost all all 127.0.0.1/32 md5\n' });
    await server.reload();
    const step = async (name: 'offer' | 'require' | 'back'): Promise<void> => {
      await apply(await planMigration({ ...(await state()), authority, connection: connection(), step: name }));
      await server.reload();
    };
    /**
     * Returns whether four logins succeed: with the password and no TLS, with the password and TLS, with a wrong
     * password, and with a certificate and no password.
     */
    const ways = async () => {
      const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
      const byCertificate = await logins(server, { own: { chain, privateKey } }, authority.certificate);
      return [
        await entersByPassword(),
        await entersByPassword(authority.certificate),
        await entersByPassword(next.certificate),
        await entersByPassword(undefined, 'wrong'),
        byCertificate.length === 1,
      ];
    };
    await step('offer');
    assert.deepEqual(await ways(), [true, true, false, false, false]);
    await step('require');
    assert.deepEqual(await ways(), [false, false, false, false, true]);
    await proved([await own()], [user]);
    await step('back');
    assert.deepEqual(await ways(), [true, true, false, false, false]);
  });

  test('a renewal with new keys locks nobody out', async () => {
    const withoutCertificate = 'reject';
    const request = { authority, connection: connection(), withoutCertificate } as const;
    await apply(await planClientCertificates({ ...(await state()), ...request }));
    const former = await own();
    await apply(await planRenewal({ ...(await state()), authority, newKey: true }));
    const now = await own();
    assert.notEqual(now.client?.privateKey, former.client?.privateKey);
    await proved([now, former], [user]);
    await apply(await planRenewal({ ...(await state()), authority, newKey: true, now: tenMonthsAgo }));
    const due = await own();
    await apply(await planRenewal({ ...(await state()), authority }));
    assert.notEqual((await own()).client?.certificate, due.client?.certificate);
    await proved([await own()], [user]);
  });

  test('a revoked certificate no longer gets in, and the others do', async () => {
    const lost = shown(await authority.issueClientCertificate({ user: 'webadmin' }));
    await proved([lost, await own()], []);
    const revoked = [{ certificate: lost.client!.certificate }];
    await apply(await planRevocation({ server: (await state()).server, authority, revoked }));
    await proved([await own()], [lost, user]);
    const second = shown(await authority.issueClientCertificate({ user: 'webadmin' }));
    const crls = { certificate: second.client!.certificate };
    await apply(await planRevocation({ server: (await state()).server, authority, revoked: [crls] }));
    await proved([await own()], [lost, second]);
  });

  test('a rollover lets the client in at each step, and ends trust in the last', async () => {
    const old = shown(await authority.issueClientCertificate({ user: 'webadmin' }));
    const fresh = shown(await next.issueClientCertificate({ user: 'webadmin' }));
    const plan = async (retireCurrent: boolean): Promise<TlsPlan> =>
      planCaRollover({ ...(await state()), current: authority, next, retireCurrent });
    for (const step of [1, 2, 3]) {
      const planned = await plan(false);
      assert.match(planned.summary, new RegExp(`^Step ${step} of 4`));
      await apply(planned);
      await proved([await own(), old, fresh], [user]);
    }
    assert.deepEqual((await plan(false)).writes, []);
    await apply(await plan(true));
    await proved([await own(), fresh], [old, user]);
  });

  test('a removed user does not get in, by any rule or certificate', async () => {
    const certificate = (await own()).client!.certificate;
    const plan = await planUserRemoval({
      server: (await state()).server,
      user: 'webadmin',
      otherRules: 'reject',
      revocation: { authority: next, revoked: [{ certificate }] },
    });
    assert.deepEqual(
      plan.diagnostics.map(({ code }) => code),
      ['tls-sessions-stay'],
    );
    await apply(plan);
    await proved([], [await own(), user]);
    // The rule refuses the user with any certificate, so this refusal is met, but says nothing about the CRL.
    const mustNotEnter = [shown(await next.issueClientCertificate({ user: 'webadmin' }))];
    const address = { host: server.host, port: server.port };
    assert.equal((await verifyServer({ address, expected: { mustNotEnter } })).kind, 'unproved');
    await server.reload();
    assert.ok(!(await entersByPassword()));
  });
});
