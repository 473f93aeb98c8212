import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { listenAddresses } from '../../src/tls/plan/listens.ts';

test('listen_addresses is split as the major version splits it: as identifiers up to 12', () => {
  const long = 'x'.repeat(70);
  const split = (version: 12 | 13) => {
    const main = ConfFile.parse(`listen_addresses = 'DB.example.com, ${long}'\n`, { version });
    return listenAddresses(ConfTree.read({ main }));
  };
  assert.deepEqual(split(12), ['db.example.com', long.slice(0, 63)]);
  assert.deepEqual(split(13), ['DB.example.com', long]);
});
