import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nameOfRegex } from '../../src/hba/rule.ts';
import {
  type IdentEntry,
  IdentFile,
  type IdentMappingChange,
  type IdentMappingInput,
  type IdentPgUser,
  type IdentSystemUser,
} from '../../src/ident/index.ts';
import { decodeText } from '../../src/text/bytes.ts';
import type { Place } from '../../src/text/lines.ts';
import { type PgMajor, pgMajors } from '../../src/version.ts';
import { anyBytes, anyComment, anyName, assertOthersKept, edited, turningMajors } from '../hba/property.ts';
import { runs, seed } from '../property.ts';
import { identTrees } from './generate.ts';

const editCodes = ['mapping-invalid', 'text-invalid', 'line-not-as-meant'];
const plain = { noNullPrototype: true };

const regex = fc.oneof(fc.constantFrom('^(.*)@x$', '^\\/x$', '', '(', 'a b', 'a{1,2}'), anyName);

const systemUser: fc.Arbitrary<IdentSystemUser> = fc.oneof(
  { weight: 2, arbitrary: anyName },
  { weight: 1, arbitrary: regex.map((text) => ({ regex: text })) },
);

const pgUser: fc.Arbitrary<IdentPgUser> = fc.oneof(
  { weight: 4, arbitrary: anyName },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\\1', 'x\\1 y', '+\\1', '/\\1', 'x', '"\\1').map((text) => ({ substitute: text })),
  },
  { weight: 1, arbitrary: fc.constant({ keyword: 'all' } as const) },
  { weight: 1, arbitrary: anyName.map((memberOf) => ({ memberOf })) },
  { weight: 1, arbitrary: regex.map((text) => ({ regex: text })) },
);

const mapping: fc.Arbitrary<IdentMappingInput> = fc
  .record({ map: anyName, systemUser, pgUser, comment: fc.option(anyComment, { nil: undefined }) }, plain)
  .map(({ comment, ...rest }) => ({ ...rest, ...(comment === undefined ? {} : { comment }) }));

const change = fc.record(
  { map: anyName, systemUser, pgUser, comment: fc.option(anyComment) },
  { requiredKeys: [], ...plain },
) as fc.Arbitrary<IdentMappingChange>;

function anyFile(version: PgMajor): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    identTrees(version).map((tree) => new TextEncoder().encode(tree['pg_ident.conf'])),
    anyBytes,
  );
}

for (const version of pgMajors) {
  test(`PostgreSQL ${version}: any bytes come back as they were`, () => {
    const property = fc.property(anyFile(version), (bytes) => {
      const file = IdentFile.parse(bytes, { version });
      assert.deepEqual(file.toBytes(), Uint8Array.from(bytes));
      assert.equal(file.entries.map(({ text }) => text).join(''), file.toString());
      assert.ok(file.diagnostics.length >= 0);
    });
    fc.assert(property, { seed, numRuns: runs(200) });
  });
}

type Edit = (file: IdentFile) => IdentFile;

function placeAt(file: IdentFile, at: number): { place: Place<IdentEntry>; index: number } {
  const { entries } = file;
  const index = at % (entries.length + 1);
  if (index === entries.length) return { place: 'end', index };
  return at % 3 === 0 && index > 0
    ? { place: { after: entries[index - 1]! }, index }
    : { place: { before: entries[index]! }, index };
}

function onEntry(at: number, edit: (file: IdentFile, entry: IdentEntry) => IdentFile, added: 0 | 1): Edit {
  return (file) => {
    const index = at % file.entries.length;
    const entry = file.entries[index];
    if (entry === undefined) return file;
    const after = edit(file, entry);
    assertOthersKept(file.entries, after.entries, { index, deleted: 1, added });
    return after;
  };
}

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc
    .tuple(
      fc.oneof(
        mapping,
        anyComment.map((comment) => ({ kind: 'comment', comment }) as const),
      ),
      fc.nat(99),
    )
    .map(
      ([insertion, at]): Edit =>
        (file) => {
          const { place, index } = placeAt(file, at);
          const after = file.insert(insertion, place);
          assertOthersKept(file.entries, after.entries, { index, deleted: 0, added: 1 });
          return after;
        },
    ),
  fc.tuple(mapping, fc.nat(99)).map(
    ([mapping, at]): Edit =>
      (file) => {
        const { file: after, outcome } = file.ensure(mapping, placeAt(file, at).place);
        assert.equal(after === file, outcome === 'present');
        assert.deepEqual(after.ensure(mapping), { file: after, outcome: 'present' });
        return after;
      },
  ),
  fc.tuple(change, fc.nat(99)).map(([change, at]): Edit => {
    return (file) => {
      const mapping = file.mappings[at % file.mappings.length];
      if (mapping === undefined) return file;
      return onEntry(file.entries.indexOf(mapping), (_, entry) => file.replace(entry, change), 1)(file);
    };
  }),
  fc.tuple(anyComment, fc.nat(99)).map(([comment, at]) =>
    onEntry(
      at,
      (file, entry) => {
        const after = file.replace(entry, { comment });
        const changed = after.entries[file.entries.indexOf(entry)]!;
        assert.ok('comment' in changed && changed.comment === comment && changed.kind === entry.kind);
        return after;
      },
      1,
    ),
  ),
  fc.nat(99).map((at) => onEntry(at, (file, entry) => file.remove(entry), 0)),
  fc.nat(99).map((at) => onEntry(at, (file, entry) => file.commentOut(entry), 1)),
  fc.nat(99).map((at) => onEntry(at, (file, entry) => file.uncomment(entry), 1)),
);

for (const version of turningMajors) {
  test(`PostgreSQL ${version}: after any edits the model is what a new reading of the bytes gives`, () => {
    const property = fc.property(anyFile(version), fc.array(edit, { minLength: 1, maxLength: 5 }), (bytes, edits) => {
      const options = { version, file: '/etc/pg_ident.conf' };
      let file = IdentFile.parse(bytes, options);
      for (const edit of edits) {
        file = edited(() => edit(file), editCodes) ?? file;
        const again = IdentFile.parse(file.toBytes(), options);
        assert.deepEqual(again.toBytes(), file.toBytes());
        // Where an edit takes away the last invalid byte, the same bytes are held as another text.
        if (decodeText(bytes).encoding !== decodeText(file.toBytes()).encoding) return;
        assert.deepEqual(again.entries, file.entries);
        assert.deepEqual(again.mappings, file.mappings);
        assert.deepEqual(again.diagnostics, file.diagnostics);
      }
    });
    fc.assert(property, { seed, numRuns: runs(300) });
  });
}

for (const version of pgMajors) {
  test(`PostgreSQL ${version}: a mapping that is written reads back as that very mapping`, (t) => {
    let written = 0;
    const property = fc.property(mapping, fc.constantFrom('', 'm  a\tb\nn c d', '# é\r\n'), (mapping, text) => {
      const file = IdentFile.parse(text, { version });
      const after = edited(() => file.insert(mapping, 'end'), editCodes);
      if (after === undefined) return;
      written += 1;
      const again = IdentFile.parse(after.toBytes(), { version });
      assert.equal(again.mappings.length, file.mappings.length + 1);
      const { kind: _, text: __, ...read } = again.mappings.at(-1)!;
      assert.deepEqual(read, asRead(mapping));
      assert.deepEqual(
        again.diagnostics.filter(({ severity }) => severity === 'error'),
        [],
      );
      assert.deepEqual(JSON.parse(JSON.stringify(read)), read);
    });
    fc.assert(property, { seed, numRuns: runs(400) });
    t.diagnostic(`${written} of ${runs(400)} mappings had a spelling, seed ${seed}`);
    assert.ok(written > 0);
  });
}

/** A regular expression that is nothing but the spelling of a name is read as the name. */
function asRead({ systemUser, pgUser, ...rest }: IdentMappingInput): unknown {
  const isPattern = typeof systemUser !== 'string' || systemUser.startsWith('/');
  const needsRegex = (name: string): boolean => name.startsWith('/') || (isPattern && name.includes('\\1'));
  return { ...rest, systemUser: nameAsRead(systemUser), pgUser: nameAsRead(pgUser, needsRegex) };
}

function nameAsRead(user: IdentSystemUser | IdentPgUser, needsRegex?: (name: string) => boolean): unknown {
  return typeof user !== 'string' && 'regex' in user ? (nameOfRegex(user.regex, needsRegex) ?? user) : user;
}
