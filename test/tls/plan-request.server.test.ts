import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  type LoginProbe,
  planClientCertificates,
  planRenewal,
  planServerCertificate,
  readServer,
  signalReload,
  type TlsPlan,
  verifyServer,
} from '../../src/tls/index.ts';
import { forEachMajor, startServer, type TestServer, withoutPsql, withServer } from '../server/index.ts';
import { login, logins, passwordLogin, type ShownPair } from './logins.ts';
import { psqlLogin } from './psql-login.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=First' });
const stranger = await CertificateAuthority.create({ subject: '/CN=Stranger' });
const hosts = ['localhost'];
const passphrase = 'correct horse';

forEachMajor([10, 14, 18, 19], (major) => {
  let server: TestServer;

  before(async () => {
    server = await startServer({ major });
    for (const role of ['alice', 'bob']) await server.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    server.writeFiles({ 'pg_hba.conf': 'local all all trust\nhost all all 127.0.0.1/32 md5\n' });
    await server.reload();
  });
  after(() => server.remove());

  const state = () => readServer(server.dataDirectory);
  const apply = (plan: TlsPlan) => applyPlan(plan, { reload: () => signalReload(server.dataDirectory) });
  const proved = async (mustEnter: readonly LoginProbe[], mustNotEnter: readonly LoginProbe[] = []): Promise<void> => {
    const address = { host: server.host, port: server.port };
    const result = await verifyServer({ address, expected: { mustEnter, mustNotEnter }, timeout: 10_000 });
    assert.deepEqual(result, { kind: 'verified', reasons: [] });
    if (withoutPsql !== false) return;
    for (const probe of mustEnter) assert.equal(await psqlLogin(server, probe), probe.user);
    for (const probe of mustNotEnter) await assert.rejects(psqlLogin(server, probe));
  };
  const byPassword = (ca?: string): Promise<boolean> =>
    passwordLogin(server, { user: 'alice', password: 'secret', ...(ca !== undefined && { ca }) });

  test("a server certificate alone: passwords over TLS, with the server's roots only", async () => {
    await apply(await planServerCertificate({ server: await state(), authority, hosts }));
    assert.ok(await byPassword(authority.certificate));
    assert.ok(!(await byPassword(stranger.certificate)));
    assert.ok(await byPassword());
  });

  test('a certificate of another CA replaces the certificate of the own CA', async () => {
    const { chain, privateKey } = await stranger.issueServerCertificate({ hosts });
    const serverCertificate = { roots: stranger.certificate, certificate: chain, privateKey: privateKey.toPem() };
    await apply(await planServerCertificate({ server: await state(), authority, hosts, serverCertificate }));
    assert.ok(await byPassword(stranger.certificate));
    assert.ok(!(await byPassword(authority.certificate)));
  });

  test('several users in one request get in with their own certificates only', async () => {
    const { clients, ...plan } = await planClientCertificates({
      server: await state(),
      authority,
      serverCertificate: { roots: stranger.certificate },
      connection: { host: 'localhost', hostaddr: server.host, port: server.port, user: 'alice', database: 'postgres' },
      withoutCertificate: 'reject',
      users: [{ user: 'bob', withoutCertificate: 'reject' }],
    });
    await apply(plan);
    const [alice, bob] = clients.map((bundle): LoginProbe => {
      const { target, certificate } = bundle;
      const client = { certificate: certificate!, privateKey: bundle.privateKey()! };
      return { user: target.user, database: target.database, client };
    });
    const bare = ['alice', 'bob'].map((user) => ({ user, database: 'postgres' }));
    const swapped = [
      { ...alice!, user: 'bob' },
      { ...bob!, user: 'alice' },
    ];
    await proved([alice!, bob!], [...bare, ...swapped]);
    assert.ok(!(await byPassword(stranger.certificate)));
  });

  test('an exception lets a password in from its address only', async () => {
    const from = async (address: string): Promise<string> => {
      server.writeFiles({ 'pg_hba.conf': 'local all all trust\nhost all all 127.0.0.1/32 md5\n' });
      const plan = await planClientCertificates({
        server: await state(),
        authority,
        serverCertificate: { roots: stranger.certificate },
        connection: {
          host: 'localhost',
          hostaddr: server.host,
          port: server.port,
          user: 'alice',
          database: 'postgres',
        },
        withoutCertificate: 'reject',
        exceptions: [{ address, password: 'md5' }],
      });
      await apply(plan);
      const client = { certificate: plan.client.certificate!, privateKey: plan.client.privateKey()! };
      const withTls = await byPassword(stranger.certificate);
      if (!withTls) await proved([{ user: 'alice', database: 'postgres', client }]);
      return `with TLS ${withTls}, without TLS ${await byPassword()}`;
    };
    assert.equal(await from('127.0.0.1/32'), 'with TLS true, without TLS false');
    assert.equal(await from('127.0.0.2/32'), 'with TLS false, without TLS false');
  });

  if (major >= 11) {
    test('a server with an encrypted key loads a renewed certificate at the start that the plan asks for', async () => {
      const tenMonthsAgo = new Date(Date.now() - 300 * 24 * 60 * 60 * 1000);
      const old = await CertificateAuthority.create({ subject: '/CN=Old', validity: { notBefore: tenMonthsAgo } });
      server.writeFiles({ 'pg_hba.conf': 'local all all trust\nhost all all 127.0.0.1/32 md5\n' });
      const request = { authority: old, hosts, passphrase, replaceForeign: true, newKey: true, now: tenMonthsAgo };
      await server.query(`ALTER SYSTEM SET ssl_passphrase_command = 'echo "${passphrase}"'`);
      const first = await planServerCertificate({ server: await state(), ...request });
      assert.equal(first.action, 'restart');
      await applyPlan(first);
      await server.restart();
      assert.ok(await byPassword(old.certificate));
      const renewal = await planRenewal({ server: await state(), authority: old, passphrase });
      assert.deepEqual([renewal.writes.length, renewal.action], [1, 'restart']);
      await applyPlan(renewal);
      await server.reload();
      await server.waitForLog(/cannot be reloaded because it requires a passphrase/);
      await server.restart();
      assert.ok(await byPassword(old.certificate));
    });
  }
});

// This test needs `ssl_max_protocol_version`, which exists from 12 on.
forEachMajor([14, 18, 19], (major) => {
  test('a server without TLS 1.3 refuses a client key whose curve is no group, and so does a plan', async () => {
    const conf = "ssl = on\nssl_ca_file = 'root.crt'\nssl_max_protocol_version = 'TLSv1.2'\n";
    const { chain, privateKey } = await authority.issueServerCertificate({ hosts });
    const files = { 'server.crt': chain, 'server.key': privateKey.toPem(), 'root.crt': authority.certificate };
    await withServer({ major, conf, files, hba: 'local all all trust\nhostssl all all all cert\n' }, async (server) => {
      const kinds = ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519'] as const;
      const curves = { prime256v1: ['ecdsa-p256', 'ed25519'], secp384r1: ['ecdsa-p384', 'ed25519'] };
      const pairs: Record<string, ShownPair> = {};
      await server.query('CREATE ROLE alice LOGIN');
      for (const keyAlgorithm of kinds) {
        pairs[keyAlgorithm] = await authority.issueClientCertificate({ user: 'alice', keyAlgorithm });
      }
      for (const [curve, expected] of Object.entries(curves)) {
        await server.query(`ALTER SYSTEM SET ssl_ecdh_curve = '${curve}'`);
        await server.reload();
        assert.deepEqual(await logins(server, pairs, authority.certificate), expected, curve);
        const state = await readServer(server.dataDirectory);
        const connection = { host: 'localhost', port: server.port, user: 'alice', database: 'postgres' };
        for (const keyAlgorithm of kinds) {
          const issue = { client: { keyAlgorithm } };
          const plan = planClientCertificates({ server: state, authority, connection, issue });
          if (expected.includes(keyAlgorithm)) assert.match((await plan).summary, / logs in /);
          else await assert.rejects(plan, { code: 'ciphers-unfit' });
        }
      }
    });
  });

  test('a server whose ciphers fit no key refuses every client, and a plan for such a server is refused', async () => {
    const server = await startServer({ major });
    const enter = () => login(server, { ssl: { ca: authority.certificate, servername: 'localhost' } });
    const request = async () => ({ server: await readServer(server.dataDirectory), authority, hosts });
    try {
      await applyPlan(await planServerCertificate(await request()));
      const conf = { ssl_ciphers: 'ECDHE-RSA-AES256-GCM-SHA384', ssl_max_protocol_version: 'TLSv1.2' };
      await server.reload();
      assert.equal(await enter(), true);
      for (const [name, value] of Object.entries(conf)) await server.query(`ALTER SYSTEM SET ${name} = '${value}'`);
      await server.restart();
      assert.equal(await enter(), 'alert 40');
      await assert.rejects(planServerCertificate(await request()), { code: 'ciphers-unfit' });
      const issue = { server: { keyAlgorithm: 'rsa-2048' } } as const;
      await applyPlan(await planServerCertificate({ ...(await request()), newKey: true, issue }));
      await server.restart();
      assert.equal(await enter(), true);
    } finally {
      await server.remove();
    }
  });
});
