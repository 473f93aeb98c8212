import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import type { KeptAccess } from '../../src/tls/index.ts';
import { listenAddresses, unreached } from '../../src/tls/plan/settings/listening.ts';

test('listen_addresses is split as the major version splits it: as identifiers up to 12', () => {
  const long = 'x'.repeat(70);
  const split = (version: 12 | 13) => {
    const main = ConfFile.parse(`listen_addresses = 'DB.example.com, ${long}'\n`, { version });
    return listenAddresses(ConfTree.read({ main }));
  };
  assert.deepEqual(split(12), ['db.example.com', long.slice(0, 63)]);
  assert.deepEqual(split(13), ['DB.example.com', long]);
});

test('a client is out of reach if the settings say so, and unknown if a name or an unread file decides', () => {
  const [here, there] = ['127.0.0.1', '10.0.0.1'];
  const over = (address: string, more: object = {}) => ({ transport: 'ssl', address, ...more }) as const;
  const socket = (more: object = {}) => ({ transport: 'local', ...more }) as const;
  const rows: readonly (readonly [conf: string, access: object, expected: string | undefined])[] = [
    ["listen_addresses = ''", over(here), 'out: listen_addresses is empty, and the server does not listen on TCP'],
    [
      "listen_addresses = 'localhost'",
      over(there),
      'out: listen_addresses is localhost, and the client is on another machine',
    ],
    ["listen_addresses = 'localhost'", over(here), undefined],
    ["listen_addresses = 'localhost'", over(here, { host: here }), undefined],
    ["listen_addresses = '*'", over(here), undefined],
    [
      "listen_addresses = '10.0.0.5'",
      over(here),
      'unknown: listen_addresses is 10.0.0.5, and the client has the address 127.0.0.1',
    ],
    [
      "listen_addresses = '0.0.0.0'",
      over('::1'),
      'out: listen_addresses is 0.0.0.0, and the client has an IPv6 address',
    ],
    ["listen_addresses = '::'", over(there), 'out: listen_addresses is ::, and the client has an IPv4 address'],
    ["listen_addresses = '10.0.0.5'", over(there, { host: '10.0.0.5' }), undefined],
    [
      "listen_addresses = '10.0.0.5'",
      over(there, { host: '10.0.0.6' }),
      'out: listen_addresses is 10.0.0.5, and the client connects to 10.0.0.6',
    ],
    [
      "listen_addresses = '10.0.0.5'",
      over(there, { host: 'db' }),
      'unknown: listen_addresses is 10.0.0.5, and the client connects to db',
    ],
    ["listen_addresses = 'db'", over(there, { host: 'DB' }), undefined],
    ["listen_addresses = '*'\nport = 5433", over(there, { port: 5433 }), undefined],
    [
      "listen_addresses = '*'\nport = 5433",
      over(there, { port: 5432 }),
      'out: the port of the server is 5433, and the client connects to 5432',
    ],
    [
      "unix_socket_directories = ''",
      socket(),
      'out: unix_socket_directories is empty, and the server has no Unix socket',
    ],
    ["unix_socket_directories = '/run, /tmp'", socket({ host: '/tmp/' }), undefined],
    ["unix_socket_directories = '/run'", socket({ host: '/tmp' }), 'out: unix_socket_directories does not name /tmp'],
    ['', socket({ host: '/run/own' }), 'unknown: unix_socket_directories does not name /run/own'],
    ['port = 5433', socket({ port: 5432 }), 'out: the port of the server is 5433, and the client connects to 5432'],
    [
      "include 'other.conf'\nlisten_addresses = ''",
      over(here),
      'unknown: listen_addresses is empty, and the server does not listen on TCP, unless an included file that was not read says otherwise',
    ],
  ];
  for (const [conf, access, expected] of rows) {
    const found = unreached(
      ConfTree.read({ main: ConfFile.parse(`${conf}\n`, { version: 18 }) }),
      access as KeptAccess,
    );
    assert.equal(found && `${found.kind}: ${found.reason}`, expected, `${conf} ${JSON.stringify(access)}`);
  }
});
