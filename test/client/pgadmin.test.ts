import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pgAdminServers } from '../../src/client/index.ts';
import { bundleWith } from './pem.ts';

test('servers.json is as the loader of pgAdmin wants it', () => {
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

test('servers.json holds the connection by the names of libpq, and the port is a number', () => {
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

test('paths are absolute, and name and group are texts', () => {
  const bundle = bundleWith();
  for (const directory of ['client', './client', '~/.postgresql']) {
    assert.throws(() => pgAdminServers(bundle, { name: 'a', directory }), { code: 'client-directory-invalid' });
  }
  assert.ok(pgAdminServers(bundle, { name: 'a', directory: 'C:\\pg' }));
  for (const options of [{ name: '' }, { name: undefined as never }, { name: 'a', group: '' }]) {
    assert.throws(() => pgAdminServers(bundle, { directory: '/d', ...options }), { code: 'argument-invalid' });
  }
});

test('the check of the shape sees each fault', () => {
  const { Servers } = pgAdminServers(bundleWith(), { name: 'app', directory: '/home/a' });
  const server: Record<string, unknown> = { ...Servers['1'] };
  for (const name of ['Name', 'Group', 'Host', 'Port', 'MaintenanceDB', 'Username']) {
    assert.equal(complaintsOfPgAdmin({ Servers: { 1: { ...server, [name]: undefined } } }).length, 1);
  }
  assert.equal(complaintsOfPgAdmin({ Servers: { 1: { ...server, Port: '5432' } } }).length, 1);
});

/** What pgAdmin 4 checks before it loads a server (`validate_json_data` in web/pgadmin/utils/__init__.py). */
function complaintsOfPgAdmin(data: { readonly Servers: Readonly<Record<string, object>> }): readonly string[] {
  return Object.values(data.Servers).flatMap((server) => {
    const content = server as Readonly<Record<string, unknown>>;
    const needed = ['Name', 'Group', 'MaintenanceDB', 'Port', 'Username', 'Host'];
    const missing = needed.filter((name) => content[name] === undefined);
    const isNumber = content.Port === undefined || Number.isInteger(content.Port);
    return [...missing, ...(isNumber ? [] : ['Port is not an integer'])];
  });
}
