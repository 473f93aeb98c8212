import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import {
  type ConnectionBundle,
  libpqFiles,
  libpqUri,
  pgConfig,
  type TestBundle,
  testBundle,
} from '../../src/client/index.ts';
import { forEachMajor, psql, startServer, type TestServer, temporaryFolder, withoutPsql } from '../server/index.ts';

/** Role names, some of which must be quoted in a rule. */
const users = ['alice', 'all', `zoë o'b, x+y`];

function folderOf(client: ConnectionBundle): string {
  const folder = temporaryFolder();
  for (const file of libpqFiles(client, folder)) writeFileSync(file.path, file.content(), { mode: file.mode });
  return folder;
}

forEachMajor([10, 18, 19], (major) => {
  let server: TestServer;
  let bundle: TestBundle;

  before(async () => {
    bundle = await testBundle({ hosts: ['localhost', '127.0.0.1'], users, version: major });
    server = await startServer({ major, start: false });
    const files = bundle.serverFiles(server.dataDirectory).map((file) => {
      return [file.path.slice(server.dataDirectory.length + 1), { content: file.content(), mode: file.mode }] as const;
    });
    const settings = Object.entries(bundle.serverSettings()).map(([name, value]) => `${name} = '${value}'\n`);
    server.writeFiles({
      ...Object.fromEntries(files),
      'pg_hba.conf': `${bundle.hba}hostssl all bob all scram-sha-256\nlocal all all trust\n`,
      'postgresql.conf': `password_encryption = 'scram-sha-256'\n${settings.join('')}`,
    });
    await server.start();
    for (const user of users) await server.query(`create role "${user}" login`);
    await server.query(`create role bob login password 'open sesame'`);
  });
  after(() => server.remove());

  test('each user logs in with verify-full and the certificate', { skip: withoutPsql }, async () => {
    for (const user of users) {
      const client = bundle.client({ user, port: server.port, database: 'postgres' });
      const folder = folderOf(client);
      const asked = 'select current_user, ssl from pg_stat_ssl where pid = pg_backend_pid()';
      assert.equal(await psql(libpqUri(client, { directory: folder }), asked), `${user}|t\n`);
      await (await server.connect(pgConfig(client))).end();
    }
  });

  test('a client without a certificate logs in with its password, and checks the server', {
    skip: withoutPsql,
  }, async () => {
    const client = bundle.serverOnlyClient({ user: 'bob', port: server.port, database: 'postgres' });
    const uri = libpqUri(client, { directory: folderOf(client) });
    assert.equal(await psql(uri, 'select current_user', { PGPASSWORD: 'open sesame' }), 'bob\n');
    await (await server.connect({ ...pgConfig(client), password: 'open sesame' })).end();

    const stranger = await testBundle({ users: [] });
    const other = stranger.serverOnlyClient({ user: 'bob', port: server.port, database: 'postgres' });
    await assert.rejects(server.connect({ ...pgConfig(other), password: 'open sesame' }), /self.signed certificate/);
    const elsewhere = { user: 'bob', port: server.port, host: 'db.example', hostaddr: '127.0.0.1' };
    await assert.rejects(server.connect(pgConfig(bundle.serverOnlyClient(elsewhere))), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  test('a user of the bundle is refused without a certificate and with the certificate of another user', async () => {
    const alice = bundle.client({ user: 'alice', port: server.port, database: 'postgres' });
    await assert.rejects(server.connect(pgConfig(bundle.serverOnlyClient(alice.target))), /valid client certificate/);
    await assert.rejects(server.connect({ ...pgConfig(alice), user: 'all' }), /certificate authentication failed/);
  });
});
