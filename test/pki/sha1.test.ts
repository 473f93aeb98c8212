import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha1 } from '../../src/pki/provider/sha1.ts';
import { runs, seed } from '../property.ts';

const judge = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');
const hex = (bytes: Uint8Array) => Buffer.from(sha1(bytes)).toString('hex');

test('sha1 equals that of OpenSSL for every length of up to three blocks, and for random bytes', () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff);
    assert.equal(hex(bytes), judge(bytes), String(length));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => assert.equal(hex(bytes), judge(bytes))),
    { numRuns: runs(200), seed },
  );
});
