import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  der,
  derBitString,
  derInteger,
  derNull,
  derOid,
  derSequence,
  derTag,
  derTime,
  derTrue,
} from '../../src/asn1/der.ts';
import {
  DerError,
  readBitString,
  readBoolean,
  readChildren,
  readDer,
  readInteger,
  readNumber,
  readOid,
  readString,
  readTime,
  SequenceReader,
} from '../../src/asn1/reader.ts';
import { runs, seed } from '../property.ts';

describe('SequenceReader', () => {
  const sequence = readDer(derSequence(derInteger(1), der(0xa1, derTrue), derNull));

  test('reads elements in their order, and optional elements only in their place', () => {
    const reader = new SequenceReader(sequence);
    assert.equal(reader.optional(derTag.boolean, derTag.octetString), undefined);
    assert.equal(readNumber(reader.next(derTag.integer)), 1);
    assert.equal(reader.contextual(0), undefined);
    assert.equal(reader.contextual(1)?.tag, derTag.boolean);
    assert.equal(reader.optional()?.tag, derTag.null);
    assert.equal(reader.optional(), undefined);
    reader.end();
  });

  test('rejects another tag, a missing element and a surplus element', () => {
    assert.throws(() => new SequenceReader(readDer(derNull)), DerError);
    assert.throws(() => new SequenceReader(sequence).next(derTag.null), DerError);
    assert.throws(() => new SequenceReader(sequence).end(), DerError);
    const empty = new SequenceReader(readDer(derSequence()));
    empty.end();
    assert.throws(() => empty.next(), DerError);
    const two = new SequenceReader(readDer(derSequence(der(0xa0, derNull, derNull))));
    assert.throws(() => two.contextual(0), DerError);
  });
});

test('malformed DER is a DerError in every method', () => {
  const readers = [
    readOid,
    readInteger,
    readNumber,
    readBoolean,
    readBitString,
    readTime,
    readString,
    readChildren,
    (element: Parameters<typeof readOid>[0]) => new SequenceReader(element).next(derTag.oid),
  ];
  const known = [derInteger(7), derOid('2.5.4.3'), derTrue, derBitString(Uint8Array.of(1)), derTime(new Date())];
  const tags = fc.constantFrom(...Object.values(derTag));
  const made = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.tuple(tags, fc.uint8Array({ maxLength: 20 })).map(([tag, content]) => der(tag, content)),
    fc.constantFrom(...known),
  );
  fc.assert(
    fc.property(made, (bytes) => {
      for (const read of readers) {
        try {
          read(readDer(Uint8Array.from(bytes)));
        } catch (error) {
          assert.ok(error instanceof DerError, String(error));
        }
      }
    }),
    { numRuns: runs(2000), seed },
  );
});

test('a mistake in the code of a reader is not a DerError', () => {
  assert.throws(() => readOid(undefined as never), TypeError);
});
