import assert from 'node:assert/strict';
import fc from 'fast-check';
import { errorCodes } from '../../src/codes.ts';
import { PgHostsslError } from '../../src/errors.ts';
import type { Line } from '../../src/text/lines.ts';
import type { PgMajor } from '../../src/version.ts';
import { unicodeTraps } from '../property.ts';

/** The major versions that read authentication files differently from the version before. */
export const turningMajors: readonly PgMajor[] = [9.6, 10, 13, 14, 16, 18, 19];

const pieces = [
  ...[
    'local',
    'host',
    'all',
    'trust',
    'peer',
    '10.0.0.0/8',
    'map=x',
    '/^a$',
    '@f',
    'include',
    '"',
    '""',
    "'",
    ',',
    ' ,',
  ],
  ...[' ', '\t', '#', '# note', '\\', '\\\n', '\\\r\n', '\n', '\r\n', '\r', '\0', '\f', 'ä', '😀', ...unicodeTraps],
  ...['local all all trust\n', 'host all all ::1/128 md5 # why\r\n', 'm /^(.*)$ \\1\n', '\n# x\\\n', 'x'.repeat(260)],
];

/**
 * Bytes for property tests of authentication files: parts of rules, byte order marks, carriage returns, NULs,
 * continuations, invalid UTF-8 and any other bytes.
 */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc
    .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...pieces) }, fc.string({ maxLength: 3 })), {
      maxLength: 20,
    })
    .map((texts) => new TextEncoder().encode(texts.join(''))),
  fc
    .array(
      fc.constantFrom('local all all trust\n', '#', '\xff', '\xc3', '\x80', '\n', ' ', '\\', '\0', '\\\n', 'm a b'),
      {
        maxLength: 12,
      },
    )
    .map((texts) => Uint8Array.from(texts.join(''), (character) => character.charCodeAt(0))),
);

/** Files with lines that just fit the buffers of old major versions, and with lines that just do not fit. */
export const longLines: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom(8170, 16360), fc.nat(24), fc.constantFrom('x', 'é', 'é x ', ' "x'), fc.constantFrom('\n', ''))
  .map(([length, more, filling, end]) => {
    const line = `# x\nlocal all all trust # ${filling.repeat(length).slice(0, length - 22 + more)}`;
    return new TextEncoder().encode(`${line}${end}`.repeat(2));
  });

/** Names that could be misread as keywords, roles, patterns or lists, and any other names. */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...['all', 'sameuser', 'samerole', 'samegroup', 'replication', 'samehost', 'samenet', 'ALL', 'include', ''],
    ...['+x', '+', '/x', '/', '/^a$', '//', '@x', '@', 'a,b', 'a#b', '#', 'a b', ' a', 'a"b', '"', '"a"', "'a'", '-x'],
    ...['\\', 'a\\', '\\1', '/\\1', '/a\\', '/a{1,2}', '/é😀', '/_-.', 'zoë', ...unicodeTraps, 'a\tb', 'a\rb', '\r'],
    ...['x'.repeat(63), `${'é'.repeat(31)}x`, '/'.repeat(63), '"'.repeat(63), 'a\nb', 'a\0b', '\ud800'],
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '/', '+', '@', ',', '#', ' ', '^', '$', '1', 'a', '='), maxLength: 6 }),
);

/** The texts of comments, without the `#`. */
export const anyComment: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', ' note', ' "quoted', '#', ' é', ' C:\\', ' \\ ', '\r', 'a\nb'),
  fc.string({ maxLength: 6 }),
);

/** Returns the result of an edit; `undefined` if the edit threw an error with one of the given codes. */
export function edited<File>(edit: () => File, codes: readonly string[]): File | undefined {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof PgHostsslError)) throw error;
    assert.ok(Object.hasOwn(errorCodes, error.code));
    assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
    return undefined;
  }
}

/**
 * Asserts that the entries after an edit are the same as before, except one that was inserted, removed or changed at
 * `index`.
 */
export function assertOthersKept(
  before: readonly Line[],
  after: readonly Line[],
  { index, deleted, added }: { readonly index: number; readonly deleted: number; readonly added: number },
): void {
  assert.equal(after.length, before.length - deleted + added);
  const head = after.slice(0, index);
  const tail = after.slice(index + added);
  assert.deepEqual(
    tail.map(({ text }) => text),
    before.slice(index + deleted).map(({ text }) => text),
  );
  for (const [at, { text }] of head.entries()) {
    const old = before[at]!.text;
    // If the line above the new line has no line end, the edit adds a line end to it.
    if (at === index - 1 && text !== old) assert.match(text.slice(old.length), /^(?:\r?\n){1,3}$/);
    assert.ok(text.startsWith(old));
    if (at < index - 1) assert.equal(text, old);
  }
}
