import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  all,
  type CommentEntry,
  type HbaEntry,
  HbaFile,
  type HbaRuleChange,
  type HbaRuleInput,
  type InsertOptions,
} from '../../src/hba/index.ts';
import type { Place } from '../../src/text/lines.ts';
import type { PgMajor } from '../../src/version.ts';

const text = `# head
local   all  all                 peer
host\tapp,"my db"\talice , bob\t10.0.0.0/8\tscram-sha-256  # office
hostssl app  all  10.1.0.0 255.255.0.0  cert   map=x clientcert=verify-full
`;

test('a change of one column keeps every other byte', () => {
  const file = HbaFile.parse('host\tapp,"my db"\talice\t10.0.0.0/8\tscram-sha-256  # office\r\n');
  const [rule] = file.rules;
  assert.ok(rule);
  assert.equal(
    file.replace(rule, { databases: ['app', 'my db', 'all'] }).toString(),
    'host\tapp,"my db","all"\talice\t10.0.0.0/8\tscram-sha-256  # office\r\n',
  );
  assert.equal(
    file.replace(rule, { users: ['bob'], method: 'md5', address: '::1', comment: null }).toString(),
    'host\tapp,"my db"\tbob\t::1/128\tmd5  \r\n',
  );
  assert.equal(
    file.replace(rule, { options: [], comment: ' home' }).toString(),
    'host\tapp,"my db"\talice\t10.0.0.0/8\tscram-sha-256  # home\r\n',
  );
});

test('elements are added to a list and removed, and the other elements keep their text and their commas', () => {
  const lists = HbaFile.parse('local "a",b,,\tc, "d e"  +x,, "y" peer # why\n');
  const [rule] = lists.rules;
  assert.ok(rule);
  const changed = (change: HbaRuleChange): string => lists.replace(rule, change).toString();
  const { databases, users } = rule;
  assert.equal(
    changed({ databases: [...databases, 'f g', { keyword: 'sameuser' }] }),
    'local "a",b,,\tc, "d e","f g",sameuser  +x,, "y" peer # why\n',
  );
  const [, ...fewer] = databases;
  assert.equal(changed({ databases: fewer as [string] }), 'local b,,\tc, "d e"  +x,, "y" peer # why\n');
  assert.equal(changed({ databases: ['a', 'c', 'd e'] }), 'local "a",c, "d e"  +x,, "y" peer # why\n');
  assert.equal(changed({ users: ['z', ...users] }), 'local "a",b,,\tc, "d e"  z,+x,, "y" peer # why\n');
  assert.equal(changed({ users: ['y'] }), 'local "a",b,,\tc, "d e"  "y" peer # why\n');
  assert.equal(changed({ databases: ['b', 'a', 'c'] }), 'local b,"a",c  +x,, "y" peer # why\n');
  // Of equal elements, the text of the first one stays.
  const twice = HbaFile.parse('local a, "a",b all peer\n');
  assert.equal(twice.replace(twice.rules[0]!, { databases: ['a', 'b'] }).toString(), 'local a,b all peer\n');
});

test('a rule is moved with its comment, and all other lines stay unchanged', () => {
  const plain = text.replace('alice , bob', 'alice, bob');
  const file = HbaFile.parse(plain);
  const [head, local, host, hostssl] = file.entries;
  const lines = plain.split(/(?<=\n)/);
  assert.equal(file.move(host!, { before: local! }).toString(), [lines[0], lines[2], lines[1], lines[3]].join(''));
  assert.equal(file.move(host!, 'start').toString(), [lines[2], lines[0], lines[1], lines[3]].join(''));
  assert.equal(file.move(host!, 'end').toString(), [lines[0], lines[1], lines[3], lines[2]].join(''));
  assert.equal(file.move(local!, { after: hostssl! }).toString(), [lines[0], lines[2], lines[3], lines[1]].join(''));
  assert.equal(file.move(head!, { before: head! }).toString(), plain);
  assert.equal(file.move(host!, { after: head! }).rules[0]?.comment, ' office');
});

test('a new rule has the given column widths, or those of the nearest rule, for TCP if it has an address', () => {
  const file = HbaFile.parse('host     a     b         ::1/128       md5\n# x\nlocal all all peer\n');
  const [wide, , narrow] = file.entries;
  const host = { type: 'host', databases: ['d'], users: ['u'], address: '::1', method: 'md5' } as const;
  const local = { type: 'local', databases: ['d'], users: ['u'], method: 'peer' } as const;
  const inserted = (rule: HbaRuleInput, place: Place<HbaEntry>, options?: InsertOptions): string =>
    file
      .insert(rule, place, options)
      .toString()
      .replace(file.toString(), '')
      .split('\n')
      .find((line) => /\sd\b/.test(line))!;
  assert.equal(inserted(host, 'end'), 'host     d     u         ::1/128       md5');
  assert.equal(inserted(local, 'end'), 'local d   u   peer');
  assert.equal(inserted(local, { before: wide! }), 'local    d     u                       peer');
  assert.equal(inserted(host, { after: narrow! }, { columns: { separator: '\t' } }), 'host\td\tu\t::1/128\tmd5');
  const columns = { type: 6, database: 4, user: 3, address: 9 };
  assert.equal(inserted(host, 'end', { columns }), 'host  d   u  ::1/128  md5');
  assert.equal(
    inserted(
      { ...host, databases: ['d', 'longer'], options: [{ name: 'map', value: 'm' }], method: 'ident', comment: ' c' },
      'end',
      { columns },
    ),
    'host  d,longer u  ::1/128  ident map=m # c',
  );
  assert.equal(
    HbaFile.parse('').insert(host, 'end').toString(),
    'host    d               u               ::1/128                 md5\n',
  );
});

test('options are added, changed and removed one by one', () => {
  const file = HbaFile.parse(text);
  const rule = file.rules.find(({ type }) => type === 'hostssl');
  assert.ok(rule);
  const options = [...rule.options, { name: 'clientname', value: 'DN' }] as const;
  assert.match(file.replace(rule, { options }).toString(), /cert {3}map=x clientcert=verify-full clientname=DN\n/);
  assert.match(file.replace(rule, { options: [] }).toString(), /255\.255\.0\.0 {2}cert\n/);
});

test('an edit shares all other entries and does not change the old file', () => {
  const file = HbaFile.parse(text);
  const changed = file.insert(
    { type: 'local', databases: ['x'], users: [all], method: 'reject' },
    { after: file.entries[0]! },
  );
  assert.equal(file.toString(), text);
  assert.equal(changed.entries[2], file.entries[1]);
  assert.equal(changed.toString().split('\n')[1], 'local   x    all                 reject');
});

test('a batch of edits reads each place and each entry in the file before the batch', () => {
  const file = HbaFile.parse('local a all peer\nlocal b all peer\nlocal c all peer');
  const [a, b, c] = file.rules;
  const note = { kind: 'comment', comment: ' note' } as const;
  const changed = file.edit([
    { kind: 'insert', insertion: note, place: { after: b! } },
    { kind: 'insert', insertion: { ...note, comment: ' next' }, place: { before: c! } },
    { kind: 'remove', entry: b! },
    { kind: 'move', entry: c!, place: 'start' },
    { kind: 'commentOut', entry: a! },
  ]);
  assert.equal(changed.toString(), 'local c all peer\n#local a all peer\n# note\n# next\n');
});

test('an entry of another file is rejected as a place', () => {
  const [entry] = HbaFile.parse('# a\n').entries;
  assert.throws(() => HbaFile.parse('# a\n').remove(entry!), { code: 'entry-unknown' });
});

test('ensure finds an equivalent rule in another notation', () => {
  const file = HbaFile.parse('host  "b",a,a , x 10.0.0.0 255.0.0.0 md5 # why\n');
  const rule = { type: 'host', databases: ['a', 'b'], users: ['x'], address: '10.0.0.0/8', method: 'md5' } as const;
  assert.deepEqual(file.ensure(rule), { file, outcome: 'present' });
  assert.equal(file.ensure({ ...rule, users: ['y'] }).outcome, 'added');
});

test('ensure finds a rule that the server treats alike', () => {
  const same = [
    ['local all all ident map=m', 'local all all peer map=m'],
    ['hostssl all all 10.1.2.3/8 cert map=m clientname=DN', 'hostssl all all 10.0.0.0/8 cert clientname=DN map=m'],
    ['hostssl all all all cert map=a clientname=DN map=m', 'hostssl all all all cert clientname=DN map=m'],
    ['host all all DB.example.com md5', 'host all all db.EXAMPLE.com md5'],
    ['host all all 0:0::1/128 md5', 'host all all ::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff md5'],
  ] as const;
  const different = [
    ['host all all 10.0.0.0/8 ident', 'host all all 10.0.0.0/8 md5'],
    ['host all all 10.0.0.0/8 md5', 'host all all 10.0.0.0/9 md5'],
    ['hostssl all all all cert map=m map=a', 'hostssl all all all cert map=m'],
    ['host all all "all" md5', 'host all all all md5'],
  ] as const;
  const outcome = ([present, wanted]: readonly [string, string]): string =>
    HbaFile.parse(present).ensure(HbaFile.parse(wanted).rules[0]!).outcome;
  assert.deepEqual(
    same.map(outcome),
    same.map(() => 'present'),
  );
  assert.deepEqual(
    different.map(outcome),
    different.map(() => 'added'),
  );
  const rule = { type: 'host', databases: [all], users: [all], method: 'md5' } as const;
  const open = HbaFile.parse('host all all 0.0.0.0/0 md5\nhost all all 10.0.0.0/32 md5\n');
  for (const address of ['10.0.0.0/', '10.0.0.0/33', { ip: '10.0.0.0', prefix: Number.NaN }]) {
    assert.throws(() => open.ensure({ ...rule, address }), { code: 'rule-invalid' });
  }
});

test('a file without a last line end gets one, in its own style, when a line is added', () => {
  const rule = { type: 'local', databases: [all], users: [all], method: 'peer' } as const;
  const columns = { separator: ' ' };
  assert.equal(
    HbaFile.parse('# a\r\n# b').insert(rule, 'end', { columns }).toString(),
    '# a\r\n# b\r\nlocal all all peer\r\n',
  );
  assert.equal(
    HbaFile.parse('# a\\', { version: 14 }).insert(rule, 'end', { columns }).toString(),
    '# a\\\n\nlocal all all peer\n',
  );
  assert.equal(
    HbaFile.parse('# a\\', { version: 13 }).insert(rule, 'end', { columns }).toString(),
    '# a\\\nlocal all all peer\n',
  );
});

test('a last line that a backslash or a NUL would join with the next line is not joined with an added line', () => {
  const rule = { type: 'local', databases: [all], users: [all], method: 'peer' } as const;
  const columns = { separator: ' ' };
  for (const [text, added] of [
    ['# C:\\\n', '\n'],
    ['local all all trust\0 junk\n', '\n'],
    ['local all all trust\0 junk', '\n\n'],
    ['local all all trust\\\0', '\n\n\n'],
  ] as const) {
    const file = HbaFile.parse(text, { version: 14 });
    assert.equal(file.insert(rule, 'end', { columns }).toString(), `${text}${added}local all all peer\n`);
  }
  const file = HbaFile.parse('local all all trust\n# C:\\\n');
  assert.equal(file.move(file.entries[1]!, 'start').toString(), '# C:\\\n\nlocal all all trust\n');
});

test('the last line can be edited without a line end', () => {
  const file = HbaFile.parse('# a\nlocal all all peer');
  const [, rule] = file.entries;
  assert.equal(file.replace(rule!, { method: 'trust' }).toString(), '# a\nlocal all all trust');
  assert.equal(file.commentOut(rule!).toString(), '# a\n#local all all peer');
  assert.equal(file.move(rule!, 'start').toString(), 'local all all peer\n# a\n');
  assert.throws(() => file.replace(rule!, { comment: ' C:\\' }), { code: 'readback-mismatch' });
});

test('no value of a caller adds a line, a column or an option', () => {
  const file = HbaFile.parse('');
  const rule = { type: 'local', databases: [all], users: ['x'], method: 'peer' } as const;
  for (const users of [['a\nlocal all all trust'], ['a\0b'], ['\ud800']] as const) {
    assert.throws(() => file.insert({ ...rule, users }, 'end'), { code: 'text-invalid' });
  }
  assert.throws(() => file.insert({ ...rule, comment: 'x\\' }, 'end'), { code: 'readback-mismatch' });
  assert.throws(() => file.insert({ ...rule, comment: 'x\r' }, 'end'), { code: 'text-invalid' });
  assert.throws(() => file.insert({ kind: 'comment', comment: 'x\r' }, 'end'), { code: 'text-invalid' });
  assert.throws(() => file.insert({ kind: 'comment', comment: 'x\\' }, 'end'), { code: 'readback-mismatch' });
  assert.throws(() => file.insert({ ...rule, method: 'peer map=x' as 'peer' }, 'end'), { code: 'rule-invalid' });
  assert.throws(() => file.insert({ ...rule, method: 'trust', options: [{ name: 'map', value: 'x' }] }, 'end'), {
    code: 'rule-invalid',
  });
  const injected = file.insert({ ...rule, options: [{ name: 'map', value: 'x krb_realm=y' }] }, 'end').rules[0]!;
  assert.deepEqual(injected.options, [{ name: 'map', value: 'x krb_realm=y' }]);
});

test('an address that would become an impossible host name is rejected in a rule, and a warning in a file', () => {
  const rule = { type: 'host', databases: [all], users: [all], method: 'md5' } as const;
  const good = HbaFile.parse('host all all 10.0.0.0/8 md5\n');
  for (const text of ['999.1.1.1', '*', '1.2.3.4.5', '[::1]', 'my host', 'de:ad:be:ef', '256.0.0.0', '.', '']) {
    for (const address of [text, { hostName: text }]) {
      assert.throws(() => good.insert({ ...rule, address }, 'end'), { code: 'rule-invalid' });
      assert.throws(() => good.ensure({ ...rule, address }), { code: 'rule-invalid' });
      assert.throws(() => good.replace(good.rules[0]!, { address }), { code: 'rule-invalid' });
    }
    const bad = HbaFile.parse(`host app all "${text}" md5\n`);
    assert.deepEqual(
      bad.diagnostics.map(({ code, severity }) => `${severity} ${code}`),
      ['warning address-host-name'],
    );
    assert.equal(bad.replace(bad.rules[0]!, { method: 'reject' }).toString(), `host app all "${text}" reject\n`);
  }
  for (const address of ['10.0.0', '10', '010.0.0.1', '0x7f.0.0.1', 'ALL', 'Samenet', '10.0.0/8', '10.0.0.0/', 'a/8']) {
    assert.throws(() => good.insert({ ...rule, address }, 'end'), { code: 'rule-invalid' });
    assert.throws(() => good.replace(good.rules[0]!, { address }), { code: 'rule-invalid' });
  }
  for (const address of ['db', '.example.com', 'a_b.example.com', 'x-1.example.com', 'zoë.example']) {
    assert.equal(good.insert({ ...rule, address }, 'end').rules.length, 2);
  }
});

test('a last line that ends in a backslash or a NUL can be commented out, uncommented, changed and removed', () => {
  for (const end of ['\\', '\\\n', '\\\r\n', '\0 junk\n', ' # C:\\']) {
    const text = `# head\nlocal all all trust${end}`;
    const file = HbaFile.parse(text, { version: 18 });
    const out = file.commentOut(file.rules[0]!);
    assert.equal(out.toString(), `# head\n#local all all trust${end}`);
    assert.equal(out.uncomment(out.entries[1]!).toString(), text);
    assert.equal(file.replace(file.rules[0]!, { users: ['x'] }).toString(), text.replace('all all', 'all x'));
    assert.equal(file.remove(file.rules[0]!).toString(), '# head\n');
    const blank = out.insert({ kind: 'blank' }, 'end');
    assert.deepEqual(
      blank.entries.map(({ kind }) => kind),
      ['comment', 'comment', 'blank'],
    );
  }
});

test('a line that just fits the buffer of an old major version cannot be commented out', () => {
  const text = 'local all all trust'.padEnd(8189);
  const file = HbaFile.parse(`${text}\n`, { version: 10 });
  assert.throws(() => file.commentOut(file.rules[0]!), { code: 'readback-mismatch' });
  const shorter = HbaFile.parse(`${text.slice(1)}\n`, { version: 10 });
  assert.equal(shorter.commentOut(shorter.entries[0]!).entries.length, 1);
});

test('every kind of element is written as the server reads it', () => {
  const databases = [all, 'all', { keyword: 'sameuser' }, { regex: '^a,b$' }, { file: 'd b' }, '/x'] as const;
  const users = [{ memberOf: 'staff' }, { memberOf: 'my "grp' }, '+x', '@x', { file: 'u' }, { regex: 'a' }] as const;
  const written = (version: PgMajor, rule: HbaRuleInput): string =>
    HbaFile.parse('', { version })
      .insert(rule, 'end', { columns: { separator: ' ' } })
      .toString();
  assert.equal(
    written(16, { type: 'local', databases, users, method: 'peer' }),
    'local all,"all",sameuser,"/^a,b$",@"d b",/^\\/x$ +staff,+"my ""grp","+x","@x",@u,/a peer\n',
  );
  assert.equal(
    written(15, { type: 'local', databases: ['/x'], users: [{ memberOf: '' }, ''], method: 'peer' }),
    'local "/x" +"","" peer\n',
  );
  for (const pattern of [{ regex: 'a' }, { keyword: 'ALL' as 'all' }, { file: '' }]) {
    const rule = { type: 'local', databases: [pattern], users: [pattern], method: 'peer' } as const;
    assert.throws(() => written(15, rule), { code: 'rule-invalid' });
  }
  const options = [
    { name: 'map', value: 'a "b", #c' },
    { name: 'clientname', value: 'DN' },
  ] as const;
  assert.equal(
    written(14, { type: 'hostssl', databases: ['a'], users: ['b'], address: '.example.com', method: 'cert', options }),
    'hostssl a b .example.com cert map="a ""b"", #c" clientname=DN\n',
  );
});

test('comments keep their text', () => {
  const [comment] = HbaFile.parse('  # a "b" \n').entries as [CommentEntry];
  assert.equal(comment.comment, ' a "b" ');
});
