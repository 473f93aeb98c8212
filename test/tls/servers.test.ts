import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { attempt, type Outcome } from '../../examples/attempt.ts';
import { type ClientBundle, clientBundle, libpqKeyValue, libpqUri, pgConfig } from '../../src/client/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  type ApplyReport,
  applyPlan,
  planClientCertificates,
  type RuleRequest,
  readClient,
  readServer,
  type TlsPlan,
  type TlsRequest,
} from '../../src/tls/index.ts';
import { forEachMajor, psql, startServer, type TestServer, temporaryFolder, withoutPsql } from '../server/index.ts';

const authority = await CertificateAuthority.create({ subject: '/O=Example/CN=Authority' });
const stranger = await CertificateAuthority.create({ subject: '/O=Example/CN=Authority' });
// A role name with all characters with which PostgreSQL tools are known to have problems.
const oddUser = 'zoë o\'b, x+y="z" #1';

forEachMajor([10, 11, 12, 14, 18, 19], (major) => {
  let server: TestServer;

  before(async () => {
    server = await startServer({ major });
    for (const role of ['webadmin', 'other', 'plain', `"${oddUser.replaceAll('"', '""')}"`]) {
      await server.query(`CREATE ROLE ${role} LOGIN`);
    }
    await server.query('CREATE DATABASE app');
  });
  after(() => server.remove());

  test('the certificate lets in; without it, with another or a foreign certificate, or without TLS the server refuses', async () => {
    const { bundle, plan, report } = await howTo(server, 'webadmin', { withoutCertificate: 'reject' });
    assert.deepEqual(
      report.written,
      plan.writes.map(({ path }) => path),
    );
    assert.deepEqual([report.unchanged, report.notCarriedOver, report.action], [[], [], 'reload']);
    const { ca } = pgConfig(bundle).ssl;
    admitted(await attempt(pgConfig(bundle)), '/CN=webadmin');

    refused(await login(bundle, { ca }), /^connection requires a valid client certificate$/);
    const other = await authority.issueClientCertificate({ user: 'other' });
    const withOther = { ca, cert: other.chain, key: other.privateKey.toPem() };
    refused(await login(bundle, withOther), /^certificate authentication failed for user "webadmin"$/);
    await server.waitForLog(/provided user name \(webadmin\) and authenticated user name \(other\) do not match/);
    const encryption = major >= 14 ? 'no encryption' : 'SSL off';
    refused(
      await login(bundle, false),
      new RegExp(
        `^pg_hba.conf rejects connection for host "127.0.0.1", user "webadmin", database "app", ${encryption}$`,
      ),
    );
    const forged = await stranger.issueClientCertificate({ user: 'webadmin' });
    refused(
      await login(bundle, { ca, cert: forged.chain, key: forged.privateKey.toPem() }),
      /unknown ca|ECONNRESET|terminated/i,
    );
    await server.waitForLog(/could not accept SSL connection: certificate verify failed/);
    // The rule of the plan is for one database. No rule lets the user into another database.
    refused(await attempt({ ...pgConfig(bundle), database: 'postgres' }), /rejects connection .* database "postgres"/);
    // The rules for other users are unchanged, so they still get in.
    admitted(await attempt({ host: '127.0.0.1', port: server.port, user: 'plain', database: 'app' }));
  });

  test('a second apply and a second plan change nothing, and the server has no complaint', async () => {
    const { plan } = await howTo(server, 'webadmin', { withoutCertificate: 'reject' });
    assert.deepEqual(
      plan.writes.filter(({ path }) => path.startsWith(server.dataDirectory)),
      [],
    );
    assert.equal(plan.action, 'none');
    const rows = await server.query('SELECT * FROM pg_hba_file_rules WHERE error IS NOT NULL OR type IS NULL');
    assert.deepEqual(rows, []);
    const settings = await server.query("SELECT * FROM pg_file_settings WHERE name LIKE 'ssl%' AND NOT applied");
    assert.deepEqual(settings, []);
    assert.deepEqual(await server.query('SHOW ssl_ca_file'), [{ ssl_ca_file: 'root.crt' }]);
  });

  test('any role name works, and psql with both of its strings', { skip: withoutPsql }, async () => {
    const { bundle, folder } = await howTo(server, oddUser);
    admitted(await attempt(pgConfig(bundle)));
    for (const spell of [libpqUri, libpqKeyValue]) {
      const sql = 'SELECT current_user, current_database(), ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
      assert.equal(await psql(spell(bundle, { directory: folder }), sql), `${oddUser}|app|t\n`);
    }
  });

  test('any role name works with the files that pg reads itself', async () => {
    const { bundle, folder } = await howTo(server, oddUser);
    const outcome = await attempt({ connectionString: libpqUri(bundle, { directory: folder }) });
    admitted(outcome);
  });

  for (const password of ['scram-sha-256', 'md5'] as const) {
    test(`certificate and password (${password}): the name is checked from 12 on, and before 12 the plan says that it is not`, async () => {
      const user = `user_${password === 'md5' ? 'md5' : 'scram'}`;
      await server.query(`SET password_encryption = '${password}'`);
      await server.query(`CREATE ROLE ${user} LOGIN PASSWORD 'open sesame'`);
      const { bundle, plan } = await howTo(server, user, { rule: { password } satisfies RuleRequest });
      const config = { ...pgConfig(bundle), password: 'open sesame' };
      admitted(await attempt(config), `/CN=${user}`);
      refused(await attempt({ ...config, password: 'wrong' }), /password authentication failed/);
      refused(
        await login(bundle, { ca: bundle.ca }, config.password),
        /connection requires a valid client certificate/,
      );

      const other = await authority.issueClientCertificate({ user: 'other' });
      const outcome = await attempt({
        ...config,
        ssl: { ...config.ssl, cert: other.chain, key: other.privateKey.toPem() },
      });
      const saysSo = plan.diagnostics.some(({ code }) => code === 'tls-name-not-bound');
      assert.equal(saysSo, 'session' in outcome);
      assert.equal(saysSo, major < 12);
      if (!saysSo) refused(outcome, /authentication failed for user/);
    });
  }

  test('a rule appended after the stock lines would be unreachable, so the plan puts it above them', async () => {
    await server.query('CREATE ROLE shadowed LOGIN');
    const { bundle } = await howTo(server, 'shadowed');
    refused(await login(bundle, { ca: bundle.ca }), /connection requires a valid client certificate/);
    // A login without a certificate still succeeds, because the request did not ask to reject it; a diagnostic of the
    // plan says so.
    admitted(await login(bundle, false));
  });

  test('an intermediate CA takes over: both sides trust its root, and send the chain', async () => {
    const root = await CertificateAuthority.create({ subject: '/CN=Root', pathLength: 1 });
    const intermediate = await root.issueIntermediateAuthority({ subject: '/CN=Databases' });
    await server.query('CREATE ROLE chained LOGIN');
    const request = { authority: intermediate, replaceForeign: true };
    await assert.rejects(howTo(server, 'chained', request), { code: 'root-missing' });
    const { bundle } = await howTo(server, 'chained', { ...request, roots: root.certificate });
    assert.equal(bundle.ca, root.certificate);
    admitted(await attempt(pgConfig(bundle)), '/CN=chained');
    // The server still trusts the root that it trusted before the plan.
    const former = await authority.issueClientCertificate({ user: 'webadmin' });
    const target = { ...bundle.target, user: 'webadmin' };
    const webadmin = clientBundle({ target, ca: bundle.ca, certificate: former.chain, privateKey: former.privateKey });
    admitted(await login(webadmin, { ca: bundle.ca, cert: former.chain, key: former.privateKey.toPem() }));
  });
});

interface HowTo {
  readonly plan: TlsPlan;
  readonly report: ApplyReport;
  readonly bundle: ClientBundle;
  readonly folder: string;
}

/** Makes a plan, applies it, and reloads the server. The files of the client are in a folder of their own. */
async function howTo(server: TestServer, user: string, options: Partial<TlsRequest> = {}): Promise<HowTo> {
  const folder = join(temporaryFolder(), 'client');
  const plan = await planClientCertificates({
    server: await readServer(server.dataDirectory),
    client: await readClient(folder),
    authority,
    connection: { host: 'localhost', hostaddr: server.host, port: server.port, user, database: 'app' },
    ...options,
  });
  const report = await applyPlan(plan);
  assert.deepEqual(await applyPlan(plan), { ...report, written: [], unchanged: report.written });
  await server.reload();
  return { plan, report, bundle: plan.client, folder };
}

/** Logs in as the user of the bundle, with the given TLS options instead of those of the bundle. */
function login(bundle: ClientBundle, ssl: object | false, password?: string): Promise<Outcome> {
  const { ssl: own, ...config } = pgConfig(bundle);
  return attempt({ ...config, password, ssl: ssl && { host: own.host, servername: own.servername, ...ssl } });
}

function admitted(outcome: Outcome, clientName?: string): void {
  assert.ok('session' in outcome, JSON.stringify(outcome));
  if (clientName !== undefined) assert.deepEqual([outcome.session.ssl, outcome.session.client], [true, clientName]);
}

function refused(outcome: Outcome, message: RegExp): void {
  assert.ok('refusal' in outcome, JSON.stringify(outcome));
  assert.match(outcome.refusal, message);
}
