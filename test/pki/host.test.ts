import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIpAddress } from '../../src/net/ip.ts';
import { parseHost } from '../../src/pki/certificate/host.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { runs, seed } from '../property.ts';

test('accepts DNS names', () => {
  for (const [text, name] of [
    ['localhost', 'localhost'],
    ['DB.Example.COM', 'db.example.com'],
    ['my_db', 'my_db'],
    ['*.example.com', '*.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['*.bücher.example', '*.xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['faß.de', 'xn--fa-hia.de'],
    ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
    ['XN--bcher-kva.example', 'xn--bcher-kva.example'],
    [`${'a'.repeat(63)}.x`, `${'a'.repeat(63)}.x`],
    ['1and1.com', '1and1.com'],
    ['0x7f.example', '0x7f.example'],
  ] as const) {
    assert.deepEqual(parseHost(text), { kind: 'dns', name });
  }
});

test('accepts IP addresses', () => {
  const texts = (text: string) => {
    const host = parseHost(text);
    assert.equal(host.kind, 'ip');
    return host.kind === 'ip' ? host.texts : [];
  };
  assert.deepEqual(texts('127.0.0.1'), ['127.0.0.1']);
  assert.deepEqual(texts('::1'), ['::1']);
  assert.deepEqual(texts('2001:DB8:0:0:8:800:200C:417A'), [
    '2001:db8:0:0:8:800:200c:417a',
    '2001:db8::8:800:200c:417a',
  ]);
  assert.deepEqual(texts('::ffff:1.2.3.4'), ['::ffff:1.2.3.4']);
  assert.deepEqual(texts('1:0:0:2:0:0:0:3'), ['1:0:0:2:0:0:0:3', '1:0:0:2::3']);
  assert.deepEqual(texts('::'), ['::']);
});

test('a text that is not a host is an error', () => {
  for (const text of [
    '',
    ' ',
    '.',
    'a..b',
    '.a',
    'a.',
    'a b',
    'a/b',
    'http://a',
    'a:5432',
    '[::1]',
    '10.0.0.0/8',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.04',
    '5432',
    '0x7f.1',
    'fe80::1%eth0',
    '::1::',
    ':::',
    '1:2:3:4:5:6:7',
    'g::',
    '1:2:3:4:5:6:7:8:9',
    '1.2.3.4::',
    '::1.2.3',
    '*',
    '*.',
    '*.*',
    '*.*.example.com',
    'a.*.com',
    'a*.example.com',
    '-a',
    'a-',
    'a.-b',
    `${'a'.repeat(64)}`,
    `${'a.'.repeat(127)}aa`,
    'a@b',
    'user@host',
    'a?b',
    'a#b',
    'a%41',
    'a\\b',
    'a\0b',
    'a\nb',
    'a,b',
    '/var/run/postgresql',
    '１２７.0.0.1',
    'xn--a',
    'xn--\u00fc',
    'bücher.1',
    'a\u00adb.1',
    '\ud800',
    'bü cher',
    'bü:cher',
    'bü/x',
    'bü?x',
    'bü@x',
    'bü\tx',
  ]) {
    assert.throws(() => parseHost(text), { code: 'host-invalid' }, JSON.stringify(text));
  }
});

test('any text gives a host that is accepted again, or the same error', () => {
  const piece = fc.constantFrom(
    'a',
    'é',
    '.',
    '-',
    '*',
    ':',
    '::',
    '1',
    '255',
    'xn--',
    '。',
    '%',
    '/',
    ' ',
    '_',
    'ß',
    '𝔘',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(piece).map((parts) => parts.join('')),
      ),
      (text) => {
        try {
          const host = parseHost(text);
          if (host.kind === 'dns') assert.deepEqual(parseHost(host.name), host);
          else assert.deepEqual(parseIpAddress(host.texts.at(-1)!)?.bytes, [...host.address]);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'host-invalid');
        }
      },
    ),
    { numRuns: runs(1000), seed },
  );
});

test('a server certificate needs hosts', async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=r' });
  await assert.rejects(authority.issueServerCertificate({ hosts: [] }), { code: 'host-invalid' });
  await assert.rejects(authority.issueServerCertificate({ hosts: ['db', ''] }), { code: 'host-invalid' });
});
