import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bunSqlOptions,
  certificateLogins,
  clientFilePaths,
  jdbcUrl,
  knexOptions,
  libpqEnvironment,
  libpqFiles,
  libpqKeyValue,
  libpqParameters,
  libpqServiceEntry,
  libpqUri,
  pgAdminServers,
  pgConfig,
  postgresJsOptions,
  prismaLegacyUrl,
  sequelizeOptions,
  testBundle,
  typeOrmOptions,
} from '../../src/client/index.ts';
import { bundleWith, ca, encryptedBundle, encryptedKey, intermediate, key, leaf, passphrase } from './pem.ts';

const bundle = bundleWith();
const odd = bundleWith({ target: { host: 'db.example.com', user: "zoë o'b, x+y", database: 'my \\ db' } });

test('a URL names the three files, and always says verify-full', () => {
  assert.equal(
    libpqUri(bundle, { directory: '/home/w/.pg app' }),
    'postgresql://webadmin@db.example.com:5432/app?sslmode=verify-full&sslrootcert=/home/w/.pg%20app/root.crt' +
      '&sslcert=/home/w/.pg%20app/postgresql.crt&sslkey=/home/w/.pg%20app/postgresql.key',
  );
  assert.equal(
    libpqUri(bundleWith({ target: { host: '::1', hostaddr: '::2', user: 'a' } })),
    'postgresql://a@[::1]:5432/a?hostaddr=::2&sslmode=verify-full',
  );
});

test('key/value string, environment and service entry name the three files', () => {
  assert.equal(
    libpqKeyValue(odd, { directory: "/d'x" }),
    "host=db.example.com port=5432 user='zoë o\\'b, x+y' dbname='my \\\\ db' sslmode=verify-full " +
      "sslrootcert='/d\\'x/root.crt' sslcert='/d\\'x/postgresql.crt' sslkey='/d\\'x/postgresql.key'",
  );
  assert.deepEqual(libpqEnvironment(bundle, { directory: '/d' }), {
    PGHOST: 'db.example.com',
    PGPORT: '5432',
    PGUSER: 'webadmin',
    PGDATABASE: 'app',
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: '/d/root.crt',
    PGSSLCERT: '/d/postgresql.crt',
    PGSSLKEY: '/d/postgresql.key',
  });
  assert.equal(
    libpqServiceEntry('app', odd),
    "[app]\nhost=db.example.com\nport=5432\nuser=zoë o'b, x+y\ndbname=my \\ db\nsslmode=verify-full\n",
  );
});

test('a service file rejects values that it cannot contain, and takes a name that ends in a no-break space', () => {
  const ofDatabase = (database: string) => bundleWith({ target: { host: 'h', user: 'u', database } });
  for (const name of ['a]b', '', 'x'.repeat(1019), 'a\nb']) {
    assert.throws(() => libpqServiceEntry(name, odd), { code: 'connection-not-expressible' });
  }
  for (const database of ['x ', 'x\t', 'x\ny', `${'é'.repeat(506)}xx`]) {
    assert.throws(() => libpqServiceEntry('app', ofDatabase(database)), { code: 'connection-not-expressible' });
  }
  assert.match(libpqServiceEntry('app', ofDatabase('x\u00a0')), /^dbname=x\u00a0$/m);
  // With its line end of at most two bytes, a line of 1020 bytes is as long as libpq reads (1022).
  assert.match(libpqServiceEntry('x'.repeat(1018), ofDatabase(`${'é'.repeat(506)}x`)), /^dbname=é+x$/m);
});

test('the pg object has the contents, and the name to check if pg would check another name', () => {
  const ssl = { ca, cert: leaf + intermediate, key };
  const at = (parts: { host: string; hostaddr?: string }) => pgConfig(bundleWith({ target: { user: 'a', ...parts } }));
  const common = { port: 5432, user: 'a', database: 'a' };
  assert.deepEqual(at({ host: 'h' }), { host: 'h', ...common, ssl });
  assert.deepEqual(at({ host: '10.0.0.1' }), { host: '10.0.0.1', ...common, ssl: { ...ssl, host: '10.0.0.1' } });
  assert.deepEqual(at({ host: 'h', hostaddr: '::1' }), {
    host: '::1',
    ...common,
    ssl: { ...ssl, host: 'h', servername: 'h' },
  });
});

test('each driver gets host, port, user, database and TLS options under its own names', () => {
  const ssl = { ca, cert: leaf + intermediate, key };
  const at = { host: 'db.example.com', port: 5432, database: 'app' };
  const common = { ...at, username: 'webadmin' };
  assert.deepEqual(postgresJsOptions(bundle), { ...common, ssl });
  assert.deepEqual(typeOrmOptions(bundle), { type: 'postgres', ...common, ssl });
  assert.deepEqual(knexOptions(bundle), { client: 'pg', connection: { ...at, user: 'webadmin', ssl } });
  assert.deepEqual(sequelizeOptions(bundle), { dialect: 'postgres', ...common, dialectOptions: { ssl } });
  const { host: hostname, ...others } = common;
  assert.deepEqual(bunSqlOptions(bundle), { hostname, ...others, tls: { ...ssl, rejectUnauthorized: true } });
  assert.equal(
    prismaLegacyUrl(bundle, { directory: '/root.crt', pkcs12: { name: 'a b.p12', passphrase: 'x&y' } }),
    'postgresql://webadmin@db.example.com:5432/app?sslmode=require&sslaccept=strict&sslcert=/root.crt/root.crt' +
      '&sslidentity=/root.crt/a%20b.p12&sslpassword=x%26y',
  );
});

test('postgres.js gets no IPv6 address, and other drivers get it as it is', () => {
  for (const target of [
    { host: '2001:db8::7', user: 'a' },
    { host: 'h', hostaddr: '::1', user: 'a' },
  ]) {
    const at = bundleWith({ target });
    assert.throws(() => postgresJsOptions(at), { code: 'connection-not-expressible' });
    const host = target.hostaddr ?? target.host;
    assert.deepEqual(
      [typeOrmOptions(at).host, sequelizeOptions(at).host, bunSqlOptions(at).hostname],
      [host, host, host],
    );
  }
  assert.equal(
    postgresJsOptions(bundleWith({ target: { host: '::1', hostaddr: '10.0.0.7', user: 'a' } })).ssl.host,
    '::1',
  );
});

test('each pg object is a new object, whose key drivers can copy and hide', () => {
  const [first, second] = [pgConfig(bundle), pgConfig(bundle)];
  // This is what `pg` does to the `ssl` object that it gets.
  Object.defineProperty(first.ssl, 'key', { enumerable: false });
  assert.ok(!Object.keys(first.ssl).includes('key'));
  const { enumerable, configurable } = Object.getOwnPropertyDescriptor(second.ssl, 'key')!;
  assert.deepEqual({ enumerable, configurable }, { enumerable: true, configurable: true });
});

test('each view with a place for the passphrase contains it, and every other view says so', () => {
  const encrypted = encryptedBundle();
  assert.equal(libpqParameters(encrypted).sslpassword, passphrase);
  assert.equal(new URL(libpqUri(encrypted)).searchParams.get('sslpassword'), passphrase);
  assert.ok(libpqKeyValue(encrypted).endsWith(" sslpassword='it\\'s \\\\ 100% #secret'"));
  assert.ok(libpqServiceEntry('app', encrypted).endsWith(`\nsslpassword=${passphrase}\n`));
  assert.deepEqual(pgConfig(encrypted).ssl, { ca, cert: leaf + intermediate, key: encryptedKey, passphrase });
  const { Servers } = pgAdminServers(encrypted, { name: 'app', directory: '/d' });
  assert.equal(Servers['1']?.ConnectionParameters.sslpassword, passphrase);
  assert.throws(() => libpqEnvironment(encrypted), { code: 'connection-not-expressible', message: /PrivateKey.read/ });
  assert.equal(libpqFiles(encrypted, '/d')[0]?.content(), encryptedKey);
});

test('a passphrase that no program in C can read is refused', () => {
  for (const wrong of ['a\0b', '\ud800']) {
    assert.throws(() => encryptedBundle(wrong), { code: 'text-invalid' });
  }
});

test('the files of ~/.postgresql have modes that libpq accepts', () => {
  assert.deepEqual(
    libpqFiles(bundle, '/home/w/.postgresql/').map((file) => [file.path, file.mode, file.secret, file.content()]),
    [
      ['/home/w/.postgresql/postgresql.key', 0o600, true, key],
      ['/home/w/.postgresql/postgresql.crt', 0o644, false, leaf + intermediate],
      ['/home/w/.postgresql/root.crt', 0o644, false, ca],
    ],
  );
  assert.equal(clientFilePaths('/').ca, '/root.crt');
  assert.equal(clientFilePaths('./~').ca, './~/root.crt');
  assert.equal(clientFilePaths('C:\\pg').ca, 'C:\\pg/root.crt');
  assert.equal(clientFilePaths('C:/pg').ca, 'C:/pg/root.crt');
  for (const directory of [
    '',
    '~',
    '~/.postgresql',
    '~alice/db',
    '/tmp/db:5432',
    'a\nb',
    'a\0b',
    'xC:/pg',
    '/d/\ud800',
  ]) {
    assert.throws(() => clientFilePaths(directory), { code: 'client-directory-invalid' });
  }
});

test('views reject unknown options by name', () => {
  for (const view of [libpqParameters, libpqUri, libpqKeyValue, libpqEnvironment]) {
    assert.throws(() => view(bundle, { dir: '/d' } as never), { code: 'argument-invalid', message: /"dir"/ });
  }
  const options = { name: 'app', directory: '/d', port: 5432 } as never;
  assert.throws(() => pgAdminServers(bundle, options), { code: 'argument-invalid', message: /"port"/ });
});

test('certificateLogins and prismaLegacyUrl refuse arguments without their contents', async () => {
  const { certificate } = (await testBundle({ users: ['alice'] })).client({ user: 'alice' });
  for (const wrong of [undefined, {}, { hba: 'local all all trust' }]) {
    await assert.rejects(certificateLogins(certificate, wrong as never), { code: 'argument-invalid' });
  }
  for (const pkcs12 of [undefined, { name: 'app.p12' }]) {
    assert.throws(() => prismaLegacyUrl(bundle, { directory: '/d', pkcs12 } as never), { code: 'argument-invalid' });
  }
  for (const text of ['a\0b.p12', '\ud800.p12']) {
    const named = { directory: '/d', pkcs12: { name: text, passphrase: 'x' } };
    assert.throws(() => prismaLegacyUrl(bundle, named), { code: 'text-invalid' });
    assert.throws(() => jdbcUrl(bundle, named), { code: 'argument-invalid' });
    const opened = { directory: '/d', pkcs12: { name: 'a.p12', passphrase: text } };
    assert.throws(() => prismaLegacyUrl(bundle, opened), { code: 'text-invalid' });
  }
});
