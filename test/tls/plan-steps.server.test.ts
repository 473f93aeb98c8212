import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type ClientBundle, pgConfig } from '../../src/client/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  type ClientCertificatePlan,
  diskFiles,
  type PlannedWrite,
  planClientCertificates,
  readClient,
  readServer,
  type TlsRequest,
} from '../../src/tls/index.ts';
import {
  forEachMajor,
  serverAccount,
  startServer,
  type TestServer,
  temporaryFolder,
  withServer,
} from '../server/index.ts';

const tenMonthsAgo = new Date(Date.now() - 300 * 24 * 60 * 60 * 1000);
const validity = { notBefore: tenMonthsAgo };
const authority = await CertificateAuthority.create({ subject: '/CN=Authority', validity });

forEachMajor([10, 18, 19], (major) => {
  let server: TestServer;
  let clientDirectory: string;
  let bundle: ClientBundle;

  before(async () => {
    server = await startServer({ major });
    await server.query('CREATE ROLE webadmin LOGIN');
    clientDirectory = join(temporaryFolder(), 'client');
  });
  after(() => server.remove());

  const plan = async (request: Partial<TlsRequest> = {}): Promise<ClientCertificatePlan> =>
    planClientCertificates({
      server: await readServer(server.dataDirectory),
      client: await readClient(clientDirectory, { files: diskFiles }),
      authority,
      connection: {
        host: 'localhost',
        hostaddr: server.host,
        port: server.port,
        user: 'webadmin',
        database: 'postgres',
      },
      withoutCertificate: 'reject',
      ...request,
    });

  /**
   * Makes the writes of a plan one by one. After each write, the server reloads and is checked, then starts again and
   * is checked once more.
   */
  const carryOut = async (
    planned: ClientCertificatePlan,
    look: (done: readonly PlannedWrite[]) => Promise<void>,
  ): Promise<void> => {
    for (const { path, mode } of planned.directories) {
      mkdirSync(path, { mode });
      if (serverAccount !== undefined) chownSync(path, serverAccount.uid, serverAccount.gid);
    }
    for (let i = 0; i < planned.writes.length; i++) {
      put(planned.writes[i]!);
      for (const restarts of [false, true]) {
        await (restarts ? server.restart() : server.reload());
        await look(planned.writes.slice(0, i + 1));
      }
    }
    for (const { path } of planned.removals) {
      rmSync(path);
      await server.restart();
      await look(planned.writes);
    }
  };

  test('first set-up: the server starts and reloads after every file, and the user gets in at the end', async () => {
    const planned = await plan({ now: tenMonthsAgo });
    assert.deepEqual(
      planned.writes.map(({ step }) => step),
      ['new-file', 'new-file', 'new-file', 'client', 'client', 'client', 'postgresql.conf', 'pg_hba.conf'],
    );
    await carryOut(planned, async () => void (await server.query('SELECT 1')));
    bundle = planned.client;
    assert.equal(await leaf(), fingerprint(planned, '.crt'));
    assert.deepEqual((await plan({ now: tenMonthsAgo })).writes, []);
  });

  test('renewal with the same key: one file of the server changes, and the new certificate is used after a reload', async () => {
    const planned = await plan();
    assert.deepEqual(serverNames(planned), ['server.crt']);
    const [former, next] = [await leaf(), fingerprint(planned, 'server.crt')];
    assert.notEqual(former, next);
    await carryOut(planned, async () => assert.equal(await leaf(), next));
  });

  for (const round of [1, 2]) {
    test(`renewal with a new key (${round}): the former pair is used until postgresql.conf switches, then the new pair`, async () => {
      const planned = await plan({ newKey: 'server' });
      const [former, next] = [await leaf(), fingerprint(planned, '.crt')];
      assert.match(serverNames(planned).join(' '), /^server-(\w{8})\.key server-\1\.crt postgresql\.conf$/);
      // The user chose the file names of the first certificate and key, so they stay. The library chose those of the
      // second, so they are removed.
      assert.equal(planned.removals.length, round === 1 ? 0 : 2);
      await carryOut(planned, async (done) => {
        const hasSwitched = done.some(({ step }) => step === 'postgresql.conf');
        assert.equal(await leaf(), hasSwitched ? next : former);
      });
      assert.equal(existsSync(join(server.dataDirectory, 'server.key')), true);
      const own = readdirSync(server.dataDirectory).filter((name) => name.startsWith('server-'));
      assert.deepEqual(own.sort(), serverNames(planned).slice(0, 2).sort());
      assert.deepEqual((await plan()).removals, []);
    });
  }

  test('the pair of another CA is replaced, and the server can start at every moment', async () => {
    const stranger = await CertificateAuthority.create({ subject: '/CN=Stranger' });
    const pair = await stranger.issueServerCertificate({ hosts: ['localhost'] });
    server.writeFiles({ 'foreign.crt': pair.chain, 'foreign.key': pair.privateKey.toPem() });
    const paths = { certificate: 'foreign.crt', privateKey: 'foreign.key' };
    const state = await readServer(server.dataDirectory, { paths });
    const planned = await plan({ server: state, replaceForeign: true });
    assert.match(serverNames(planned).join(' '), /^server-(\w{8})\.key server-\1\.crt postgresql\.conf$/);
    const [former, next] = [await leaf(), fingerprint(planned, '.crt')];
    await carryOut(planned, async (done) => {
      assert.equal(await leaf(), done.some(({ step }) => step === 'postgresql.conf') ? next : former);
    });
  });

  test('settings of ALTER SYSTEM that win are read as the server reads them', async () => {
    const [row] = await server.query<{ ssl_cert_file: string }>('SHOW ssl_cert_file');
    await server.query(`ALTER SYSTEM SET ssl_cert_file = '${row!.ssl_cert_file}'`);
    await assert.rejects(plan({ newKey: 'server' }), { code: 'setting-overridden', message: /ALTER SYSTEM RESET/ });
    await server.query('ALTER SYSTEM RESET ssl_cert_file');
    assert.ok((await plan({ newKey: 'server' })).writes.length > 0);
  });

  test('a setting on the command line that wins is read as the server reads it', async () => {
    await withServer({ major, settings: { ssl: 'off' } }, async (one) => {
      const sql = "SELECT setting, source FROM pg_settings WHERE name = 'ssl'";
      assert.deepEqual(await one.query(sql), [{ setting: 'off', source: 'command line' }]);
      const refused = { code: 'setting-overridden', file: join(one.dataDirectory, 'postmaster.opts') };
      const request = {
        server: await readServer(one.dataDirectory),
        authority,
        connection: 'postgresql://webadmin@localhost/app',
      };
      await assert.rejects(planClientCertificates(request), refused);
    });
  });

  /** Logs in with the bundle, and returns the certificate that the server sends. */
  async function leaf(): Promise<string> {
    const client = await server.connect(pgConfig(bundle));
    const { fingerprint256 } = (client.connection.stream as TLSSocket).getPeerCertificate();
    await client.end();
    return fingerprint256;
  }

  function serverNames(planned: ClientCertificatePlan): string[] {
    const folder = `${server.dataDirectory}/`;
    return planned.writes.filter(({ path }) => path.startsWith(folder)).map(({ path }) => path.slice(folder.length));
  }

  function fingerprint({ writes }: ClientCertificatePlan, ending: string): string {
    const isIt = ({ path }: PlannedWrite) => path.startsWith(`${server.dataDirectory}/server`) && path.endsWith(ending);
    return new X509Certificate(writes.find(isIt)!.content()).fingerprint256;
  }
});

/** Makes one write as `applyPlan` does: a file beside the target, then a rename. */
function put(write: PlannedWrite): void {
  const beside = `${write.path}.beside`;
  writeFileSync(beside, write.content(), { mode: 0o600 });
  const owner = write.owner ?? serverAccount;
  if (owner !== undefined && process.getuid?.() === 0) chownSync(beside, owner.uid, owner.gid);
  chmodSync(beside, write.mode ?? 0o600);
  renameSync(beside, write.path);
}
