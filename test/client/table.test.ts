import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as client from '../../src/client/index.ts';
import { PgHostsslError } from '../../src/errors.ts';
import { repositoryRoot } from '../repository.ts';
import { bundleWith, encryptedBundle, key, passphrase, serverOnlyBundle } from './pem.ts';

/** For each view, a function that calls it with a bundle. */
const calls: Readonly<Record<string, (bundle: client.ConnectionBundle) => unknown>> = {
  libpqUri: (bundle) => client.libpqUri(bundle, { directory: '/d' }),
  libpqKeyValue: (bundle) => client.libpqKeyValue(bundle, { directory: '/d' }),
  libpqParameters: (bundle) => client.libpqParameters(bundle, { directory: '/d' }),
  libpqServiceEntry: (bundle) => client.libpqServiceEntry('app', bundle, { directory: '/d' }),
  libpqEnvironment: (bundle) => client.libpqEnvironment(bundle, { directory: '/d' }),
  pgConfig: client.pgConfig,
  postgresJsOptions: client.postgresJsOptions,
  typeOrmOptions: client.typeOrmOptions,
  knexOptions: client.knexOptions,
  sequelizeOptions: client.sequelizeOptions,
  bunSqlOptions: client.bunSqlOptions,
  jdbcUrl: (bundle) => client.jdbcUrl(bundle, { directory: '/d' }),
  jdbcProperties: (bundle) => client.jdbcProperties(bundle, { directory: '/d' }),
  dbeaverNotes: (bundle) => client.dbeaverNotes(bundle, { directory: '/d' }),
  pgAdminServers: (bundle) => client.pgAdminServers(bundle, { name: 'app', directory: '/d' }),
  perlDbi: (bundle) => client.perlDbi(bundle, { directory: '/d' }),
  phpPdo: (bundle) => client.phpPdo(bundle, { directory: '/d' }),
  odbcConnectionString: (bundle) => client.odbcConnectionString(bundle, { directory: '/d' }),
  npgsqlConnectionString: (bundle) => client.npgsqlConnectionString(bundle, { directory: '/d' }),
  prismaLegacyUrl: (bundle) =>
    client.prismaLegacyUrl(bundle, { directory: '/d', pkcs12: { name: 'a.p12', passphrase } }),
  kubernetesSecret: (bundle) => client.kubernetesSecret(bundle as client.ClientBundle, { name: 'app' }),
};

test('the table names every view', () => {
  assert.deepEqual(
    client.clientViews.map(({ view }) => view),
    Object.keys(calls),
  );
});

for (const { view, ...row } of client.clientViews) {
  const call = calls[view]!;

  test(`${view} holds ${row.holds}, and takes a passphrase, hostaddr and a client without certificate as the table says`, () => {
    const shown = JSON.stringify(call(bundleWith()));
    assert.equal(shown.includes(JSON.stringify(key).slice(1, -1)), row.holds === 'contents');
    assert.equal(shown.includes('/d/'), row.holds === 'paths');
    if (row.passphrase) {
      const text = JSON.stringify(call(encryptedBundle(passphraseFor(view))));
      assert.ok(/secret/.test(decodeURIComponent(text.replaceAll('100% ', '100 '))), text);
    } else {
      assert.throws(() => call(encryptedBundle(passphraseFor(view))), isNotExpressible);
    }
    if (row.serverOnly) {
      const without = JSON.stringify(call(serverOnlyBundle()));
      assert.doesNotMatch(without, /PRIVATE|postgresql\.(?:crt|key|pk8)|undefined/);
      assert.ok(row.holds === 'paths' ? without.includes('/d/root.crt') : without.includes('BEGIN CERTIFICATE'));
    } else {
      assert.throws(() => call(serverOnlyBundle()), isNotExpressible);
    }
    const withAddress = bundleWith({ target: { host: 'h', hostaddr: '10.0.0.7', user: 'u' } });
    if (!row.hostaddr) assert.throws(() => call(withAddress), isNotExpressible);
    else if (view !== 'kubernetesSecret') assert.ok(JSON.stringify(call(withAddress)).includes('10.0.0.7'));
  });

  test(`${view} returns a new value at each call, whose key drivers can copy and hide`, () => {
    const bundle = bundleWith();
    const [first, second] = [call(bundle), call(bundle)];
    assert.deepEqual(first, second);
    if (typeof first === 'object') assert.notEqual(first, second);
    for (const object of objectsIn(first)) {
      assert.ok(!objectsIn(second).includes(object));
      for (const descriptor of Object.values(Object.getOwnPropertyDescriptors(object))) {
        assert.ok(descriptor.enumerable && descriptor.configurable && descriptor.writable);
      }
    }
  });
}

test('the documentation has this table', () => {
  const rows = client.clientViews.map(({ view, clients, returns, holds, passphrase: carries, limits = '' }) => [
    `\`${view}\``,
    clients,
    returns,
    holds,
    carries ? 'yes' : 'no',
    limits,
  ]);
  const page = readFileSync(join(repositoryRoot, 'docs/clients.md'), 'utf8');
  const [head, , ...shown] = page
    .split(/^## Views$/m)[1]!
    .split(/^## /m)[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  assert.deepEqual(head, ['view', 'clients', 'returns', 'holds', 'passphrase', 'limits']);
  assert.deepEqual(shown, rows);
});

test('pgjdbc gets PKCS#8 in DER, or the name of a PKCS#12 file', () => {
  const [file] = client.jdbcFiles(bundleWith(), '/d');
  assert.deepEqual([file?.path, file?.mode, file?.secret], ['/d/postgresql.pk8', 0o600, true]);
  assert.deepEqual(file?.content(), Uint8Array.of(0x30, 4, 4));
  const traditional = bundleWith({ privateKey: key.replaceAll('PRIVATE', 'EC PRIVATE') });
  assert.throws(() => client.jdbcFiles(traditional, '/d'), { code: 'key-algorithm-unsupported' });
  assert.throws(() => client.jdbcFiles(encryptedBundle(), '/d'), isNotExpressible);

  const pkcs12 = { name: 'app.p12', passphrase };
  const properties = client.jdbcProperties(encryptedBundle(), { directory: '/d', pkcs12 });
  assert.deepEqual(
    [properties.sslkey, properties.sslpassword, properties.sslcert],
    ['/d/app.p12', passphrase, undefined],
  );
  for (const word of ['pässword', 'a\tb', '']) {
    const options = { directory: '/d', pkcs12: { name: 'app.p12', passphrase: word } };
    assert.throws(() => client.jdbcProperties(bundleWith(), options), isNotExpressible);
  }
  for (const name of ['app.pem', '../x.p12', 'a/b.pfx', '']) {
    const options = { directory: '/d', pkcs12: { name, passphrase } };
    assert.throws(() => client.jdbcProperties(bundleWith(), options), { code: 'argument-invalid' });
  }
});

test('the notes for DBeaver say what to enter, and show no passphrase', () => {
  assert.equal(
    client.dbeaverNotes(bundleWith({ target: { host: 'h', user: "zoë o'b", database: 'my db' } }), { directory: '/d' }),
    `New Database Connection: PostgreSQL
Page Main, Connect by Host, Authentication Database Native, without a password:
  Host: h
  Port: 5432
  Database: my db
  Username: zoë o'b
Page SSL, Use SSL:
  CA Certificate: /d/root.crt
  Client Certificate: /d/postgresql.crt
  Client Private Key: /d/postgresql.pk8
  SSL mode: verify-full
`,
  );
  const pkcs12 = { name: 'a.p12', passphrase };
  const notes = client.dbeaverNotes(encryptedBundle(), { directory: '/d', pkcs12 });
  assert.match(
    notes,
    /^Page Driver properties.*\n {2}sslmode: verify-full\n.*\n {2}sslkey: \/d\/a\.p12\n {2}sslpassword: \(/m,
  );
  assert.ok(!notes.includes(passphrase));
  for (const user of ['a\nb', ' a', 'a\u00a0']) {
    assert.throws(
      () => client.dbeaverNotes(bundleWith({ target: { host: 'h', user } }), { directory: '/d' }),
      isNotExpressible,
    );
  }
});

test('a JDBC URL escapes a plus sign, because URLDecoder reads it as a blank', () => {
  const bundle = bundleWith({ target: { host: 'h', user: 'a+b &?', database: "my/d#b'%" } });
  assert.ok(
    client
      .jdbcUrl(bundle, { directory: '/d' })
      .startsWith("jdbc:postgresql://h:5432/my%2Fd%23b'%25?user=a%2Bb%20%26%3F&"),
  );
  const ipv6 = bundleWith({ target: { host: '::1', user: 'a' } });
  assert.throws(() => client.jdbcUrl(ipv6, { directory: '/d' }), isNotExpressible);
});

test('a Secret of Kubernetes has the name and the three keys', () => {
  const { metadata, type, stringData } = client.kubernetesSecret(bundleWith(), { name: 'app', namespace: 'db' });
  assert.deepEqual([metadata, type], [{ name: 'app', namespace: 'db' }, 'kubernetes.io/tls']);
  assert.equal(stringData['tls.key'], key);
  for (const options of [{ name: 'App' }, { name: '-a' }, { name: 'a', namespace: '' }, { name: undefined as never }]) {
    assert.throws(() => client.kubernetesSecret(bundleWith(), options), { code: 'argument-invalid' });
  }
});

/**
 * Returns the passphrase that the test gives to a view. For DBD::Pg it has no quote, because DBD::Pg cannot express
 * one.
 */
function passphraseFor(view: string): string {
  return view === 'perlDbi' ? 'it is \\\\ 100% #secret' : passphrase;
}

function isNotExpressible(error: unknown): boolean {
  return error instanceof PgHostsslError && error.code === 'connection-not-expressible' && error.hint !== undefined;
}

function objectsIn(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}
