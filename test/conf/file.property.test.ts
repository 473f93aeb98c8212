import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfFile, type ConfValue } from '../../src/conf/index.ts';
import { runs, seed } from '../property.ts';
import { anyBytes } from './property.ts';

const settings = { seed, numRuns: runs(500) };
// Names of settings, some of them in upper case, which callers in JavaScript can write.
const name = fc.constantFrom('ssl', 'work_mem', 'a.b', 'SSL', 'sort_mem', 'ä', 'new_one').map((name) => name as 'a.b');
const value: fc.Arbitrary<ConfValue> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0')),
  fc.string({ unit: fc.constantFrom("'", '\\', '\n', '\r', '#', '=', ' ', '1', 'n'), maxLength: 8 }),
  fc.constantFrom('4MB', 'on', '', '1.5', 'x y', "'"),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
type Edit = (file: ConfFile) => ConfFile;
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ name, value, after: name }).map(
    ({ name, value, after }): Edit =>
      (file) =>
        file.set(name, value, { after, force: true }),
  ),
  fc.record({ name, value }).map(
    ({ name, value }): Edit =>
      (file) =>
        file.set(name, value, { force: true }),
  ),
  name.map(
    (name): Edit =>
      (file) =>
        file.unset(name),
  ),
  name.map(
    (name): Edit =>
      (file) =>
        file.unset(name, { mode: 'remove' }),
  ),
);

test('any bytes print unchanged, each line in its own entry', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const file = ConfFile.parse(bytes);
      assert.deepEqual(file.toBytes(), Uint8Array.from(bytes));
      assert.equal(file.entries.filter((entry) => !/^[^\n]*\n$/.test(entry.text)).length <= 1, true);
      const syntax = file.diagnostics.filter(({ code }) => code === 'conf-syntax');
      assert.equal(syntax.length, file.entries.filter((entry) => entry.kind === 'invalid').length);
    }),
    settings,
  );
});

test('after any edits the model equals a new parse of the bytes', () => {
  fc.assert(
    fc.property(anyBytes, fc.array(edit, { maxLength: 6 }), (bytes, edits) => {
      const file = edits.reduce((file, edit) => edit(file), ConfFile.parse(bytes));
      const again = ConfFile.parse(file.toBytes());
      const model = (file: ConfFile) => file.entries.map(({ text: _, ...rest }) => rest);
      assert.deepEqual(model(file), model(again));
      assert.deepEqual(file.toBytes(), again.toBytes());
    }),
    settings,
  );
});

test('setAll has the same result as one set after the other', () => {
  const entries = fc.uniqueArray(fc.tuple(name, value), { maxLength: 6, selector: ([name]) => name });
  fc.assert(
    fc.property(anyBytes, entries, (bytes, values) => {
      const file = ConfFile.parse(bytes);
      const all = file.setAll(Object.fromEntries(values), { force: true });
      const each = values.reduce((file, [name, value]) => file.set(name, value, { force: true }), file);
      assert.deepEqual(all.entries, each.entries);
      assert.equal(all === file, each === file);
    }),
    settings,
  );
});

test('get returns any value that was set, and only one line changes', () => {
  fc.assert(
    fc.property(anyBytes, name, value, (bytes, name, value) => {
      const file = ConfFile.parse(bytes);
      const after = file.set(name, value, { force: true });
      const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
      assert.equal(after.get(name), text);
      assert.equal(ConfFile.parse(after.toBytes()).get(name), text);
      assert.equal(after.set(name, value, { force: true }), after);
      const kept = after.entries.filter((entry) => file.entries.includes(entry)).length;
      const added = after.entries.length - file.entries.length;
      // If the file has no final line end, adding a line also adds a line end to the line above.
      assert.ok(added === 0 || added === 1);
      assert.ok(kept >= file.entries.length - 1);
    }),
    settings,
  );
});
