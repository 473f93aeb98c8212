import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nameOfRegex } from '../../src/auth-file/read/regex-of-name.ts';
import {
  type IdentEntry,
  IdentFile,
  type IdentMappingChange,
  type IdentMappingInput,
  type IdentPgUser,
  type IdentSystemUser,
} from '../../src/ident/index.ts';
import { type PgMajor, pgMajors } from '../../src/version.ts';
import { assertModelHolds, editsOf } from '../hba/edits.ts';
import { anyBytes, anyComment, anyName, edited, turningMajors } from '../hba/property.ts';
import { runs, seed } from '../property.ts';
import { identTrees } from './generate.ts';

const editCodes = ['mapping-invalid', 'text-invalid', 'readback-mismatch'];
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
  test(`PostgreSQL ${version}: any bytes print unchanged`, () => {
    const property = fc.property(anyFile(version), (bytes) => {
      const file = IdentFile.parse(bytes, { version });
      assert.deepEqual(file.toBytes(), Uint8Array.from(bytes));
      assert.equal(file.entries.map(({ text }) => text).join(''), file.toString());
      assert.ok(file.diagnostics.length >= 0);
    });
    fc.assert(property, { seed, numRuns: runs(200) });
  });
}

const edit = editsOf<IdentFile, IdentEntry, IdentMappingInput, IdentMappingChange>(
  'mapping',
  mapping,
  change,
  editCodes,
);

for (const version of turningMajors) {
  test(`PostgreSQL ${version}: after any edits the model equals a new parse of the bytes`, () => {
    let done = 0;
    const options = { version, file: '/etc/pg_ident.conf' };
    const parse = (bytes: Uint8Array): IdentFile => IdentFile.parse(bytes, options);
    const property = fc.property(anyFile(version), fc.array(edit, { minLength: 1, maxLength: 5 }), (bytes, edits) => {
      done += assertModelHolds(bytes, edits, parse, editCodes);
    });
    fc.assert(property, { seed, numRuns: runs(300) });
    assert.ok(done > 0);
  });
}

for (const version of pgMajors) {
  test(`PostgreSQL ${version}: a written mapping reads back as the same mapping`, (t) => {
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

/** Returns a mapping as a parse returns it: a regular expression without metacharacters is the name itself. */
function asRead({ systemUser, pgUser, ...rest }: IdentMappingInput): unknown {
  const isPattern = typeof systemUser !== 'string' || systemUser.startsWith('/');
  const needsRegex = (name: string): boolean => name.startsWith('/') || (isPattern && name.includes('\\1'));
  return { ...rest, systemUser: nameAsRead(systemUser), pgUser: nameAsRead(pgUser, needsRegex) };
}

function nameAsRead(user: IdentSystemUser | IdentPgUser, needsRegex?: (name: string) => boolean): unknown {
  return typeof user !== 'string' && 'regex' in user ? (nameOfRegex(user.regex, needsRegex) ?? user) : user;
}
