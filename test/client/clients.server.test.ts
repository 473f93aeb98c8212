import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import * as client from '../../src/client/index.ts';
import { CertificateAuthority, createPkcs12, PrivateKey } from '../../src/pki/index.ts';
import { forEachMajor, repositoryRoot, startServer, type TestServer, temporaryFolder } from '../server/index.ts';

const require = createRequire(join(repositoryRoot, 'test/client/npm/package.json'));
const packages = join(repositoryRoot, 'test/client/npm/node_modules');
const withoutPackages = existsSync(packages) ? false : 'the clients are not installed: npm run clients';
const jar = '/usr/share/java/postgresql.jar';
const withoutJava = existsSync(jar) && existsSync('/usr/bin/java') ? false : 'pgjdbc is not installed';
const withoutPerl = existsSync('/usr/lib/x86_64-linux-gnu/perl5/5.36/DBD/Pg.pm') ? false : 'DBD::Pg is not installed';
const withoutPhp = existsSync('/usr/bin/php') ? false : 'PHP is not installed';
const odbcDriver = '/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so';
const withoutOdbc = existsSync(odbcDriver) && existsSync('/usr/bin/isql') ? false : 'psqlODBC is not installed';
const withoutAsyncpg = existsSync('/usr/lib/python3/dist-packages/asyncpg') ? false : 'asyncpg is not installed';

const run = promisify(execFile);
const query = 'select current_user::text as name';

/** A role that every quoting rule of a view has to carry. */
const user = `zoë o'b, x+y="z" #1`;
const authority = await CertificateAuthority.create({ subject: 'CN=Authority' });
const issuedServer = await authority.issueServerCertificate({ hosts: ['localhost', '127.0.0.1'] });
const issuedClient = await authority.issueClientCertificate({ user });
const passphrase = 'open sesame';

forEachMajor([10, 18], (major) => {
  let server: TestServer;
  let bundle: client.ClientBundle;
  let encrypted: client.ClientBundle;
  const folder = temporaryFolder();
  const encryptedFolder = temporaryFolder();

  before(async () => {
    server = await startServer({
      major,
      hba: 'local all all trust\nhostssl all all 127.0.0.1/32 cert\n',
      conf: "ssl = on\nssl_ca_file = 'root.crt'\n",
      files: {
        'server.key': issuedServer.privateKey.toPem(),
        'server.crt': issuedServer.chain,
        'root.crt': authority.certificate,
      },
    });
    await server.query(`create role "${user.replaceAll('"', '""')}" login`);
    const parts = {
      target: { host: '127.0.0.1', port: server.port, user, database: 'postgres' },
      ca: authority.certificate,
      certificate: issuedClient.chain,
      privateKey: issuedClient.privateKey,
    };
    bundle = client.clientBundle(parts);
    const privateKey = await issuedClient.privateKey.toEncryptedPem(passphrase);
    encrypted = client.clientBundle({ ...parts, privateKey, passphrase });
    for (const file of client.libpqFiles(bundle, folder)) writeFileSync(file.path, file.content(), { mode: file.mode });
    for (const file of client.libpqFiles(encrypted, encryptedFolder)) {
      writeFileSync(file.path, file.content(), { mode: file.mode });
    }
    const [key] = client.jdbcFiles(bundle, folder);
    writeFileSync(key!.path, key!.content(), { mode: key!.mode });
  });
  after(() => server.remove());

  test('postgres.js connects with postgresJsOptions, and with an encrypted key', {
    skip: withoutPackages,
  }, async () => {
    for (const each of [bundle, encrypted]) {
      const sql = require('postgres')({ ...client.postgresJsOptions(each), max: 1 });
      assert.deepEqual([...(await sql.unsafe(query))], [{ name: user }]);
      await sql.end();
    }
  });

  test('Knex connects with knexOptions', { skip: withoutPackages }, async () => {
    for (const each of [bundle, encrypted]) {
      const knex = require('knex')(client.knexOptions(each));
      assert.deepEqual((await knex.raw(query)).rows, [{ name: user }]);
      await knex.destroy();
    }
  });

  test('Sequelize connects with sequelizeOptions', { skip: withoutPackages }, async () => {
    const { Sequelize } = require('sequelize');
    for (const each of [bundle, encrypted]) {
      const sequelize = new Sequelize({ ...client.sequelizeOptions(each), logging: false });
      assert.deepEqual((await sequelize.query(query))[0], [{ name: user }]);
      await sequelize.close();
    }
  });

  test('TypeORM connects with typeOrmOptions', { skip: withoutPackages }, async () => {
    const { DataSource } = require('typeorm');
    for (const each of [bundle, encrypted]) {
      const source = await new DataSource(client.typeOrmOptions(each)).initialize();
      assert.deepEqual(await source.query(query), [{ name: user }]);
      await source.destroy();
    }
  });

  test('one bundle serves several drivers after each other', { skip: withoutPackages }, async () => {
    const pool = await server.connect(client.pgConfig(bundle));
    await pool.end();
    const knex = require('knex')(client.knexOptions(bundle));
    assert.deepEqual((await knex.raw(query)).rows, [{ name: user }]);
    await knex.destroy();
  });

  test('pg and postgres.js check the name of a server that is reached by its address', {
    skip: withoutPackages,
  }, async () => {
    const at = (host: string) => {
      const target = { ...bundle.target, host, hostaddr: '127.0.0.1' };
      const { ca, certificate } = bundle;
      return client.clientBundle({ target, ca, certificate, privateKey: bundle.privateKey() });
    };
    const askers: readonly ((each: client.ClientBundle) => Promise<unknown>)[] = [
      async (each) => {
        const connection = await server.connect(client.pgConfig(each));
        await connection.end();
      },
      async (each) => {
        const sql = require('postgres')({ ...client.postgresJsOptions(each), max: 1 });
        await sql.unsafe(query).finally(() => sql.end({ timeout: 1 }));
      },
    ];
    for (const ask of askers) {
      await ask(at('localhost'));
      await assert.rejects(ask(at('wrong.example')), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    }
  });

  test('pgjdbc connects with jdbcUrl, by the .pk8 file and by PKCS#12', { skip: withoutJava }, async () => {
    const program = join(folder, 'Connect.java');
    writeFileSync(
      program,
      `import java.sql.*;
      public class Connect {
        public static void main(String[] urls) throws Exception {
          for (String url : urls) try (Connection c = DriverManager.getConnection(url);
              ResultSet rows = c.createStatement().executeQuery("${query}")) {
            rows.next();
            new java.io.PrintStream(System.out, true, "UTF-8").println(rows.getString(1));
          }
        }
      }`,
    );
    const key = await PrivateKey.read(bundle.privateKey());
    const p12 = await createPkcs12({ certificates: bundle.certificate, privateKey: key, passphrase });
    writeFileSync(join(folder, 'app.p12'), p12, { mode: 0o600 });
    const urls = [
      client.jdbcUrl(bundle, { directory: folder }),
      client.jdbcUrl(encrypted, { directory: folder, pkcs12: { name: 'app.p12', passphrase } }),
    ];
    const { stdout } = await run('/usr/bin/java', ['-cp', jar, program, ...urls]);
    assert.equal(stdout, `${user}\n${user}\n`);
  });

  test('DBD::Pg connects with perlDbi, and with an encrypted key', { skip: withoutPerl }, async () => {
    const program = `use DBI; my $c = DBI->connect($ARGV[0], $ARGV[1], '', { RaiseError => 1 });
      my ($name) = $c->selectrow_array($ARGV[2]); binmode STDOUT, ':utf8'; print "$name\\n";`;
    for (const [each, directory] of [[bundle, folder] as const, [encrypted, encryptedFolder] as const]) {
      const { dsn, user: name } = client.perlDbi(each, { directory });
      const { stdout } = await run('/usr/bin/perl', ['-e', program, dsn, name, query]);
      assert.equal(stdout, `${user}\n`);
    }
  });

  test('PDO connects with phpPdo, and with an encrypted key', { skip: withoutPhp }, async () => {
    const program = 'echo (new PDO($argv[1], $argv[2]))->query($argv[3])->fetchColumn(), "\\n";';
    for (const [each, directory] of [[bundle, folder] as const, [encrypted, encryptedFolder] as const]) {
      const { dsn, user: name } = client.phpPdo(each, { directory });
      const { stdout } = await run('/usr/bin/php', ['-r', program, '--', dsn, name, query]);
      assert.equal(stdout, `${user}\n`);
    }
  });

  test('psqlODBC connects with odbcConnectionString, and with an encrypted key', { skip: withoutOdbc }, async () => {
    for (const [each, directory] of [[bundle, folder] as const, [encrypted, encryptedFolder] as const]) {
      const connection = `DRIVER=${odbcDriver};${client.odbcConnectionString(each, { directory })}`;
      const asked = run('/usr/bin/isql', ['-k', connection, '-b', '-v'], {
        env: { LC_ALL: 'C.UTF-8', HOME: folder },
      });
      asked.child.stdin!.end(`${query}\n`);
      assert.ok((await asked).stdout.includes(user));
    }
  });

  test('asyncpg connects with libpqUri', { skip: withoutAsyncpg }, async () => {
    const program = `
import asyncio, asyncpg, sys
async def main():
    connection = await asyncpg.connect(sys.argv[1])
    print(await connection.fetchval(sys.argv[2]))
asyncio.run(main())`;
    const uri = client.libpqUri(bundle, { directory: folder });
    const { stdout } = await run('/usr/bin/python3', ['-c', program, uri, query], {
      env: { PYTHONIOENCODING: 'utf8' },
    });
    assert.equal(stdout, `${user}\n`);
  });
});
