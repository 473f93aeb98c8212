import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import * as client from '../../src/client/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { repositoryRoot } from '../repository.ts';
import { forEachMajor, startServer, type TestServer, temporaryFolder } from '../server/index.ts';

const require = createRequire(join(repositoryRoot, 'test/client/npm/package.json'));
const withoutPackages = existsSync(join(repositoryRoot, 'test/client/npm/node_modules'))
  ? false
  : 'the clients are not installed: npm run clients';

/** The path of Bun, a program that an npm package contains. */
const bun = join(repositoryRoot, 'test/client/npm/node_modules/@oven/bun-linux-x64/bin/bun');
const withoutBun = existsSync(bun) ? false : 'Bun is not installed: npm run clients';

const authority = await CertificateAuthority.create({ subject: 'CN=Old' });
const renewals = 5;

forEachMajor([10, 18, 19], (major) => {
  let server: TestServer;
  before(async () => {
    const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['localhost', '127.0.0.1'] });
    server = await startServer({
      major,
      hba: 'local all all trust\nhostssl all all 127.0.0.1/32 cert\n',
      conf: "ssl = on\nssl_ca_file = 'root.crt'\n",
      files: { 'server.key': privateKey.toPem(), 'server.crt': chain, 'root.crt': authority.certificate },
    });
    await server.query('create role alice login');
  });
  after(() => server.remove());

  /**
   * From 12 on, the query returns the serial number of the client certificate; before 12, the name in the certificate.
   */
  const serial = major >= 12 ? 'client_serial::text' : 'clientdn';
  const query = `select ${serial} as seen from pg_stat_ssl where pid = pg_backend_pid()`;

  async function issue(by: CertificateAuthority, ca: string): Promise<client.ClientBundle> {
    const { chain, privateKey } = await by.issueClientCertificate({ user: 'alice' });
    const target = { host: '127.0.0.1', port: server.port, user: 'alice', database: 'postgres' };
    return client.clientBundle({ target, ca, certificate: chain, privateKey });
  }

  /** Runs `act` while ten workers query the serial number again and again. Any error of a query fails the test. */
  async function underLoad(ask: () => Promise<string>, act: (settle: () => Promise<void>) => Promise<void>) {
    const seen = new Set<string>();
    const errors: unknown[] = [];
    let [isDone, queries] = [false, 0];
    const workers = Array.from({ length: 10 }, async () => {
      while (!isDone) {
        try {
          seen.add(await ask());
        } catch (error) {
          errors.push(error);
        }
        queries += 1;
      }
    });
    // Waits until every connection of the pool has been replaced at least once.
    const settle = async (): Promise<void> => {
      const until = queries + 10 * 20 * 2;
      while (queries < until && errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await settle();
    await act(settle);
    isDone = true;
    await Promise.all(workers);
    return { seen, errors, queries };
  }

  function pgAsker(bundle: client.ClientBundle, live: () => client.ClientBundle) {
    const pool = new pg.Pool({ ...client.pgConfig(bundle, { live }), max: 10, maxUses: 20 });
    pool.on('error', () => undefined);
    const ask = async (): Promise<string> => (await pool.query(query)).rows[0].seen;
    return { ask, end: () => pool.end() };
  }

  test('a pool of pg uses each renewed certificate, and no query fails', async (t) => {
    const bundle = await issue(authority, authority.certificate);
    const dueAt = () => new Date(Date.now() + 86_400_000);
    const renewal = client.liveRenewal(bundle, { renew: () => issue(authority, authority.certificate), dueAt });
    const { ask, end } = pgAsker(bundle, renewal.current);
    const { seen, errors, queries } = await underLoad(ask, async (settle) => {
      for (let count = 0; count < renewals; count += 1) {
        await renewal.renewNow();
        await settle();
      }
    });
    renewal.stop();
    await end();
    assert.deepEqual(errors, []);
    if (major >= 12) assert.equal(seen.size, renewals + 1);
    t.diagnostic(`${queries} queries, 0 errors, ${seen.size} certificates seen`);
  });

  test('a pool of pg reads new files after the link to their directory is replaced', async (t) => {
    const folder = temporaryFolder();
    const directory = join(folder, 'current');
    const publish = (bundle: client.ClientBundle, number: number): void => {
      mkdirSync(join(folder, String(number)));
      for (const file of client.libpqFiles(bundle, join(folder, String(number)))) {
        writeFileSync(file.path, file.content(), { mode: file.mode });
      }
      symlinkSync(String(number), join(folder, 'next'));
      renameSync(join(folder, 'next'), directory);
    };
    const bundle = await issue(authority, authority.certificate);
    publish(bundle, 0);
    const onError = (error: unknown) => assert.fail(String(error));
    const live = client.liveFiles(bundle, {
      directory,
      readFile: readFileSync,
      statFile: (path) => statSync(path),
      onError,
    });
    const { ask, end } = pgAsker(bundle, live);
    const { seen, errors, queries } = await underLoad(ask, async (settle) => {
      for (let count = 1; count <= renewals; count += 1) {
        publish(await issue(authority, authority.certificate), count);
        await settle();
      }
    });
    await end();
    assert.deepEqual(errors, []);
    if (major >= 12) assert.equal(seen.size, renewals + 1);
    t.diagnostic(`${queries} queries, 0 errors, ${seen.size} certificates seen`);
  });

  test('postgres.js uses each renewed certificate, and no query fails', { skip: withoutPackages }, async (t) => {
    let bundle = await issue(authority, authority.certificate);
    const options = client.postgresJsOptions(bundle, { live: () => bundle });
    const sql = require('postgres')({ ...options, max: 10, max_lifetime: 0.2 });
    const ask = async (): Promise<string> => (await sql.unsafe(query))[0].seen;
    const { seen, errors, queries } = await underLoad(ask, async () => {
      for (let count = 0; count < renewals; count += 1) {
        bundle = await issue(authority, authority.certificate);
        await new Promise((resolve) => setTimeout(resolve, 700));
      }
    });
    await sql.end();
    assert.deepEqual(errors, []);
    if (major >= 12) assert.ok(seen.size >= renewals, `${seen.size} seen`);
    t.diagnostic(`${queries} queries, 0 errors, ${seen.size} certificates seen`);
  });

  test('Knex and Sequelize, which copy the object, use new certificates by a function and by a hook', {
    skip: withoutPackages,
  }, async () => {
    let bundle = await issue(authority, authority.certificate);
    let expires = 0;
    const knex = require('knex')({
      client: 'pg',
      pool: { min: 0, max: 1 },
      connection: async () => {
        const used = bundle;
        expires += 1;
        return { ...client.pgConfig(used), expirationChecker: () => used !== bundle };
      },
    });
    const { Sequelize } = require('sequelize');
    const sequelize = new Sequelize({
      ...client.sequelizeOptions(bundle),
      logging: false,
      pool: { max: 1, min: 0, maxUses: 1 },
    });
    sequelize.addHook('beforeConnect', (config: { ssl?: unknown; dialectOptions?: unknown }) => {
      const { ssl } = client.pgConfig(bundle);
      Object.assign(config, { ssl, dialectOptions: { ssl } });
    });
    const seen = new Set<string>();
    for (let count = 0; count < 3; count += 1) {
      const ofKnex = (await knex.raw(query)).rows[0].seen;
      const ofSequelize = (await sequelize.query(query))[0][0].seen;
      assert.equal(ofKnex, ofSequelize);
      seen.add(ofKnex);
      bundle = await issue(authority, authority.certificate);
    }
    await knex.destroy();
    await sequelize.close();
    assert.equal(expires, 3);
    if (major >= 12) assert.equal(seen.size, 3);
  });

  test('TypeORM, Drizzle, slonik and Prisma 7 pass the object to pg, which reads it at each connection', {
    skip: withoutPackages,
  }, async () => {
    let bundle = await issue(authority, authority.certificate);
    const { ssl, ...config } = client.pgConfig(bundle, { live: () => bundle });
    const pooled = { max: 1, maxUses: 1 };
    const source = new (require('typeorm').DataSource)({ ...client.typeOrmOptions(bundle), ssl, extra: pooled });
    await source.initialize();
    const pool = new (require('pg').Pool)({ ...config, ssl, ...pooled });
    const drizzle = require('drizzle-orm/node-postgres').drizzle(pool);
    const adapter = await new (require('@prisma/adapter-pg').PrismaPg)({ ...config, ssl, ...pooled }).connect();
    const { createPool, createSqlTag } = require('slonik');
    // With `idleTimeout`, slonik closes a connection that is idle for ten milliseconds.
    const slonik = await createPool(client.toConnectionString(bundle.target), { ssl, idleTimeout: 10 });
    const sql = Object.assign([query], { raw: Object.freeze([query]) });
    const askers: Readonly<Record<string, () => Promise<string>>> = {
      typeOrm: async () => (await source.query(query))[0].seen,
      drizzle: async () => (await drizzle.execute(query)).rows[0].seen,
      prisma: async () => (await adapter.queryRaw({ sql: query, args: [], argTypes: [] })).rows[0][0],
      slonik: () => slonik.oneFirst(createSqlTag().unsafe(sql)),
    };
    try {
      const seen = new Set<string>();
      for (let count = 0; count < 3; count += 1) {
        const serials = await Promise.all(Object.values(askers).map((ask) => ask()));
        assert.equal(new Set(serials).size, 1, `${Object.keys(askers)}: ${serials}`);
        seen.add(serials[0]!);
        bundle = await issue(authority, authority.certificate);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      if (major >= 12) assert.equal(seen.size, 3);
    } finally {
      await Promise.all([source.destroy(), pool.end(), adapter.dispose(), slonik.end()]);
    }
  });

  test('a pool without a client certificate follows root.crt during a CA rollover', async (t) => {
    const next = await CertificateAuthority.create({ subject: 'CN=Next' });
    const rules =
      'local all all trust\nhostssl all bob 127.0.0.1/32 scram-sha-256\nhostssl all all 127.0.0.1/32 cert\n';
    server.writeFiles({ 'pg_hba.conf': rules });
    await server.reload();
    await server.query("set password_encryption = 'scram-sha-256'");
    await server.query("create role bob login password 'open sesame'");
    const target = { host: '127.0.0.1', port: server.port, user: 'bob', database: 'postgres' };
    const bundle = client.clientBundle({ target, ca: authority.certificate });
    const directory = temporaryFolder();
    const publish = (ca: string): void => {
      writeFileSync(join(directory, 'root.next'), ca);
      renameSync(join(directory, 'root.next'), join(directory, 'root.crt'));
    };
    const serve = async (by: CertificateAuthority): Promise<void> => {
      const { chain, privateKey } = await by.issueServerCertificate({ hosts: ['localhost', '127.0.0.1'] });
      server.writeFiles({ 'server.key': privateKey.toPem(), 'server.crt': chain });
      await server.reload();
    };
    publish(authority.certificate);
    const live = client.liveFiles(bundle, { directory, readFile: readFileSync, statFile: (path) => statSync(path) });
    const pool = new pg.Pool({ ...client.pgConfig(bundle, { live }), password: 'open sesame', max: 10, maxUses: 20 });
    pool.on('error', () => undefined);
    const ask = async (): Promise<string> => (await pool.query('select current_user::text as seen')).rows[0].seen;
    const { seen, errors, queries } = await underLoad(ask, async (settle) => {
      publish(authority.certificate + next.certificate);
      await settle();
      await serve(next);
      await settle();
      publish(next.certificate);
      await settle();
    });
    assert.deepEqual([errors, [...seen]], [[], ['bob']]);
    // A client with only the old root is refused now, so the pool must have read the new root file.
    await assert.rejects(server.connect({ ...client.pgConfig(bundle), password: 'open sesame' }), /certificate/);
    await pool.end();
    await serve(authority);
    t.diagnostic(`${queries} queries, 0 errors`);
  });

  test("Bun's SQL copies the object, and a new SQL has the new certificate", { skip: withoutBun }, async () => {
    const [first, second] = [
      await issue(authority, authority.certificate),
      await issue(authority, authority.certificate),
    ];
    const program = join(temporaryFolder(), 'bun.mjs');
    writeFileSync(
      program,
      `const { options, query } = JSON.parse(await Bun.stdin.text());
      const seen = [];
      for (const each of options) {
        const sql = new Bun.SQL({ ...each, max: 1 });
        seen.push((await sql.unsafe(query))[0].seen);
        // The open queries end first.
        await sql.close({ timeout: 5 });
      }
      console.log(JSON.stringify(seen));`,
    );
    const options = [first, second].map((each) => client.bunSqlOptions(each));
    const stdout = execFileSync(bun, [program], { input: JSON.stringify({ options, query }), encoding: 'utf8' });
    const seen: readonly string[] = JSON.parse(stdout);
    const serials = [first, second].map(({ certificate }) =>
      BigInt(`0x${new X509Certificate(certificate).serialNumber}`),
    );
    if (major >= 12) assert.deepEqual(seen.map(BigInt), serials);
    else assert.equal(seen.length, 2);
    // Bun must refuse a server whose certificate comes from a root that Bun does not trust.
    const { certificate: strange } = await CertificateAuthority.create({ subject: 'CN=Strange' });
    const wrong = [{ ...options[0], tls: { ...options[0]!.tls, ca: strange } }];
    const input = JSON.stringify({ options: wrong, query });
    assert.throws(() => execFileSync(bun, [program], { input, stdio: 'pipe' }), /certificate|ERR_TLS|TLS/i);
  });

  test('the CA rolls over under a pool of pg, and no query fails', async (t) => {
    const next = await CertificateAuthority.create({ subject: 'CN=New' });
    const both = authority.certificate + next.certificate;
    let bundle = await issue(authority, authority.certificate);
    const { ask, end } = pgAsker(bundle, () => bundle);
    const { seen, errors, queries } = await underLoad(ask, async (settle) => {
      // These are the steps of a CA rollover: both sides trust both roots, the server gets a new certificate, the
      // client gets a new certificate, and both sides stop trusting the old root.
      bundle = await issue(authority, both);
      server.writeFiles({ 'root.crt': both });
      await server.reload();
      await settle();
      const { chain, privateKey } = await next.issueServerCertificate({ hosts: ['localhost', '127.0.0.1'] });
      server.writeFiles({ 'server.key': privateKey.toPem(), 'server.crt': chain });
      await server.reload();
      await settle();
      bundle = await issue(next, both);
      await settle();
      bundle = await issue(next, next.certificate);
      server.writeFiles({ 'root.crt': next.certificate });
      await server.reload();
      await settle();
    });
    await end();
    assert.deepEqual(errors, []);
    if (major >= 12) assert.equal(seen.size, 4);
    t.diagnostic(`${queries} queries, 0 errors, ${seen.size} certificates seen`);
  });
});
