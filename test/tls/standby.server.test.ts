import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import type { ClientBundle } from '../../src/client/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { applyPlan, planClientCertificates, planRevocation, readServer, signalReload } from '../../src/tls/index.ts';
import { forEachMajor, startServer, TestServer, temporaryFolder } from '../server/index.ts';
import { login } from './logins.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=First' });

forEachMajor([10, 14, 18, 19], (major) => {
  test('a standby and an ordinary user of one request get in with their own certificates, each where it belongs', async () => {
    const server = await startServer({
      major,
      hba: 'local all all trust\nhost all,replication all 127.0.0.1/32 trust\n',
    });
    const standby = new TestServer(major, join(temporaryFolder(), 'data'));
    try {
      await server.query('CREATE ROLE alice LOGIN REPLICATION');
      await server.query('CREATE ROLE standby LOGIN REPLICATION');
      const { clients, ...plan } = await planClientCertificates({
        server: await readServer(server.dataDirectory),
        authority,
        connection: {
          host: 'localhost',
          hostaddr: server.host,
          port: server.port,
          user: 'alice',
          database: 'postgres',
        },
        withoutCertificate: 'reject',
        users: [
          {
            user: 'standby',
            rule: { databases: [{ keyword: 'replication' }], address: '127.0.0.1/32' },
            withoutCertificate: 'reject',
          },
        ],
      });
      await applyPlan(plan, { reload: () => signalReload(server.dataDirectory) });
      const [ofAlice, ofStandby] = clients as unknown as readonly [ClientBundle, ClientBundle];
      const enter = (user: string, bundle: ClientBundle | undefined, isReplication: boolean) => {
        const keys = bundle && { cert: bundle.certificate!, key: bundle.privateKey()! };
        const config: ClientConfig & { replication?: string } = {
          user,
          ssl: { ca: authority.certificate, servername: 'localhost', ...keys },
          ...(isReplication && { replication: 'true' }),
        };
        return login(server, config);
      };
      assert.equal(await enter('alice', ofAlice, false), true);
      assert.equal(await enter('standby', ofStandby, true), true);
      assert.equal(await enter('standby', ofStandby, false), '28000');
      assert.equal(await enter('alice', ofAlice, true), '28000');
      assert.equal(await enter('standby', ofAlice, true), '28000');
      assert.equal(await enter('standby', undefined, true), '28000');

      await startStandby(server, standby, ofStandby);
      const sql = 'SELECT usename, ssl FROM pg_stat_replication JOIN pg_stat_ssl USING (pid)';
      assert.deepEqual(await until(server, sql, 1), [{ usename: 'standby', ssl: true }]);
      await server.query('CREATE TABLE replicated ()');
      await until(standby, "SELECT relname FROM pg_class WHERE relname = 'replicated'", 1);

      const revoked = [{ certificate: ofStandby.certificate! }];
      const revocation = await planRevocation({ server: await readServer(server.dataDirectory), authority, revoked });
      await applyPlan(revocation, { reload: () => signalReload(server.dataDirectory) });
      await server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
      await standby.waitForLog(/could not connect to the primary server|certificate revoked/);
      assert.deepEqual(await until(server, sql, 0), []);
      assert.equal(await enter('alice', ofAlice, false), true);
    } finally {
      await standby.remove();
      await server.remove();
    }
  });
});

/**
 * Starts a standby server from a copy of the data directory. Its walreceiver logs in to the primary server with a
 * certificate.
 */
async function startStandby(server: TestServer, standby: TestServer, bundle: ClientBundle): Promise<void> {
  await server.stop();
  assert.equal(spawnSync('cp', ['-a', server.dataDirectory, standby.dataDirectory]).status, 0);
  await server.start();
  const at = (name: string): string => join(standby.dataDirectory, name);
  const files = `sslmode=verify-full sslrootcert=${at('own.root')} sslcert=${at('own.crt')} sslkey=${at('own.key')}`;
  const conninfo = `host=localhost hostaddr=${server.host} port=${server.port} user=standby ${files}`;
  standby.writeFiles({
    'own.root': authority.certificate,
    'own.crt': bundle.certificate!,
    'own.key': { content: bundle.privateKey()!, mode: 0o600 },
    ...(server.major < 12
      ? { 'recovery.conf': `standby_mode = on\nprimary_conninfo = '${conninfo}'\n` }
      : { 'standby.signal': '' }),
  });
  if (server.major >= 12) appendFileSync(at('postgresql.conf'), `primary_conninfo = '${conninfo}'\n`);
  await standby.start();
}

/** Repeats a statement until it returns `count` rows, and returns the rows. */
async function until(server: TestServer, sql: string, count: number): Promise<readonly unknown[]> {
  for (let i = 0; ; i++) {
    const rows = await server.query(sql);
    if (rows.length === count || i === 300) return rows;
    await sleep(100);
  }
}
