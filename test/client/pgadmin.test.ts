import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { libpqFiles, pgAdminServers } from '../../src/client/index.ts';
import { temporaryFolder } from '../server/temporary.ts';
import { bundleWith } from './pem.ts';

test('servers.json has the form that pgAdmin loads', () => {
  const targets = [
    { host: 'db.example.com', user: 'webadmin' },
    { host: '::1', port: 5433, user: "zoë o'b", database: 'my "db"' },
    { host: 'h', hostaddr: '10.0.0.1', user: 'u' },
  ];
  for (const target of targets) {
    const text = JSON.stringify(pgAdminServers(bundleWith({ target }), { name: 'app', directory: '/home/a/app' }));
    assert.deepEqual(complaintsOfPgAdmin(JSON.parse(text)), []);
  }
});

test('servers.json has the connection under the names of libpq, and the port as a number', () => {
  const target = { host: 'h', hostaddr: '10.0.0.1', port: 5433, user: 'u', database: 'd' };
  assert.deepEqual(pgAdminServers(bundleWith({ target }), { name: 'app', group: 'Production', directory: '/home/a' }), {
    Servers: {
      1: {
        Name: 'app',
        Group: 'Production',
        Host: 'h',
        Port: 5433,
        MaintenanceDB: 'd',
        Username: 'u',
        ConnectionParameters: {
          hostaddr: '10.0.0.1',
          sslmode: 'verify-full',
          sslrootcert: '/home/a/root.crt',
          sslcert: '/home/a/postgresql.crt',
          sslkey: '/home/a/postgresql.key',
        },
      },
    },
  });
});

test('in server mode pgAdmin finds the files below the storage of the user', () => {
  const storage = join(temporaryFolder(), 'alice_example.com');
  const bundle = bundleWith();
  mkdirSync(join(storage, 'db'), { recursive: true });
  for (const file of libpqFiles(bundle, join(storage, 'db'))) writeFileSync(file.path, file.content());
  const { ConnectionParameters } = pgAdminServers(bundle, { name: 'app', directory: '/db' }).Servers['1']!;
  for (const name of ['sslrootcert', 'sslcert', 'sslkey'] as const) {
    assert.ok(statSync(pathInServerMode(storage, ConnectionParameters[name]!)).isFile(), name);
  }
});

test('paths must be absolute, and name and group must be strings', () => {
  const bundle = bundleWith();
  for (const directory of ['client', './client', '~/.postgresql']) {
    assert.throws(() => pgAdminServers(bundle, { name: 'a', directory }), { code: 'client-directory-invalid' });
  }
  assert.ok(pgAdminServers(bundle, { name: 'a', directory: 'C:\\pg' }));
  for (const options of [{ name: '' }, { name: undefined as never }, { name: 'a', group: '' }]) {
    assert.throws(() => pgAdminServers(bundle, { directory: '/d', ...options }), { code: 'argument-invalid' });
  }
});

test('the check of servers.json in this test notices each fault', () => {
  const { Servers } = pgAdminServers(bundleWith(), { name: 'app', directory: '/home/a' });
  const server: Record<string, unknown> = { ...Servers['1'] };
  for (const name of ['Name', 'Group', 'Host', 'Port', 'MaintenanceDB', 'Username']) {
    assert.equal(complaintsOfPgAdmin({ Servers: { 1: { ...server, [name]: undefined } } }).length, 1);
  }
  assert.equal(complaintsOfPgAdmin({ Servers: { 1: { ...server, Port: '5432' } } }).length, 1);
});

/**
 * Returns the path at which pgAdmin 4 looks for a file in server mode (`get_complete_file_path` in
 * web/pgadmin/utils/__init__.py).
 */
function pathInServerMode(storage: string, path: string): string {
  return join(storage, path.replace(/^\/+/, '').replace(/^\\+/, ''));
}

/**
 * Returns the errors that pgAdmin 4 reports before it loads a server (`validate_json_data` in
 * web/pgadmin/utils/__init__.py).
 */
function complaintsOfPgAdmin(data: { readonly Servers: Readonly<Record<string, object>> }): readonly string[] {
  return Object.values(data.Servers).flatMap((server) => {
    const content = server as Readonly<Record<string, unknown>>;
    const needed = ['Name', 'Group', 'MaintenanceDB', 'Port', 'Username', 'Host'];
    const missing = needed.filter((name) => content[name] === undefined);
    const isNumber = content.Port === undefined || Number.isInteger(content.Port);
    return [...missing, ...(isNumber ? [] : ['Port is not an integer'])];
  });
}
