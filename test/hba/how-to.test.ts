import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { all, clientCertOption, HbaFile } from '../../src/hba/index.ts';
import type { PgMajor } from '../../src/version.ts';

const columns = { type: 8, database: 12, user: 12, address: 22 };

function howToFile(version: PgMajor): HbaFile {
  const insertions: Parameters<HbaFile['insert']>[0][] = [
    { kind: 'comment', comment: ' TYPE  DATABASE    USER        CIDR-ADDRESS          METHOD' },
    { kind: 'comment', comment: ' "local" is for Unix domain socket connections only' },
    { type: 'local', databases: [all], users: [all], method: 'trust' },
    { kind: 'comment', comment: ' IPv4 local connections:' },
    { type: 'host', databases: [all], users: [all], address: '127.0.0.1/32', method: 'trust' },
    { kind: 'blank' },
    { kind: 'comment', comment: ' IPv4 remote connections for authenticated users' },
    {
      type: 'hostssl',
      databases: [all],
      users: ['webadmin'],
      address: '0.0.0.0/0',
      method: 'md5',
      options: [clientCertOption('verify-full', version)],
    },
  ];
  return insertions.reduce(
    (file, insertion) => file.insert(insertion, 'end', { columns }),
    HbaFile.parse('', { version, server: { ssl: true, dbUserNamespace: false } }),
  );
}

for (const [version, fixture] of [
  [18, 'how-to'],
  [12, 'how-to'],
  [11, 'how-to-10'],
  [10, 'how-to-10'],
] as const) {
  test(`the typed API makes the how-to's pg_hba.conf for ${version} byte for byte`, () => {
    const file = howToFile(version);
    assert.deepEqual(file.toBytes(), new Uint8Array(readFileSync(`fixtures/hba/${fixture}/out.conf`)));
    assert.deepEqual(
      file.diagnostics.filter(({ severity }) => severity !== 'info'),
      [],
    );
  });
}

test('the last rule gets its columns from its neighbors', () => {
  const file = howToFile(18);
  const again = file.remove(file.rules[2]!).insert(
    {
      type: 'hostssl',
      databases: [all],
      users: ['webadmin'],
      address: '0.0.0.0/0',
      method: 'md5',
      options: [clientCertOption('verify-full', 18)],
    },
    'end',
  );
  assert.equal(again.toString(), file.toString());
});
