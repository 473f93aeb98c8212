import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodePem, encodePem, pemText } from '../../src/asn1/pem.ts';
import { endsSoon } from '../ends-soon.ts';
import { runs, seed } from '../property.ts';

const label = fc.constantFrom('CERTIFICATE', 'X509 CRL', 'EC PRIVATE KEY');

test('finds each block again, whatever surrounds it', () => {
  const block = fc.record({
    label,
    der: fc.uint8Array({ minLength: 1 }),
    around: fc.constantFrom('', 'a b\n', '\n\n'),
  });
  fc.assert(
    fc.property(fc.array(block), fc.boolean(), (blocks, hasCarriageReturns) => {
      const text = blocks.map((one) => one.around + encodePem(one.label, one.der)).join('');
      const found = decodePem(hasCarriageReturns ? text.replaceAll('\n', '\r\n') : text);
      assert.deepEqual(
        found.map((one) => ({ label: one.label, der: [...one.der], text: one.text })),
        blocks.map((one) => ({ label: one.label, der: [...one.der], text: encodePem(one.label, one.der) })),
      );
    }),
    { numRuns: runs(200), seed },
  );
});

test('a block without an END line of its own is damaged, and hides no block after it', () => {
  const whole = encodePem('CERTIFICATE', Uint8Array.of(1, 2, 3));
  for (const [text, lengths] of [
    [whole, [3]],
    [whole.trimEnd() + whole, [0]],
    [`-----BEGIN CERTIFICATE-----\n${whole}`, [0, 3]],
    [`-----BEGIN CERTIFICATE-----\n`, [0]],
    [`-----BEGIN CERTIFICATE-----`, [0]],
    [whole.replace('END CERTIFICATE', 'END X509 CRL') + whole, [0, 3]],
    [whole.replace('AQID', 'AQI'), [0]],
    [whole.replace('AQID', 'AQI!'), [0]],
    [`-----END CERTIFICATE-----\n${whole}`, [3]],
    [`\ufeff${whole}\ufeff${whole}`, [3, 3]],
    [whole.replaceAll('\n', '\u2028'), []],
  ] as const) {
    assert.deepEqual(
      decodePem(text).map(({ der }) => der.length),
      lengths,
      text,
    );
  }
});

test('the headers of a traditional encrypted key are separate from its content', () => {
  const headers = ['Proc-Type: 4,ENCRYPTED', 'DEK-Info: DES-EDE3-CBC,00'];
  const [key] = decodePem(
    `-----BEGIN RSA PRIVATE KEY-----\n${headers.join('\n')}\n\nAQID\n-----END RSA PRIVATE KEY-----\n`,
  );
  assert.deepEqual(key?.headers, headers);
  assert.deepEqual([...key!.der], [1, 2, 3]);
});

test('bytes are DER if they begin with a SEQUENCE and contain no BEGIN line', () => {
  assert.equal(pemText(Uint8Array.of(0x30, 1, 0)), undefined);
  assert.equal(
    pemText(new TextEncoder().encode('0 is a digit\n-----BEGIN X-----\n')),
    '0 is a digit\n-----BEGIN X-----\n',
  );
  assert.equal(pemText(new TextEncoder().encode('a text')), 'a text');
  assert.equal(pemText('0'), '0');
});

test('the time is linear in the length of the text', async () => {
  const begin = '-----BEGIN CERTIFICATE-----\n';
  for (const piece of [
    begin,
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----\n',
    '-----BEGIN ',
    '-----\n',
    `${begin}AAAA\n`,
    `${begin}a:b\n`,
  ]) {
    await endsSoon(() => decodePem(begin + piece.repeat(4_000_000 / piece.length)));
  }
});
