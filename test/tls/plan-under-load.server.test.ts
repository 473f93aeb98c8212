import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientFilePaths } from '../../src/client/index.ts';
import { CertificateAuthority, inspectCertificate } from '../../src/pki/index.ts';
import {
  applyPlan,
  planCaRollover,
  planClientCertificates,
  planRenewal,
  readClient,
  readServer,
  signalReload,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { forEachMajor, startServer, type TestServer, temporaryFolder } from '../server/index.ts';

const tenMonthsAgo = new Date(Date.now() - 300 * 24 * 60 * 60 * 1000);
const current = await CertificateAuthority.create({ subject: '/CN=First', validity: { notBefore: tenMonthsAgo } });
const next = await CertificateAuthority.create({ subject: '/CN=Second' });

/** Clients that log in again and again. For each login they read the files of the client's directory again. */
class Clients {
  readonly refusals: string[] = [];
  /** The number of logins of each client. */
  readonly #logins: number[];
  readonly #ended: Promise<unknown>;
  #runs = true;

  constructor(server: TestServer, directory: string, count: number) {
    this.#logins = Array.from({ length: count }, () => 0);
    this.#ended = Promise.all(this.#logins.map((_, i) => this.#logIn(server, directory, i)));
  }

  /** The number of logins of all clients. */
  get logins(): number {
    return this.#logins.reduce((sum, count) => sum + count, 0);
  }

  /** Waits until each client has begun and ended a login. */
  async round(): Promise<void> {
    const before = [...this.#logins];
    while (this.refusals.length === 0 && this.#logins.some((count, i) => count < before[i]! + 2)) await sleep(5);
  }

  async stop(): Promise<void> {
    this.#runs = false;
    await this.#ended;
  }

  async #logIn(server: TestServer, directory: string, i: number): Promise<void> {
    const paths = clientFilePaths(directory);
    const read = (name: 'certificate' | 'privateKey' | 'ca') => readFileSync(paths[name], 'utf8');
    while (this.#runs) {
      // Half of the clients read the key before the certificate.
      const first = i % 2 === 0 ? read('certificate') : read('privateKey');
      await sleep(i);
      const second = i % 2 === 0 ? read('privateKey') : read('certificate');
      const [cert, key] = i % 2 === 0 ? [first, second] : [second, first];
      try {
        const ssl = { cert, key, ca: read('ca'), servername: 'localhost' };
        await (await server.connect({ user: 'alice', ssl })).end();
        this.#logins[i]! += 1;
      } catch (error) {
        this.refusals.push(String(error));
        return;
      }
    }
  }
}

forEachMajor([10, 18, 19], (major) => {
  test('a renewal and a rollover refuse no client that logs in meanwhile', async (t) => {
    const server = await startServer({ major, hba: 'local all all trust\nhost all all all md5\n' });
    const directory = join(temporaryFolder(), 'client');
    const state = async () => ({ server: await readServer(server.dataDirectory), client: await readClient(directory) });
    const apply = (plan: TlsPlan) => applyPlan(plan, { reload: () => signalReload(server.dataDirectory) });
    let clients: Clients | undefined;
    try {
      await server.query('CREATE ROLE alice LOGIN');
      const connection = {
        host: 'localhost',
        hostaddr: server.host,
        port: server.port,
        user: 'alice',
        database: 'postgres',
      };
      const request = { authority: current, connection, withoutCertificate: 'reject', now: tenMonthsAgo } as const;
      await apply(await planClientCertificates({ ...(await state()), ...request }));
      clients = new Clients(server, directory, 4);
      const summaries: string[] = [];
      const step = async (plan: TlsPlan): Promise<void> => {
        assert.ok(plan.writes.length > 0, plan.summary);
        summaries.push(plan.summary);
        await clients!.round();
        await apply(plan);
        await clients!.round();
      };
      await step(await planRenewal({ ...(await state()), authority: current }));
      await step(await planRenewal({ ...(await state()), authority: current, newKey: 'server' }));
      for (const retireCurrent of [false, false, false, true]) {
        await step(await planCaRollover({ ...(await state()), current, next, retireCurrent }));
      }
      await clients.stop();
      assert.deepEqual(clients.refusals, []);
      assert.deepEqual(
        summaries.map((summary) => summary.split(':')[0]),
        [
          "Renews the server's certificate, the client's certificate",
          "Renews the server's certificate",
          'Step 1 of 4',
          'Step 2 of 4',
          'Step 3 of 4',
          'Step 4 of 4',
        ],
      );
      const now = readFileSync(clientFilePaths(directory).certificate, 'utf8');
      assert.deepEqual(inspectCertificate(now).issuer, inspectCertificate(next.certificate).subject);
      t.diagnostic(`${clients.logins} logins`);
    } finally {
      await clients?.stop();
      await server.remove();
    }
  });
});
