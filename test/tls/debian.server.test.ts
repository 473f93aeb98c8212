import assert from 'node:assert/strict';
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { libpqUri, pgConfig } from '../../src/client/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  describePlan,
  planClientCertificates,
  readClient,
  readServer,
  signalReload,
} from '../../src/tls/index.ts';
import { distributionServer, psql, serverAccount, startServer, temporaryFolder, withoutPsql } from '../server/index.ts';
import { login } from './logins.ts';

const { missing, major, programs } = distributionServer();

/** The pg_hba.conf that pg_createcluster makes from the file of initdb. */
const debianHba = `local   all             postgres                                peer
# TYPE  DATABASE        USER            ADDRESS                 METHOD
local   all             all                                     peer
host    all             all             127.0.0.1/32            scram-sha-256
host    all             all             ::1/128                 scram-sha-256
local   replication     all                                     peer
host    replication     all             127.0.0.1/32            scram-sha-256
host    replication     all             ::1/128                 scram-sha-256
`;

test('on stock Debian the plan has no warning, and only the certificate lets in', {
  skip: missing ?? false,
}, async () => {
  const server = await startServer({ major: major!, programs });
  try {
    await server.query("CREATE ROLE webadmin LOGIN PASSWORD 'secret'");
    await server.stop();
    const data = server.dataDirectory;
    const folder = join(server.socketDirectory, 'etc');
    const inFolder = (name: string): string => join(folder, name);
    for (const path of [folder, inFolder('conf.d')]) mkdirSync(path);
    const snakeoil = await CertificateAuthority.create({ subject: '/CN=snakeoil' });
    const { certificate, privateKey } = await snakeoil.issueServerCertificate({ hosts: ['debian'] });
    const settings = {
      data_directory: data,
      hba_file: inFolder('pg_hba.conf'),
      ident_file: inFolder('pg_ident.conf'),
      ssl_cert_file: inFolder('snakeoil.pem'),
      ssl_key_file: inFolder('snakeoil.key'),
      include_dir: 'conf.d',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
    const files = {
      'postgresql.conf': `${readFileSync(join(data, 'postgresql.conf'), 'utf8')}ssl = on\n${lines.join('')}`,
      'pg_hba.conf': debianHba,
      'pg_ident.conf': '',
      'snakeoil.pem': certificate,
      'snakeoil.key': privateKey.toPem(),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(inFolder(name), text, { mode: 0o600 });
    for (const name of ['', 'conf.d', ...Object.keys(files)]) {
      if (serverAccount !== undefined) chownSync(inFolder(name), serverAccount.uid, serverAccount.gid);
    }
    for (const name of ['postgresql.conf', 'pg_hba.conf', 'pg_ident.conf']) rmSync(join(data, name));
    const start = () => server.start({ config_file: inFolder('postgresql.conf') });
    await start();

    const directory = join(temporaryFolder(), 'client');
    const paths = { conf: inFolder('postgresql.conf'), certificate: 'server.crt', privateKey: 'server.key' };
    const { host: hostaddr, port } = server;
    const request = {
      authority: await CertificateAuthority.create({ subject: '/CN=Example CA' }),
      connection: { host: 'localhost', hostaddr, port, user: 'webadmin', database: 'postgres' },
      withoutCertificate: 'reject',
    } as const;
    const planned = async () =>
      planClientCertificates({
        ...request,
        server: await readServer(data, { paths }),
        client: await readClient(directory),
      });
    const plan = await planned();
    // This is the check `open.length === 0` in docs/first-set-up.md.
    const open = plan.diagnostics.filter(({ severity }) => severity === 'warning');
    assert.deepEqual(open, [], describePlan(plan));
    await applyPlan(plan, { reload: () => signalReload(data) });

    const password = { user: 'webadmin', password: 'secret' };
    const uri = libpqUri(plan.client, { directory });
    for (const restarts of [false, true]) {
      if (restarts) {
        await server.stop();
        await start();
      }
      assert.equal(await login(server, pgConfig(plan.client)), true);
      assert.equal(await login(server, password), '28000');
      assert.equal(await login(server, { ...password, ssl: { rejectUnauthorized: false } }), '28000');
      if (withoutPsql !== false) continue;
      assert.equal((await psql(uri, 'SELECT current_user')).trim(), 'webadmin');
      const withoutCertificate = uri.replace(/&ssl(?:cert|key)=[^&]*/g, '');
      await assert.rejects(psql(withoutCertificate, 'SELECT 1', { PGPASSWORD: 'secret' }));
    }
    assert.deepEqual((await planned()).writes, []);
    assert.equal(readFileSync(inFolder('snakeoil.pem'), 'utf8'), certificate);
  } finally {
    await server.remove();
  }
});
