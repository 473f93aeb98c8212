import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIpAddress } from '../../src/net/ip.ts';
import { parseNetwork } from '../../src/net/network.ts';

const networks: readonly (readonly [text: string, address: string | undefined, mask?: string])[] = [
  ['10.0.0.0/8', '10.0.0.0', '255.0.0.0'],
  ['10.1.2.3', '10.1.2.3', '255.255.255.255'],
  ['10.0.0.0 255.0.255.0', '10.0.0.0', '255.0.255.0'],
  ['::1/128', '::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['::/0', '::', '::'],
  ['10.0.0.0/33', undefined],
  ['::/129', undefined],
  ['10.0.0.0/', undefined],
  ['10.0.0.0/8/8', undefined],
  ['10.0.0.0/+8', undefined],
  ['10.0.0.0  255.0.0.0', undefined],
  ['10.0.0.0 ffff::', undefined],
  ['10.0.0.0/255.0.0.0', undefined],
  [' 10.0.0.0/8', undefined],
  ['db.example.com', undefined],
  ['', undefined],
];

for (const [text, address, mask] of networks) {
  test(`reads ${JSON.stringify(text)} as ${address === undefined ? 'no network' : `${address} under ${mask}`}`, () => {
    const found = parseNetwork(text);
    const shown = found && [formatIpAddress(found.address), formatIpAddress(found.mask)];
    assert.deepEqual(shown, address === undefined ? undefined : [address, mask]);
  });
}
