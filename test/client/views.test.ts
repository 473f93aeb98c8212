import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { parse } from 'pg-connection-string';
import {
  type ConnectionTarget,
  clientBundle,
  clientFilePaths,
  connectionTarget,
  libpqEnvironment,
  libpqFiles,
  libpqKeyValue,
  libpqUri,
  parseConnectionUrl,
  pgConfig,
  serviceEntry,
} from '../../src/client/index.ts';
import { PgHostsslError } from '../../src/errors.ts';

const odd = connectionTarget({ host: 'db.example.com', user: "zoë o'b, x+y", database: 'my \\ db' });
const bundle = clientBundle({
  target: { host: 'db.example.com', user: 'webadmin', database: 'app' },
  ca: 'THE CA\n',
  certificate: 'THE CERTIFICATE\n',
  privateKey: 'THE KEY\n',
});

test('a URL names the three files, and always verify-full', () => {
  assert.equal(
    libpqUri(bundle.target, { directory: '/home/w/.pg app' }),
    'postgresql://webadmin@db.example.com:5432/app?sslmode=verify-full&sslrootcert=/home/w/.pg%20app/root.crt' +
      '&sslcert=/home/w/.pg%20app/postgresql.crt&sslkey=/home/w/.pg%20app/postgresql.key',
  );
  assert.equal(
    libpqUri(connectionTarget({ host: '::1', hostaddr: '::2', user: 'a' })),
    'postgresql://a@[::1]:5432/a?hostaddr=::2&sslmode=verify-full',
  );
});

test('a URL reads back as its target in pg-connection-string too, or is refused', () => {
  const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
  const pieces = fc.array(
    fc.constantFrom('a', '/', '.', '?', '#', '%', '%2F', ' ', '@', ':', '+', '&', '=', 'é', '\\'),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  const texts = fc
    .oneof(
      names,
      pieces.map((list) => list.join('')),
    )
    .filter((text) => !/\0|\p{Surrogate}/u.test(text));
  const hosts = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
  const ports = fc.integer({ min: 1, max: 65535 });
  const given = fc.record({ host: hosts, user: texts, database: texts, port: ports });
  let expressible = 0;
  fc.assert(
    fc.property(given, (parts) => {
      const target = connectionTarget(parts);
      let uri: string;
      try {
        uri = libpqUri(target);
      } catch (error) {
        assert.ok(error instanceof PgHostsslError && error.code === 'connection-not-expressible');
        assert.match(target.database, /[?#]|(^|\/)\.\.?($|\/)/);
        return;
      }
      expressible += 1;
      assert.deepEqual(parseConnectionUrl(uri), target);
      const { host, port, user, database } = parse(uri);
      assert.deepEqual({ host, port: Number(port), user, database }, { ...target });
    }),
    { numRuns: 500 },
  );
  assert.ok(expressible > 200, `${expressible} expressible`);
});

test('key/value string, environment and service entry', () => {
  assert.equal(
    libpqKeyValue(odd, { directory: "/d'x" }),
    "host=db.example.com port=5432 user='zoë o\\'b, x+y' dbname='my \\\\ db' sslmode=verify-full " +
      "sslrootcert='/d\\'x/root.crt' sslcert='/d\\'x/postgresql.crt' sslkey='/d\\'x/postgresql.key'",
  );
  assert.deepEqual(libpqEnvironment(bundle.target, { directory: '/d' }), {
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
    serviceEntry('app', odd),
    "[app]\nhost=db.example.com\nport=5432\nuser=zoë o'b, x+y\ndbname=my \\ db\nsslmode=verify-full\n",
  );
});

test('a service file cannot hold everything', () => {
  const unfit: readonly (readonly [string, ConnectionTarget])[] = [
    ['a]b', odd],
    ['', odd],
    ['x'.repeat(1021), odd],
    ['app', { ...odd, database: 'x ' }],
    ['app', { ...odd, database: 'x\ny' }],
    ['app', { ...odd, database: 'é'.repeat(510) }],
  ];
  for (const [name, target] of unfit) {
    assert.throws(() => serviceEntry(name, target), { code: 'connection-not-expressible' });
  }
});

test('the pg object holds contents, and the name to check where pg would check another', () => {
  const ssl = { ca: 'THE CA\n', cert: 'THE CERTIFICATE\n', key: 'THE KEY\n' };
  const at = (parts: { host: string; hostaddr?: string }) =>
    pgConfig(clientBundle({ ...bundle, privateKey: bundle.privateKey, target: { user: 'a', ...parts } }));
  const common = { port: 5432, user: 'a', database: 'a' };
  assert.deepEqual(at({ host: 'h' }), { host: 'h', ...common, ssl });
  assert.deepEqual(at({ host: '10.0.0.1' }), { host: '10.0.0.1', ...common, ssl: { ...ssl, host: '10.0.0.1' } });
  assert.deepEqual(at({ host: 'h', hostaddr: '::1' }), {
    host: '::1',
    ...common,
    ssl: { ...ssl, host: 'h', servername: 'h' },
  });
});

test('the files of ~/.postgresql, with modes that libpq takes', () => {
  assert.deepEqual(
    libpqFiles(bundle, '/home/w/.postgresql/').map(({ path, mode, content }) => [path, mode, content]),
    [
      ['/home/w/.postgresql/postgresql.key', 0o600, 'THE KEY\n'],
      ['/home/w/.postgresql/postgresql.crt', 0o644, 'THE CERTIFICATE\n'],
      ['/home/w/.postgresql/root.crt', 0o644, 'THE CA\n'],
    ],
  );
  assert.equal(clientFilePaths('/').ca, '/root.crt');
  assert.equal(clientFilePaths('C:\\pg').ca, 'C:\\pg/root.crt');
  for (const directory of ['', '/tmp/db:5432', 'a\nb']) {
    assert.throws(() => clientFilePaths(directory), { code: 'client-directory-invalid' });
  }
});

test('a private key is printed neither with its bundle nor with its file', () => {
  for (const value of [bundle, libpqFiles(bundle, '/d')]) {
    for (const shown of [inspect(value, { depth: 9 }), JSON.stringify(value)]) {
      assert.ok(!shown.includes('THE KEY'));
      assert.ok(shown.includes('THE CERTIFICATE'));
    }
  }
});
