import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpAddress, parseIpAddress } from '../../src/net/ip.ts';
import { maskOfPrefix, networkContains, prefixOfMask } from '../../src/net/network.ts';
import { runs, seed } from '../property.ts';

const canonical = (text: string): string | undefined => {
  const address = parseIpAddress(text);
  return address && formatIpAddress(address);
};

test('reads IPv4 as inet_aton does', () => {
  assert.deepEqual(
    ['10', '10.1', '010.0.0.1', '0x7f.1', '2130706433', '0', '1.2.65535', '255.255.255.255', '0X1F.0.0.1'].map(
      canonical,
    ),
    [
      '0.0.0.10',
      '10.0.0.1',
      '8.0.0.1',
      '127.0.0.1',
      '127.0.0.1',
      '0.0.0.0',
      '1.2.255.255',
      '255.255.255.255',
      '31.0.0.1',
    ],
  );
  for (const text of [
    '',
    '.',
    '1.',
    '.1',
    '1..2',
    '1.2.3.4.',
    '1.2.3.4.0',
    '1.2.3.4.5',
    '256.1.1.1',
    '4294967296',
    '09',
    '0x',
    '1a',
    '+1',
    ' 1',
    '1.2.3.256',
  ]) {
    assert.equal(canonical(text), undefined, text);
  }
});

test('Node accepts the same IPv6 addresses, and an address does not change when it is written and read again', () => {
  const piece = fc.constantFrom(':', '::', '0', '1', 'fe80', '12345', 'Ab', 'g', '1.2.3.4', '1.2.3.256', '.', '%');
  const groups = fc
    .array(fc.constantFrom('0', 'ffff', '1'), { minLength: 6, maxLength: 9 })
    .map((all) => all.join(':'));
  const text = fc.oneof(
    fc.array(piece, { maxLength: 16 }).map((all) => all.join('')),
    fc.tuple(groups, piece).map((all) => all.join('')),
    fc.ipV6(),
  );
  const property = fc.property(text, (text) => {
    fc.pre(!text.includes('%'));
    const address = parseIpAddress(text);
    assert.equal(address?.family === 'ipv6', isIPv6(text), text);
    if (address !== undefined) assert.deepEqual(parseIpAddress(formatIpAddress(address)), address);
  });
  fc.assert(property, { seed, numRuns: runs(3000) });
});

test('reads IPv6 as inet_pton does, and writes it as inet_ntop does', () => {
  assert.deepEqual(
    [
      '::',
      '::1',
      '1::',
      'FE80:0:0:0:0:0:0:1',
      '::ffff:1.2.3.4',
      '::1.2.3.4',
      '1:0:0:2:0:0:0:3',
      '1:0:0:2:0:0:3:4',
      '1:2:3:4:5:6:7:8',
      '::ffff:0:0',
    ].map(canonical),
    [
      '::',
      '::1',
      '1::',
      'fe80::1',
      '::ffff:1.2.3.4',
      '::1.2.3.4',
      '1:0:0:2::3',
      '1::2:0:0:3:4',
      '1:2:3:4:5:6:7:8',
      '::ffff:0.0.0.0',
    ],
  );
  for (const text of [
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    '[::1]',
    '::1.2.3',
    '1.2.3.4::',
    '::01.2.3.4',
    'g::',
    '1:2:3:4:5:6:7::8',
  ]) {
    assert.equal(canonical(text), undefined, text);
  }
});

test('a zone needs an interface of that name, or a number', () => {
  assert.equal(parseIpAddress('fe80::1%eth0')?.zone, 'eth0');
  assert.equal(parseIpAddress('fe80::1%eth0', ['lo']), undefined);
  assert.equal(parseIpAddress('::1%1', [])?.zone, '1');
  assert.equal(parseIpAddress('::1%lo', ['lo']), undefined);
});

test('masks and prefix lengths convert to each other', () => {
  for (const [family, bits] of [
    ['ipv4', 32],
    ['ipv6', 128],
  ] as const) {
    for (let prefix = 0; prefix <= bits; prefix++) assert.equal(prefixOfMask(maskOfPrefix(family, prefix)), prefix);
  }
  for (const text of ['255.0.255.0', '0.0.0.8', '255.255.255.1', '127.0.0.0']) {
    assert.equal(prefixOfMask(parseIpAddress(text)!), undefined, text);
  }
  assert.equal(formatIpAddress(maskOfPrefix('ipv4', 9)), '255.128.0.0');
});

test('a network contains the addresses that are equal under its mask, also with holes', () => {
  const at = (text: string): NonNullable<ReturnType<typeof parseIpAddress>> => parseIpAddress(text)!;
  assert.equal(networkContains(at('10.1.2.3'), maskOfPrefix('ipv4', 8), at('10.9.9.9')), true);
  assert.equal(networkContains(at('10.1.2.3'), at('255.0.255.0'), at('10.9.2.9')), true);
  assert.equal(networkContains(at('10.1.2.3'), at('255.0.255.0'), at('10.9.3.9')), false);
  assert.equal(networkContains(at('::'), maskOfPrefix('ipv6', 0), at('10.0.0.1')), false);
});
