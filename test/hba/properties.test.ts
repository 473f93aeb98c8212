import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { AuthLine } from '../../src/auth-file/read/line.ts';
import { contextOf } from '../../src/auth-file/read/record-format.ts';
import { nameOfRegex } from '../../src/auth-file/read/regex-of-name.ts';
import { hbaFormat } from '../../src/hba/format.ts';
import { type HbaEntry, HbaFile, type HbaRuleChange, type HbaRuleInput } from '../../src/hba/index.ts';
import { type DecodedText, decodeText } from '../../src/text/bytes.ts';
import type { PgMajor } from '../../src/version.ts';
import { pgMajors } from '../../src/version.ts';
import { runs, seed } from '../property.ts';
import { assertModelHolds, editsOf } from './edits.ts';
import { hbaTrees } from './generate.ts';
import { anyBytes, anyComment, anyName, edited, longLines, turningMajors } from './property.ts';
import { anyAddress, anyDatabase, anyMethod, anyOptions, anyRule, anyUser, listOf } from './rules.ts';

const editCodes = ['rule-invalid', 'text-invalid', 'readback-mismatch'];

for (const version of pgMajors) {
  test(`PostgreSQL ${version}: any bytes print unchanged`, () => {
    const property = fc.property(anyBytes, (bytes) => {
      const file = HbaFile.parse(bytes, { version });
      assert.deepEqual(file.toBytes(), Uint8Array.from(bytes));
      assert.equal(file.entries.map(({ text }) => text).join(''), file.toString());
      assert.ok(file.diagnostics.length >= 0);
    });
    fc.assert(property, { seed, numRuns: runs(300) });
  });
}

/** Returns bytes of files: those of the differential test, and any others. */
function anyFile(version: PgMajor): fc.Arbitrary<Uint8Array> {
  const text = hbaTrees(version).map((tree) => new TextEncoder().encode(tree['pg_hba.conf']));
  return fc.oneof(
    { weight: 20, arbitrary: text },
    { weight: 10, arbitrary: anyBytes },
    { weight: 1, arbitrary: longLines },
  );
}

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

const edit = editsOf<HbaFile, HbaEntry, HbaRuleInput, HbaRuleChange>('rule', anyRule, change, editCodes);

for (const version of turningMajors) {
  test(`PostgreSQL ${version}: after any edits the model equals a new parse of the bytes`, () => {
    let done = 0;
    const options = { version, file: '/etc/pg_hba.conf' };
    const parse = (bytes: Uint8Array): HbaFile => HbaFile.parse(bytes, options);
    const property = fc.property(anyFile(version), fc.array(edit, { minLength: 1, maxLength: 5 }), (bytes, edits) => {
      done += assertModelHolds(bytes, edits, parse, editCodes);
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

/** Returns the range of a column in a rule's line. The range of a comment or of options includes the separator before it. */
function spanOf(
  text: string,
  column: string,
  { encoding }: DecodedText,
  version: PgMajor,
): { start: number; end: number } {
  const line = new AuthLine(text, contextOf(hbaFormat, encoding, { version }));
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
  test(`PostgreSQL ${version}: every line is commented out, and back in unchanged`, () => {
    const property = fc.property(anyFile(version), fc.nat(), (bytes, at) => {
      const file = HbaFile.parse(bytes, { version });
      const entry = file.entries[at % file.entries.length];
      // One more character may be too many for the buffer.
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
  test(`PostgreSQL ${version}: a written rule reads back as the same rule`, (t) => {
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
  test(`PostgreSQL ${version}: every name that a server can have is written so that it reads back`, () => {
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

/** Returns a rule with its address and names in the form that a parse returns. */
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

/** Returns a name as a parse returns it: a regular expression without metacharacters is the name itself. */
function nameAsRead(name: HbaRuleInput['users'][number] | HbaRuleInput['databases'][number]): unknown {
  return typeof name !== 'string' && 'regex' in name ? (nameOfRegex(name.regex) ?? name) : name;
}

function addressAsRead(text: string): unknown {
  const [ip, prefix] = text.split('/');
  if (prefix !== undefined) return { ip, prefix: Number(prefix) };
  return isIP(text) === 0 ? { hostName: text } : { ip, prefix: isIP(text) === 4 ? 32 : 128 };
}
