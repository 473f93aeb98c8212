import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizeHost } from '../../src/client/bundle/host.ts';
import { parseHostName } from '../../src/net/host-name.ts';
import { parseHost } from '../../src/pki/certificate/host.ts';
import { runs, seed } from '../property.ts';

test('characters that the URL parser drops or cuts at are not part of a name', () => {
  for (const foreign of [
    '\u00a0',
    '\u00ad',
    '\u200b',
    '\u2060',
    '\ufeff',
    '\t',
    '\n',
    '/',
    '?',
    '#',
    '@',
    ':',
    '\\',
    '%41',
  ]) {
    assert.deepEqual(
      parseHostName(`bü${foreign}cher.example`),
      { fault: 'is not a host name' },
      JSON.stringify(foreign),
    );
  }
  // Persian needs the zero-width non-joiner in names, and IDNA 2008 allows it.
  assert.deepEqual(parseHostName('نامه‌ای.com'), { name: 'xn--mgba3gch31f060k.com' });
});

test('an address has the form that pg reads from a URL', () => {
  for (const [text, host] of [
    ['::0.1.0.0', '::1:0'],
    ['[2001:DB8:0::1]', '2001:db8::1'],
    ['::ffff:1.2.3.4', '::ffff:102:304'],
    ['0x7f.1', '127.0.0.1'],
  ] as const) {
    assert.equal(normalizeHost(text), host);
    assert.equal(normalizeHost(host), host);
  }
  for (const refused of ['fe80::1%lo', '1.2.3.4.', '１.2.3.4']) {
    assert.throws(() => normalizeHost(refused), { code: 'connection-host-invalid' });
  }
});

test('a certificate and its client agree on a name', () => {
  let names = 0;
  const part = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }),
    fc.constantFrom('xn--bcher-kva', 'bücher', 'ß', '１２', 'K', 'İ', 'a'.repeat(63), '\u200c', '7'),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const text = parts.join('.');
      const parsed = parseHostName(text);
      if ('fault' in parsed) return;
      names += 1;
      assert.deepEqual(parseHostName(parsed.name), parsed);
      assert.deepEqual(parseHost(text), { kind: 'dns', ...parsed });
      assert.equal(normalizeHost(text), parsed.name);
      assert.equal(normalizeHost(`${text}.`), parsed.name);
    }),
    { numRuns: runs(2_000), seed },
  );
  assert.ok(names > 0);
});
