import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ClientBundle, pgConfig } from '../../src/client/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  type ApplyOptions,
  applyPlan,
  type ClientCertificatePlan,
  planClientCertificates,
  readClient,
  readServer,
  recoverApply,
  signalReload,
  type TlsRequest,
  type VerifyResult,
  verifyServer,
} from '../../src/tls/index.ts';
import { forEachMajor, startServer, type TestServer, temporaryFolder } from '../server/index.ts';
import type { CrashRequest } from './crash/program.ts';
import { entries } from './crash/scenarios.ts';

const isWhole = process.env.PG_HOSTSSL_CRASH === 'all';
const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
const stranger = await CertificateAuthority.create({ subject: '/CN=Stranger' });

forEachMajor([10, 18, 19], (major) => {
  let server: TestServer;
  let client: string;
  let bundle: ClientBundle;

  before(async () => {
    server = await startServer({ major });
    client = join(temporaryFolder(), 'client');
    await server.query('CREATE ROLE webadmin LOGIN');
  });
  after(() => server.remove());

  const planFor = async (request: Partial<TlsRequest> = {}): Promise<ClientCertificatePlan> =>
    planClientCertificates({
      server: await readServer(server.dataDirectory),
      client: await readClient(client),
      authority,
      connection: { ...connection(), database: 'postgres' },
      withoutCertificate: 'reject',
      ...request,
    });

  const connection = () => ({ host: 'localhost', hostaddr: server.host, port: server.port, user: 'webadmin' });
  const query = async (sql: string): Promise<Record<string, unknown>[]> => {
    const session = await server.connect({ host: server.socketDirectory });
    try {
      return (await session.query(sql)).rows;
    } finally {
      await session.end();
    }
  };
  const address = () => ({ host: server.host, port: server.port });
  const certificateOf = (plan: ClientCertificatePlan): string => {
    const write = plan.writes.find(({ path }) => path.startsWith(server.dataDirectory) && path.endsWith('.crt'));
    return new TextDecoder().decode(write!.content());
  };
  const options = (plan: ClientCertificatePlan): ApplyOptions => ({
    reload: () => signalReload(server.dataDirectory),
    verify: ({ switchedAt }) =>
      verifyServer({
        query,
        address: address(),
        expected: { certificate: certificateOf(plan), loadedAfter: switchedAt },
      }),
  });
  /** Logs in with the certificate of the bundle. */
  const login = async (): Promise<void> => {
    const session = await server.connect(pgConfig(bundle));
    await session.end();
  };
  const loaded = async (expected: string): Promise<VerifyResult> =>
    verifyServer({ address: address(), expected: { certificate: expected }, timeout: 2_000 });

  test('the signal and the handshake prove a first set-up', async () => {
    const plan = await planFor();
    bundle = plan.client;
    await applyPlan(plan, options(plan));
    await login();
    const user = { user: 'webadmin', database: 'postgres' };
    const own = await authority.issueClientCertificate({ user: 'webadmin' });
    const forged = await stranger.issueClientCertificate({ user: 'webadmin' });
    const shown = (pair: typeof own) => ({ certificate: pair.chain, privateKey: pair.privateKey.toPem() });
    const mustEnter = [{ ...user, client: shown(own) }];
    const mustNotEnter = [user, { ...user, client: shown(forged) }, { ...user, user: 'other', client: shown(own) }];
    const right = await verifyServer({
      address: address(),
      expected: { mustEnter, mustNotEnter: mustNotEnter.slice(0, 2) },
    });
    assert.deepEqual(right, { kind: 'verified', reasons: [] });
    const wrong = { mustEnter: mustNotEnter.slice(0, 2), mustNotEnter: mustEnter };
    const { kind, reasons } = await verifyServer({ address: address(), expected: wrong, timeout: 3_000 });
    assert.deepEqual([kind, reasons.length], ['failed', 3], reasons.join('\n'));
  });

  test('a new pair is in use before the former pair is removed', async () => {
    const first = await planFor({ newKey: 'server' });
    await applyPlan(first, options(first));
    assert.equal((await loaded(certificateOf(first))).kind, 'verified');
    const second = await planFor({ newKey: 'server' });
    assert.equal(second.removals.length, 2);
    const { removed } = await applyPlan(second, options(second));
    assert.equal(removed.length, 2);
    await login();
    const third = await planFor({ newKey: 'server' });
    const { removed: none, notRemoved } = await applyPlan(third);
    assert.deepEqual([none.length, notRemoved.length], [0, 2]);
    await server.reload();
    await login();
  });

  test('if a server does not load the change, its files are restored, and it reads them again', async () => {
    const before = entries(server.dataDirectory);
    const former = await planFor({ newKey: 'server' });
    const { reasons } = await loaded(certificateOf(former));
    assert.match(reasons.join(), /another certificate/);
    let reloads = 0;
    const failing: ApplyOptions = {
      reload: () => {
        reloads += 1;
        return signalReload(server.dataDirectory);
      },
      verify: async () => ({ kind: 'failed', reasons: ['a reason'] }),
    };
    const message = /a reason.*All files are as before.*told to reload/;
    await assert.rejects(applyPlan(former, failing), { code: 'verify-failed', message });
    assert.equal(reloads, 2);
    const slow: ApplyOptions = { verify: () => new Promise(() => undefined), timeout: { verify: 50 } };
    await assert.rejects(applyPlan(former, slow), { code: 'verify-failed', message: /longer than 50 ms/ });
    const controller = new AbortController();
    const aborted: ApplyOptions = { signal: controller.signal, reload: () => controller.abort() };
    await assert.rejects(applyPlan(former, aborted), { code: 'verify-failed' });
    await assert.rejects(applyPlan(former, { signal: AbortSignal.abort() }), { code: 'apply-aborted' });
    assert.deepEqual(configuration(entries(server.dataDirectory)), configuration(before));
    await server.restart();
    await login();
  });

  test('a renewal is killed at a call: the server starts, the user gets in, and nothing remains of the renewal', async () => {
    const program = fileURLToPath(new URL('crash/program.js', import.meta.url));
    const seen = new Set<string>();
    let kills = 0;
    for (let index = 3; ; index += isWhole ? 1 : 23) {
      const request: CrashRequest = {
        ...{ data: server.dataDirectory, client, connection: connection(), index },
        ...{ certificate: authority.certificate, privateKey: authority.privateKey.toPem() },
      };
      const { signal, status, stderr } = spawnSync(process.execPath, [program, JSON.stringify(request)], {
        encoding: 'utf8',
      });
      if (signal !== 'SIGKILL') {
        assert.equal(status, 0, stderr);
        break;
      }
      kills += 1;
      const { interrupted } = await readServer(server.dataDirectory);
      const state = `${interrupted?.state} ${JSON.stringify(names())}`.replace(/[0-9a-f]{8,16}/g, '');
      if (!seen.has(state)) await server.restart();
      seen.add(state);
      await login();
      const direction = index % 2 === 0 ? 'complete' : 'rollback';
      await recoverApply(server.dataDirectory, { direction, clientDirectory: client });
      assert.deepEqual(
        names().filter((name) => name.startsWith('pgsql_tmp')),
        [],
      );
      await server.reload();
      await login();
    }
    await server.restart();
    await login();
    assert.ok(kills > 2, `${kills} kills`);
  });

  function names(): string[] {
    return readdirSync(server.dataDirectory).sort();
  }

  /** Returns the files that a plan may change: certificates, keys and configuration files. */
  function configuration(all: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(all).filter(([path]) => /^(?:[^/]*\.(?:conf|crt|key)|pgsql_tmp.*)$/.test(path)),
    );
  }
});
