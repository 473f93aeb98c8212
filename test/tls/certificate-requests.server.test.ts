import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { ClientConfig } from 'pg';
import { type ClientBundle, clientBundle, pgConfig } from '../../src/client/index.ts';
import { CertificateAuthority, inspectCertificate } from '../../src/pki/index.ts';
import {
  applyPlan,
  type ForeignCertificate,
  planCertificateRequests,
  planClientCertificates,
  planRevocation,
  planServerCertificate,
  planUserRemoval,
  readClient,
  readServer,
  signalReload,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { forEachMajor, startServer, type TestServer, temporaryFolder, withoutPsql } from '../server/index.ts';
import { login, succeeds } from './logins.ts';
import { psqlLogin } from './psql-login.ts';

// The CA of another company, whose key is never given to a plan.
const company = await CertificateAuthority.create({ subject: '/CN=Company', pathLength: 1 });
const issuing = await company.issueIntermediateAuthority({ subject: '/CN=Company issuing' });
const vault = await CertificateAuthority.create({ subject: '/CN=Vault' });
const hosts = ['localhost'];

forEachMajor([10, 14, 18, 19], (major) => {
  let server: TestServer;
  let directory: string;
  before(async () => {
    server = await startServer({ major, hba: 'local all all trust\nhost all all 127.0.0.1/32 trust\n' });
    directory = join(temporaryFolder(), 'client');
    for (const role of ['alice', 'bob', 'carol', 'dave']) await server.query(`CREATE ROLE ${role} LOGIN`);
  });
  after(() => server.remove());

  const state = () => readServer(server.dataDirectory);
  const apply = (plan: TlsPlan) => applyPlan(plan, { reload: () => signalReload(server.dataDirectory) });
  const ownFiles = () => readdirSync(server.dataDirectory).filter((name) => name.startsWith('server-'));
  const enters = (bundle: ClientBundle, more: object = {}): Promise<boolean> =>
    connects({ ...(pgConfig(bundle) as ClientConfig), ...more });
  /** Logs in with `pg` and with `psql`, checks that both succeed or both fail, and returns whether they succeed. */
  const connects = async (config: ClientConfig): Promise<boolean> => {
    const enters = (await login(server, config)) === true;
    if (withoutPsql !== false) return enters;
    const { user = '', database = 'postgres' } = config;
    const { ca, cert, key } = (config.ssl || {}) as { ca?: string; cert?: string; key?: string };
    const client = cert === undefined ? {} : { client: { certificate: cert, privateKey: key! } };
    const byPsql = psqlLogin(server, { user, database, ...client }, { ca, tls: config.ssl !== false });
    assert.equal(await succeeds(() => byPsql), enters, `psql as "${user}"`);
    return enters;
  };
  const trusted: ForeignCertificate = { roots: company.certificate };

  test('requests for missing keys, and certificates for them, let a user in', async () => {
    const request = async () => ({ server: await state(), client: await readClient(directory), user: 'alice', hosts });
    const plan = await planCertificateRequests(await request());
    assert.equal(plan.action, 'none');
    assert.doesNotMatch(JSON.stringify(plan.requests), /PRIVATE/);
    await apply(plan);
    assert.ok(existsSync(join(server.dataDirectory, 'server.key')) && existsSync(join(directory, 'postgresql.key')));
    assert.deepEqual((await planCertificateRequests(await request())).writes, []);

    const [forServer, forClient] = plan.requests;
    const serverCertificate = {
      ...trusted,
      certificate: (await issuing.signRequest(forServer!.request, { hosts })).chain,
    };
    const clientCertificate = {
      ...trusted,
      certificate: (await issuing.signRequest(forClient!.request, { user: 'alice' })).chain,
    };
    const ofBob = await vault.issueClientCertificate({ user: 'bob' });
    const users = [
      {
        user: 'bob',
        withoutCertificate: 'reject',
        clientCertificate: {
          roots: vault.certificate,
          certificate: ofBob.chain,
          privateKey: ofBob.privateKey.toPem(),
        },
      },
    ] as const;
    const connection = {
      host: 'localhost',
      hostaddr: server.host,
      port: server.port,
      user: 'alice',
      database: 'postgres',
    };
    const whole = {
      client: await readClient(directory),
      connection,
      withoutCertificate: 'reject',
      serverCertificate,
      clientCertificate,
      users,
    } as const;
    const planned = await planClientCertificates({ ...whole, server: await state() });
    await apply(planned);
    const [alice, bob] = planned.clients;
    assert.ok((await enters(alice!)) && (await enters(bob!)));
    assert.ok(!(await enters(alice!, { user: 'bob' })) && !(await enters(bob!, { user: 'alice' })));
    assert.ok(!(await enters(alice!, { ssl: false })));

    // The plan warns that the server trusts both CAs for all users. The login below shows that the other CA can indeed
    // issue a certificate for this user.
    assert.ok(planned.diagnostics.some(({ code }) => code === 'tls-other-roots'));
    const { chain, privateKey } = await company.issueClientCertificate({ user: 'bob' });
    const crossed = clientBundle({
      target: bob!.target,
      ca: company.certificate,
      certificate: chain,
      privateKey: privateKey.toPem(),
    });
    assert.ok(await enters(crossed));

    // Planning again with the present files changes nothing.
    const again = await planClientCertificates({
      ...whole,
      server: await state(),
      client: await readClient(directory),
      serverCertificate: trusted,
      clientCertificate: trusted,
    });
    assert.deepEqual(again.writes, []);
  });

  test('a new key of the server waits beside the old key until its certificate is there', async () => {
    const plan = await planCertificateRequests({ server: await state(), hosts, newKey: true });
    await apply(plan);
    const [pending, ...others] = ownFiles();
    assert.match(pending!, /^server-[0-9a-f]{8}\.key$/);
    assert.deepEqual(others, []);
    const again = await planCertificateRequests({ server: await state(), hosts, newKey: true });
    assert.deepEqual(again.writes, []);
    // A plan for something else does not remove the key whose certificate has been requested.
    const other = await planUserRemoval({ server: await state(), user: 'carol' });
    assert.deepEqual(other.removals, []);

    const { chain } = await issuing.signRequest(plan.requests[0]!.request, { hosts });
    const serverCertificate = { ...trusted, certificate: chain };
    await apply(await planServerCertificate({ server: await state(), hosts, serverCertificate }));
    assert.deepEqual(ownFiles().sort(), [pending!.replace('.key', '.crt'), pending!]);
    const client = await server.connect({ user: 'carol', ssl: { ca: company.certificate, servername: 'localhost' } });
    const shown = (client.connection.stream as TLSSocket).getPeerCertificate();
    assert.equal(shown.serialNumber.toLowerCase(), inspectCertificate(chain).serialNumber);
    await client.end();
  });

  test('a CRL that a CA on another machine issued makes the server refuse the certificates in it', async () => {
    const [alice, dave] = await Promise.all(['alice', 'dave'].map((user) => company.issueClientCertificate({ user })));
    const rules = 'local all all trust\nhostssl all all 127.0.0.1/32 cert\n';
    writeFileSync(join(server.dataDirectory, 'pg_hba.conf'), rules);
    const logins = async () => {
      const results: boolean[] = [];
      for (const [user, pair] of [
        ['alice', alice!],
        ['dave', dave!],
      ] as const) {
        const ssl = {
          ca: company.certificate,
          servername: 'localhost',
          cert: pair.chain,
          key: pair.privateKey.toPem(),
        };
        results.push(await connects({ user, ssl }));
      }
      return results;
    };
    await signalReload(server.dataDirectory);
    assert.deepEqual(await logins(), [true, true]);
    // The server needs a CRL of every CA that it trusts.
    const others = [await vault.issueCrl(), await issuing.issueCrl()].map(({ crl }) => crl).join('');
    const revoke = async (number: string, certificate: string) => {
      const { crl } = await company.issueCrl({ number, revoked: [{ certificate }] });
      const crls = crl + (number === '1' ? others : '');
      const plan = await planRevocation({ server: await state(), crls, issuers: issuing.certificate });
      await apply(plan);
      return plan.diagnostics.map(({ code }) => code);
    };
    assert.deepEqual(await revoke('1', alice!.certificate), ['tls-sessions-stay']);
    assert.deepEqual(await logins(), [false, true]);
    // The new CRL of the company has no entry for alice any more, and a diagnostic of the plan says so.
    assert.deepEqual(await revoke('2', dave!.certificate), ['tls-sessions-stay', 'tls-no-longer-revoked']);
    assert.deepEqual(await logins(), [true, false]);
  });
});
