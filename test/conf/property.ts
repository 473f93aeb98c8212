import fc from 'fast-check';
import { unicodeTraps } from '../property.ts';

/**
 * Bytes for property tests of postgresql.conf: parts of settings, byte order marks, carriage returns, NULs, invalid
 * UTF-8 and any other bytes.
 */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ...['ssl', 'work_mem', 'a.b', ' ', '\t', '=', "'", "''", '\\', '#', '\n', '\r\n', '\r', '.', '-', '+', '1'],
          ...[
            '0x1F',
            '5MB',
            '1.5',
            'e-5',
            'include',
            '"',
            '\\101',
            '\\\\',
            "'x'",
            'on',
            '\0',
            'ä',
            '😀',
            ...unicodeTraps,
          ],
          ...[' = ', "= 'it''s'", '#ssl = off', '\nwork_mem = 4MB # note', '\nssl = on'],
        ),
        fc.string({ maxLength: 3 }),
      ),
      { maxLength: 25 },
    )
    .map((pieces) => new TextEncoder().encode(pieces.join(''))),
  fc
    .array(fc.constantFrom('ssl', '=', "'", '\xff', '\x80', '\xc3', '\n', '#', ' ', '\\', '\0', 'on'), {
      maxLength: 20,
    })
    .map((pieces) => Uint8Array.from(pieces.join(''), (c) => c.charCodeAt(0))),
);

/**
 * Valid texts of a setting's value: any characters except NUL and lone surrogates, and often quotes, backslashes,
 * blanks and control characters.
 */
export const valueText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...["'", "''", '"', '""', '\\', '\\\\', '\\n', '\\101', '\\0', ' ', '\t', '\r', '\n', '\v', '\f', '\b', '\x01'],
        ...[
          '\x7f',
          ...unicodeTraps,
          'ä',
          '€',
          '😀',
          '\ufeff',
          '#',
          '=',
          ',',
          '%m',
          '$user',
          '$',
          '/',
          '.',
          ';',
          '--',
          'E',
          'on',
        ],
        ...['select', 'Name', 'a'.repeat(61), 'include', '5MB'],
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 9 },
  )
  .map((pieces) => pieces.join('').replaceAll('\0', ''));
