import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IdentEntry, IdentFile, type IdentMappingInput } from '../../src/ident/index.ts';
import type { Place } from '../../src/text/lines.ts';

const text = `# head
m  alice          "Alice B"\t# why
# between
n\t/^(.*)@x$\t\\1
`;

const bob = { map: 'm', systemUser: 'bob', pgUser: 'b' } as const;

test('a change of one column keeps every other byte', () => {
  const file = IdentFile.parse(text);
  const [alice, pattern] = file.mappings;
  assert.equal(file.replace(alice!, { map: 'x y' }).toString(), text.replace('m ', '"x y" '));
  assert.equal(file.replace(alice!, { systemUser: '/a' }).toString(), text.replace('alice', '/^\\/a$'));
  assert.equal(file.replace(alice!, { pgUser: 'all' }).toString(), text.replace('"Alice B"', '"all"'));
  assert.equal(file.replace(alice!, { pgUser: { keyword: 'all' } }).toString(), text.replace('"Alice B"', 'all'));
  assert.equal(file.replace(alice!, { pgUser: { memberOf: 'a b' } }).toString(), text.replace('"Alice B"', '+"a b"'));
  assert.equal(file.replace(alice!, { comment: null }).toString(), text.replace('# why', ''));
  assert.equal(
    file.replace(pattern!, { systemUser: { regex: '^(a,b)$' } }).toString(),
    text.replace('/^(.*)@x$', '"/^(a,b)$"'),
  );
  assert.throws(() => file.replace(pattern!, { systemUser: 'carol' }), { code: 'readback-mismatch' });
  assert.throws(() => file.replace(file.entries[0]!, { map: 'x' }), { code: 'mapping-invalid' });
});

test('a new mapping takes the column layout of the nearest mapping, or the given layout', () => {
  const file = IdentFile.parse(text);
  const inserted = (place: Place<IdentEntry>, input: IdentMappingInput = bob): string =>
    file
      .insert(input, place)
      .toString()
      .split('\n')
      .find((line) => line.includes('bob'))!;
  assert.equal(inserted('start'), 'm  bob            b');
  assert.equal(inserted('end'), 'm\tbob\tb');
  assert.equal(inserted('start', { ...bob, map: 'longer', comment: ' c' }), 'longer bob            b # c');
  const columns = { map: 4, systemUser: 6 };
  assert.equal(IdentFile.parse('').insert(bob, 'end', { columns }).toString(), 'm   bob   b\n');
  assert.equal(
    IdentFile.parse('')
      .insert(bob, 'end', { columns: { separator: ' ' } })
      .toString(),
    'm bob b\n',
  );
  assert.equal(IdentFile.parse('').insert(bob, 'end').toString(), 'm               bob                     b\n');
});

test('a name reads back as the same name in every column and major version, or is rejected', () => {
  for (const version of [9.6, 15, 16, 19] as const) {
    const file = IdentFile.parse('', { version });
    for (const name of ['all', '+x', '/x', '@x', 'a b', 'a"b', 'a,b', '#', '\\1', '/\\1', '', 'include']) {
      const mapping = { map: name, systemUser: name, pgUser: name };
      if (version < 16 && name === '/\\1') {
        assert.throws(() => file.insert(mapping, 'end'), { code: 'mapping-invalid' });
        continue;
      }
      const { kind: _, text: __, ...read } = file.insert(mapping, 'end').mappings[0]!;
      assert.deepEqual(read, mapping);
    }
  }
});

test('ensure finds a mapping in another notation, and adds a missing mapping', () => {
  const file = IdentFile.parse(text);
  assert.deepEqual(file.ensure({ map: 'm', systemUser: 'alice', pgUser: 'Alice B', comment: 'x' }), {
    file,
    outcome: 'present',
  });
  for (const other of [{ map: 'M' }, { systemUser: 'Alice' }, { pgUser: { regex: 'Alice B' } }]) {
    const mapping = { map: 'm', systemUser: 'alice', pgUser: 'Alice B', ...other };
    const { file: after, outcome } = file.ensure(mapping, 'start');
    assert.equal(outcome, 'added');
    assert.deepEqual(after.ensure(mapping), { file: after, outcome: 'present' });
  }
});
