import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { readingFor } from '../../src/hba/auth-line.ts';
import { HbaFile, type HbaInsertion, type HbaRuleChange, type HbaRuleInput } from '../../src/hba/index.ts';
import { HbaLine } from '../../src/hba/line.ts';
import { nameOfRegex } from '../../src/hba/rule.ts';
import { type DecodedText, decodeText } from '../../src/text/bytes.ts';
import type { PgMajor } from '../../src/version.ts';
import { pgMajors } from '../../src/version.ts';
import { runs, seed } from '../property.ts';
import { hbaTrees } from './generate.ts';
import { anyBytes, anyComment, anyName, assertOthersKept, edited, longLines, turningMajors } from './property.ts';
import { anyAddress, anyDatabase, anyMethod, anyOptions, anyRule, anyUser, listOf } from './rules.ts';

const editCodes = ['rule-invalid', 'text-invalid', 'line-not-as-meant'];

for (const version of pgMajors) {
  test(`PostgreSQL ${version}: any bytes come back as they were`, () => {
    const property = fc.property(anyBytes, (bytes) => {
      const file = HbaFile.parse(bytes, { version });
      assert.deepEqual(file.toBytes(), Uint8Array.from(bytes));
      assert.equal(file.entries.map(({ text }) => text).join(''), file.toString());
      assert.ok(file.diagnostics.length >= 0);
    });
    fc.assert(property, { seed, numRuns: runs(300) });
  });
}

/** Bytes of files: those of the differential test, and any others. */
function anyFile(version: PgMajor): fc.Arbitrary<Uint8Array> {
  const text = hbaTrees(version).map((tree) => new TextEncoder().encode(tree['pg_hba.conf']));
  return fc.oneof(
    { weight: 20, arbitrary: text },
    { weight: 10, arbitrary: anyBytes },
    { weight: 1, arbitrary: longLines },
  );
}

const insertion: fc.Arbitrary<HbaInsertion> = fc.oneof(
  { weight: 3, arbitrary: anyRule },
  { weight: 1, arbitrary: anyComment.map((comment) => ({ kind: 'comment', comment }) as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'blank' } as const) },
);

const change = fc.record(
  {
    type: fc.constantFrom('local', 'host', 'hostssl', 'hostnossl'),
    databases: listOf(anyDatabase),
    users: listOf(anyUser),
    address: anyAddress,
    method: anyMethod,
    options: anyOptions,
    comment: fc.option(anyComment),
  },
  { requiredKeys: [], noNullPrototype: true },
) as fc.Arbitrary<HbaRuleChange>;

/** An edit, as what it does to a file at an entry, and what the file then must be. */
type Edit = (file: HbaFile) => HbaFile;

function entryAt(file: HbaFile, at: number): HbaFile['entries'][number] | undefined {
  return file.entries[at % file.entries.length];
}

function placeAt(file: HbaFile, at: number): Parameters<HbaFile['insert']>[1] {
  const entry = entryAt(file, at);
  if (entry === undefined || at % 5 === 4) return at % 2 === 0 ? 'start' : 'end';
  return at % 2 === 0 ? { before: entry } : { after: entry };
}

function indexOfPlace(file: HbaFile, place: Parameters<HbaFile['insert']>[1]): number {
  if (typeof place === 'string') return place === 'start' ? 0 : file.entries.length;
  return 'before' in place ? file.entries.indexOf(place.before) : file.entries.indexOf(place.after) + 1;
}

/** Does an edit of a single entry, if there is one, and asserts that all others are as they were. */
function onEntry(at: number, edit: (file: HbaFile, entry: HbaFile['entries'][number]) => HbaFile, added: 0 | 1): Edit {
  return (file) => {
    const entry = entryAt(file, at);
    if (entry === undefined) return file;
    const after = edit(file, entry);
    assertOthersKept(file.entries, after.entries, { index: file.entries.indexOf(entry), deleted: 1, added });
    return after;
  };
}

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(insertion, fc.nat(99)).map(
    ([insertion, at]): Edit =>
      (file) => {
        const place = placeAt(file, at);
        const after = file.insert(insertion, place);
        assertOthersKept(file.entries, after.entries, { index: indexOfPlace(file, place), deleted: 0, added: 1 });
        return after;
      },
  ),
  fc.tuple(anyRule, fc.nat(99)).map(
    ([rule, at]): Edit =>
      (file) => {
        const { file: after, outcome } = file.ensure(rule, placeAt(file, at));
        assert.equal(after === file, outcome === 'present');
        assert.deepEqual(after.ensure(rule), { file: after, outcome: 'present' });
        return after;
      },
  ),
  fc.tuple(change, fc.nat(99)).map(([change, at]): Edit => {
    return (file) => {
      const rule = file.rules[at % file.rules.length];
      if (rule === undefined) return file;
      return onEntry(file.entries.indexOf(rule), (_, entry) => file.replace(entry, change), 1)(file);
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
  fc.tuple(fc.nat(99), fc.nat(99)).map(
    ([from, to]): Edit =>
      (file) => {
        const entry = entryAt(file, from);
        if (entry === undefined) return file;
        const after = file.move(entry, placeAt(file, to));
        const sorted = (each: HbaFile): string[] => each.entries.map(({ text }) => text.trim()).sort();
        assert.deepEqual(sorted(after), sorted(file));
        return after;
      },
  ),
);

for (const version of turningMajors) {
  test(`PostgreSQL ${version}: after any edits the model is what a new reading of the bytes gives`, () => {
    let done = 0;
    const property = fc.property(anyFile(version), fc.array(edit, { minLength: 1, maxLength: 5 }), (bytes, edits) => {
      const options = { version, file: '/etc/pg_hba.conf' };
      let file = HbaFile.parse(bytes, options);
      for (const edit of edits) {
        const before = [file.toString(), ...file.entries];
        const after = edited(() => edit(file), editCodes);
        assert.deepEqual([file.toString(), ...file.entries], before);
        if (after !== undefined) done += 1;
        file = after ?? file;
        const again = HbaFile.parse(file.toBytes(), options);
        assert.deepEqual(again.toBytes(), file.toBytes());
        // Where an edit takes away the last invalid byte, the same bytes are held as another text.
        if (decodeText(bytes).encoding !== decodeText(file.toBytes()).encoding) return;
        assert.deepEqual(again.entries, file.entries);
        assert.deepEqual(again.rules, file.rules);
        assert.deepEqual(again.diagnostics, file.diagnostics);
      }
    });
    fc.assert(property, { seed, numRuns: runs(300) });
    assert.ok(done > 0);
  });
}

for (const version of turningMajors) {
  test(`PostgreSQL ${version}: a change of one column keeps the bytes of all others`, () => {
    const property = fc.property(anyFile(version), change, fc.nat(), (bytes, change, at) => {
      const file = HbaFile.parse(bytes, { version });
      const rule = file.rules[at % file.rules.length];
      const [column] = Object.entries(change);
      if (rule === undefined || column === undefined || column[0] === 'type') return;
      const after = edited(() => file.replace(rule, Object.fromEntries([column])), editCodes);
      if (after === undefined) return;
      const { start, end } = spanOf(rule.text, column[0], decodeText(bytes), version);
      const text = after.entries[file.entries.indexOf(rule)]!.text;
      assert.equal(text.slice(0, start), rule.text.slice(0, start));
      assert.ok(text.endsWith(rule.text.slice(end)));
      assert.ok(text.length >= start + rule.text.length - end);
    });
    fc.assert(property, { seed, numRuns: runs(300) });
  });
}

/** Where a column stands in a rule's line; a comment and the options take in what separates them from what is before. */
function spanOf(
  text: string,
  column: string,
  { encoding }: DecodedText,
  version: PgMajor,
): { start: number; end: number } {
  const line = new HbaLine(text, readingFor(encoding, { version }));
  const { contentEnd } = line;
  const scanned = line.scan();
  const { databases, users, addressTokens, methodToken, options } = line.read().record!;
  const spans: Record<string, { start: number; end: number } | undefined> = {
    databases: { start: databases[0].start, end: databases.at(-1)!.end },
    users: { start: users[0].start, end: users.at(-1)!.end },
    address: {
      start: (addressTokens[0] ?? methodToken).start,
      end: (addressTokens.at(-1) ?? { end: methodToken.start }).end,
    },
    method: methodToken,
    options: { start: methodToken.end, end: options.at(-1)?.token.end ?? methodToken.end },
    comment: { start: scanned.commentStart ?? contentEnd, end: contentEnd },
  };
  return spans[column]!;
}

for (const version of turningMajors) {
  test(`PostgreSQL ${version}: every line is commented out, and back in as it was`, () => {
    const property = fc.property(anyFile(version), fc.nat(), (bytes, at) => {
      const file = HbaFile.parse(bytes, { version });
      const entry = entryAt(file, at);
      // One more character may be one too many for the buffer.
      if (entry === undefined || (version < 14 && Buffer.byteLength(entry.text) > 8000)) return;
      const index = file.entries.indexOf(entry);
      const out = file.commentOut(entry);
      assert.equal(out.entries[index]!.kind, 'comment');
      assert.deepEqual(out.uncomment(out.entries[index]!).toBytes(), file.toBytes());
    });
    fc.assert(property, { seed, numRuns: runs(300) });
  });
}

const neighbours: readonly Uint8Array[] = [
  new Uint8Array(),
  new TextEncoder().encode('local\tall\tall\ttrust\nhost all all ::1/128 md5'),
  new TextEncoder().encode('# é\r\nlocal all all trust\r\n\r\n'),
  Uint8Array.of(0x23, 0xff, 0x0a),
];

for (const version of pgMajors) {
  test(`PostgreSQL ${version}: a rule that is written reads back as that very rule`, (t) => {
    let written = 0;
    const property = fc.property(anyRule, fc.constantFrom(...neighbours), fc.boolean(), (rule, bytes, atStart) => {
      const file = HbaFile.parse(bytes, { version });
      const after = edited(() => file.insert(rule, atStart ? 'start' : 'end'), editCodes);
      if (after === undefined) return;
      written += 1;
      const again = HbaFile.parse(after.toBytes(), { version });
      assert.equal(again.entries.length, file.entries.length + 1);
      assert.equal(again.rules.length, file.rules.length + 1);
      const { kind: _, text: __, ...read } = again.entries.at(atStart ? 0 : -1) as HbaFile['rules'][number];
      assert.deepEqual(read, asRead(rule));
      if (bytes.length === 0) assert.deepEqual(errorsOf(again), []);
      else
        assert.deepEqual(
          errorsOf(again),
          errorsOf(file).filter(({ code }) => code !== 'hba-no-entries'),
        );
      assert.deepEqual(JSON.parse(JSON.stringify(read)), read);
    });
    fc.assert(property, { seed, numRuns: runs(600) });
    t.diagnostic(`${written} of ${runs(600)} rules had a spelling, seed ${seed}`);
    assert.ok(written > 0);
  });
}

for (const version of pgMajors) {
  test(`PostgreSQL ${version}: every name that a server can have is written so that it is that name`, () => {
    const name = anyName.filter((text) => !/[\n\0]|\p{Surrogate}/u.test(text));
    const property = fc.property(listOf(name), listOf(name), (databases, users) => {
      const file = HbaFile.parse('', { version }).insert({ type: 'local', databases, users, method: 'trust' }, 'end');
      const [rule] = HbaFile.parse(file.toBytes(), { version }).rules;
      assert.deepEqual([rule?.databases, rule?.users], [databases, users]);
      assert.deepEqual(errorsOf(file), []);
    });
    fc.assert(property, { seed, numRuns: runs(200) });
  });
}

function errorsOf(file: HbaFile): HbaFile['diagnostics'] {
  return file.diagnostics.filter(({ severity }) => severity === 'error');
}

/** A rule as it stands in a file: with its address and names in the form that a reading gives. */
function asRead(rule: HbaRuleInput): unknown {
  const address = 'address' in rule ? rule.address : undefined;
  return {
    ...rule,
    databases: rule.databases.map(nameAsRead),
    users: rule.users.map(nameAsRead),
    ...(typeof address === 'string' ? { address: addressAsRead(address) } : {}),
    options: rule.options ?? [],
  };
}

/** A regular expression that is nothing but the spelling of a name is read as the name. */
function nameAsRead(name: HbaRuleInput['users'][number] | HbaRuleInput['databases'][number]): unknown {
  return typeof name !== 'string' && 'regex' in name ? (nameOfRegex(name.regex) ?? name) : name;
}

function addressAsRead(text: string): unknown {
  const [ip, prefix] = text.split('/');
  if (prefix !== undefined) return { ip, prefix: Number(prefix) };
  return isIP(text) === 0 ? { hostName: text } : { ip, prefix: isIP(text) === 4 ? 32 : 128 };
}
