import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { libpqUri, pgConfig, testBundle } from 'pg-hostssl/client';
import { CertificateAuthority } from 'pg-hostssl/pki';
import { attempt, type Outcome } from '../../examples/attempt.ts';
import { startSecured } from '../../examples/embedded-server.ts';
import { findConfigurations } from '../../examples/find-configuration.ts';
import { withNetwork } from '../../examples/network.ts';
import { withTls } from '../../examples/settings.ts';
import { checkedConfig } from '../../examples/sslmode.ts';
import { addTenants } from '../../examples/tenants.ts';
import { secured } from '../../examples/testcontainers.ts';
import { withoutTrust } from '../../examples/trust-to-scram.ts';
import { repositoryRoot } from '../repository.ts';
import { availableMajors, serverAccount, startServer, temporaryFolder, withServer } from '../server/index.ts';

const major = availableMajors.at(-1)!;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (content: Uint8Array): string => new TextDecoder().decode(content);

test('network: the rule is above the rule that would decide, and a second run changes nothing', () => {
  const text = '# 10.1.0.0/16 is the office\nhost all all 10.1.0.9/32 reject\nhost all all all md5\n';
  const once = withNetwork(bytes(text), 18, '10.1.0.0/16');
  assert.equal(
    textOf(once).replace(/ +/g, ' '),
    text.replace('host all all all', 'hostssl all all 10.1.0.0/16 scram-sha-256\nhost all all all'),
  );
  assert.deepEqual(withNetwork(once, 18, '10.1.0.0/16'), once);
  assert.throws(
    () => withNetwork(bytes('host all all 0.0.0.0/0 passwd\n'), 18, '10.1.0.0/16'),
    /"passwd" is not an authentication method/,
  );
});

test('settings: the effective line changes, and the comment above stays', () => {
  const text = '# ssl = off, said somebody\nssl = off\nssl = off # last\n';
  assert.equal(
    textOf(withTls(bytes(text), 18)),
    "# ssl = off, said somebody\nssl = off\nssl = on # last\nssl_ca_file = 'root.crt'\n",
  );
});

test('trust-to-scram: the method changes, and no name or comment does', () => {
  const text = 'local all all trust\nhost trust all 127.0.0.1/32 trust # trust\nhost all all ::1/128 md5\n';
  assert.equal(textOf(withoutTrust(bytes(text), 18)), text.replace('127.0.0.1/32 trust', '127.0.0.1/32 scram-sha-256'));
});

test('find-configuration: finds the data directory of Postgres.app', async () => {
  const home = temporaryFolder();
  const data = join(home, 'Library/Application Support/Postgres/var-18');
  for (const name of ['Library', 'Library/Application Support', 'Library/Application Support/Postgres'])
    makeOwn(home, name);
  makeOwn(data);
  writeFileSync(join(data, 'PG_VERSION'), '18\n');
  writeFileSync(join(data, 'postgresql.conf'), 'port = 5433\n');
  writeFileSync(join(data, 'pg_hba.conf'), 'local all all trust\n');
  const [first] = await findConfigurations(home);
  assert.deepEqual([first?.dataDirectory, first?.version, first?.hba.rules.length], [data, 18, 1]);
});

test('sslmode: the client checks the server with any sslmode in the URL', async () => {
  const { ca } = await testBundle({ users: [] });
  const { ssl, ...rest } = checkedConfig('postgresql://alice@db.example.com/app?sslmode=require', ca, 'secret');
  assert.deepEqual(
    { ...rest },
    { host: 'db.example.com', port: 5432, user: 'alice', database: 'app', password: 'secret' },
  );
  assert.deepEqual(Object.keys(ssl), ['ca']);
});

/** `withSSLCert` as `PostgreSqlContainer` of @testcontainers/postgresql 12.2.0 declares it. */
class Container {
  paths: readonly string[] = [];
  withSSLCert(caCertFile: string, certFile: string, keyFile: string): this {
    this.paths = [caCertFile, certFile, keyFile];
    return this;
  }
}

test('testcontainers: writes three files, the key with mode 0600, and passes their paths', async () => {
  const folder = temporaryFolder();
  const result = await secured(new Container(), folder);
  assert.deepEqual(
    result.container.paths,
    ['root.crt', 'server.crt', 'server.key'].map((name) => join(folder, name)),
  );
  assert.equal(statSync(join(folder, 'server.key')).mode & 0o777, 0o600);
});

test('access-review: fails for the change that lets somebody in, and names its line', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'main.conf'), 'hostssl app all 10.0.0.0/8 scram-sha-256\n');
  writeFileSync(join(folder, 'same.conf'), '# reviewed\nhostssl app all 10.0.0.0/8 scram-sha-256\n');
  writeFileSync(
    join(folder, 'wider.conf'),
    'hostssl app all 10.0.0.0/8 scram-sha-256\nhost app all 10.1.0.0/16 trust\n',
  );
  const review = (name: string) =>
    spawnSync(process.execPath, [program('access-review'), 'main.conf', name], { cwd: folder, encoding: 'utf8' });
  assert.deepEqual([review('same.conf').status, review('same.conf').stdout], [0, '']);
  assert.equal(review('wider.conf').status, 1);
  assert.match(review('wider.conf').stdout, /^::error file=wider\.conf,line=2::User "anyone" to database "app" /);
});

test('embedded-server: the user gets in with the certificate only', async () => {
  const server = await startServer({ major });
  try {
    await server.stop();
    const config = await startSecured(
      { initialise: async () => undefined, start: () => server.start() },
      { databaseDir: server.dataDirectory, port: server.port, user: 'app' },
    );
    await server.query('CREATE ROLE app LOGIN');
    assertIsIn(await attempt(config), '/CN=app');
    assert.ok('refusal' in (await attempt({ ...config, ssl: { ca: config.ssl.ca } })));
  } finally {
    await server.remove();
  }
});

test('tenants: each tenant gets into its own database only', async () => {
  await withServer({ major }, async (server) => {
    for (const name of ['alice', 'bob']) {
      await server.query(`CREATE ROLE ${name} LOGIN`);
      await server.query(`CREATE DATABASE ${name}`);
    }
    const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
    const place = { host: 'localhost', port: server.port };
    const bundles = await addTenants(server.dataDirectory, authority, place, ['alice', 'bob']);
    assert.deepEqual(
      bundles.map(({ target }) => target.user),
      ['alice', 'bob'],
    );
    for (const bundle of bundles) {
      assertIsIn(await attempt(pgConfig(bundle)), `/CN=${bundle.target.user}`);
      assert.ok('refusal' in (await attempt({ ...pgConfig(bundle), database: 'postgres' })));
    }
  });
});

test('ci-certificates: a server with the printed parameters lets the user in with the files', async () => {
  const folder = temporaryFolder();
  const printed = execFileSync(process.execPath, [program('ci-certificates'), 'tls', 'app'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const settings = Object.fromEntries(
    printed
      .trim()
      .split(/ ?-c /)
      .slice(1)
      .map((setting) => setting.split('=')),
  );
  const server = await startServer({ major });
  try {
    await server.query('CREATE ROLE app LOGIN');
    await server.stop();
    giveAway(join(folder, 'tls'));
    for (const name of readdirSync(join(folder, 'tls'))) giveAway(join(folder, 'tls', name));
    await server.start(settings);
    const bundle = (await testBundle({ users: ['app'] })).client({
      user: 'app',
      port: server.port,
      database: 'postgres',
    });
    assertIsIn(
      await attempt({ connectionString: libpqUri(bundle, { directory: join(folder, 'tls/app') }) }),
      '/CN=app',
    );
  } finally {
    await server.remove();
  }
});

test('passwords-to-certificates: offer keeps the rules, and require asks for the certificate', async () => {
  await withServer({ major }, async (server) => {
    await server.query('CREATE ROLE app LOGIN');
    const cwd = temporaryFolder();
    const url = `postgresql://app@localhost:${server.port}/postgres`;
    const run = (step: string): string => {
      const parameters = [program('passwords-to-certificates'), server.dataDirectory, url, join(cwd, 'client'), step];
      return execFileSync(process.execPath, parameters, { cwd, encoding: 'utf8' });
    };
    const withoutCertificate = async () => {
      const ca = readFileSync(join(cwd, 'client/root.crt'), 'utf8');
      return attempt({ host: 'localhost', port: server.port, user: 'app', database: 'postgres', ssl: { ca } });
    };
    run('offer');
    assert.ok('session' in (await withoutCertificate()));
    run('require');
    assert.match(JSON.stringify(await withoutCertificate()), /requires a valid client certificate/);
    const files = { sslrootcert: 'root.crt', sslcert: 'postgresql.crt', sslkey: 'postgresql.key' };
    const parameters = Object.entries(files).map(([name, file]) => `${name}=${join(cwd, 'client', file)}`);
    assertIsIn(await attempt({ connectionString: `${url}?sslmode=verify-full&${parameters.join('&')}` }), '/CN=app');
  });
});

/** The names of the recipes: the programs and functions that people copy. */
const recipes = [
  ...['access-review', 'ci-certificates', 'create-authority', 'embedded-server', 'find-configuration', 'network'],
  ...['passwords-to-certificates', 'settings', 'sslmode', 'tenants', 'testcontainers', 'trust-to-scram'],
];

test('a recipe has at most 15 lines besides its imports, comments and closing brackets', () => {
  for (const name of recipes) {
    const text = readFileSync(join(repositoryRoot, 'examples', `${name}.ts`), 'utf8');
    const own = text.split('\n').filter((line) => !/^\s*(?:$|\/\/|\/\*\*|import |[\])};,]+$)/.test(line));
    assert.ok(own.length <= 15, `${name} has ${own.length} lines`);
  }
});

/** Makes directories that belong to the account of the servers. */
function makeOwn(...names: readonly string[]): void {
  mkdirSync(join(...names));
  giveAway(join(...names));
}

/** Gives a path to the account of the servers, if it is not this account. */
function giveAway(path: string): void {
  if (serverAccount !== undefined) chownSync(path, serverAccount.uid, serverAccount.gid);
}

function program(name: string): string {
  return join(repositoryRoot, 'build/examples', `${name}.js`);
}

function assertIsIn(outcome: Outcome, subject: string): void {
  assert.ok('session' in outcome && outcome.session.client === subject, JSON.stringify(outcome));
}
