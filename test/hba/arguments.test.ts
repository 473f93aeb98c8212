import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all, HbaFile, hbaFileRules } from '../../src/hba/index.ts';
import { HostsFile } from '../../src/hosts/index.ts';
import { IdentFile, identFileMappings } from '../../src/ident/index.ts';

/** The functions of the three file classes that a JavaScript caller can use. */
interface AnyFile {
  readonly entries: readonly object[];
  insert(record: unknown, place: unknown, options?: unknown): AnyFile;
  ensure(record: unknown): unknown;
  replace(entry: unknown, change: unknown): AnyFile;
  lineNumber(entry: unknown): number;
  edit(edits: unknown): AnyFile;
}

const formats = [
  {
    name: 'HbaFile',
    parse: HbaFile.parse as unknown as (source: unknown, options?: unknown) => AnyFile,
    record: { type: 'host', databases: ['a'], users: ['b'], address: '10.0.0.0/8', method: 'md5' },
    unknown: ['netmask', 'option', 'database'],
  },
  {
    name: 'IdentFile',
    parse: IdentFile.parse as unknown as (source: unknown, options?: unknown) => AnyFile,
    record: { map: 'm', systemUser: 'a', pgUser: 'b' },
    unknown: ['user', 'pguser'],
  },
  {
    name: 'HostsFile',
    parse: HostsFile.parse as unknown as (source: unknown, options?: unknown) => AnyFile,
    record: { hosts: ['a'], certificate: 'c', privateKey: 'k' },
    unknown: ['host', 'key'],
  },
];

for (const { name, parse, record, unknown } of formats) {
  test(`${name}.parse rejects a value that is neither text nor bytes`, () => {
    for (const source of [Promise.resolve('x'), undefined, null, 5, {}, ['x']]) {
      assert.throws(() => parse(source), { code: 'argument-invalid', message: new RegExp(name) });
    }
  });

  test(`${name}.parse rejects unknown options, facts and versions`, () => {
    for (const options of [null, 5, 'x', { versoin: 18 }, { server: { sll: true } }]) {
      assert.throws(() => parse('', options), { code: 'argument-invalid' });
    }
    for (const version of [8, 99, 18.1, Number.NaN, '18', null]) {
      assert.throws(() => parse('', { version }), { code: 'version-unknown' });
    }
  });

  test(`${name}.edit rejects edits of a wrong kind, and two edits of one entry`, () => {
    const file = parse('# a\n').insert(record, 'end');
    const [entry, other] = file.entries;
    const remove = { kind: 'remove', entry };
    for (const edits of [
      undefined,
      remove,
      [undefined],
      ['remove'],
      [{ entry }],
      [{ kind: 'delete', entry }],
      [{ kind: 'toString', entry }],
      [{ ...remove, change: {} }],
      [{ kind: 'insert', insertion: record }],
      [{ kind: 'insert', insertion: undefined, place: 'end' }],
      [{ kind: 'replace', entry: other }],
      [remove, { kind: 'commentOut', entry }],
      [{ kind: 'move', entry, place: 'end' }, remove],
    ]) {
      assert.throws(() => file.edit(edits), { code: 'argument-invalid' });
    }
    for (const edits of [[{ kind: 'remove' }], [remove, { kind: 'remove', entry: {} }]]) {
      assert.throws(() => file.edit(edits), { code: 'entry-unknown' });
    }
    assert.equal(file.edit([]), file);
  });

  test(`${name} names an unknown property of a record, a change, an option and a place`, () => {
    const file = parse('').insert(record, 'end');
    for (const property of unknown) {
      const refusal = { code: 'argument-invalid', message: new RegExp(`"${property}"`) };
      assert.throws(() => file.insert({ ...record, [property]: 'x' }, 'end'), refusal);
      assert.throws(() => file.ensure({ ...record, [property]: 'x' }), refusal);
      assert.throws(() => file.replace(file.entries[0], { [property]: 'x' }), refusal);
    }
    for (const place of [undefined, 'top', {}, { behind: file.entries[0] }, 5]) {
      assert.throws(() => file.insert(record, place), { code: 'argument-invalid' });
    }
    for (const wrong of [undefined, null, 5, 'x', []]) {
      assert.throws(() => file.insert(wrong, 'end'), { code: 'argument-invalid' });
      assert.throws(() => file.replace(file.entries[0], wrong), { code: 'argument-invalid' });
    }
    assert.throws(() => file.insert({ kind: 'comment', comment: 'x', text: 'y' }, 'end'), { code: 'argument-invalid' });
  });

  test(`${name}.lineNumber is the physical line at which an entry starts`, () => {
    const file = parse('# a\\\n# b\n\n# c\r\n');
    assert.deepEqual(
      file.entries.map((entry) => file.lineNumber(entry)),
      [1, 3, 4],
    );
    assert.throws(() => file.lineNumber({ ...file.entries[0] }), { code: 'entry-unknown' });
  });
}

test('values of a rule of the wrong kind are rejected, and the hint names the export all', () => {
  const file = HbaFile.parse('');
  const rule = { type: 'host', databases: ['a'], users: ['b'], address: '::1', method: 'md5' };
  const insert = (change: object) => (): unknown => file.insert({ ...rule, ...change } as never, 'end');
  assert.throws(insert({ databases: 'all' }), { code: 'argument-invalid', message: /export `all`/ });
  assert.throws(insert({ users: 'all' }), { code: 'argument-invalid', message: /export `all`/ });
  assert.throws(insert({ address: 'all' }), { code: 'rule-invalid', message: /export `all`/ });
  assert.throws(insert({ address: { ip: '::1', netmask: 'x' } }), { code: 'argument-invalid', message: /"netmask"/ });
  assert.throws(insert({ users: [{ role: 'x' }] }), { code: 'argument-invalid', message: /"role"/ });
  assert.throws(insert({ options: [{ name: 'map', vlaue: 'x' }] }), { code: 'argument-invalid', message: /"vlaue"/ });
  for (const value of [undefined, null, 1]) {
    assert.throws(insert({ options: [{ name: 'map', value }] }), {
      code: 'argument-invalid',
      message: /option map must/,
    });
  }
});

test('the string all is the name of one database, in quotes, and the diagnostics say so', () => {
  const file = HbaFile.parse('').insert({ type: 'local', databases: ['all'], users: [all], method: 'peer' }, 'end');
  assert.match(file.toString(), /^local +"all" +all +peer\n$/);
  assert.deepEqual(
    file.diagnostics.map(({ code }) => code),
    ['keyword-quoted'],
  );
  assert.deepEqual(file.rules[0]?.databases, ['all']);
});

test('each view accepts only its own kind of file', () => {
  assert.throws(() => hbaFileRules(IdentFile.parse('') as never), { code: 'argument-invalid' });
  assert.throws(() => identFileMappings(undefined as never), { code: 'argument-invalid' });
});
