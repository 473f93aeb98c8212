import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfName, nameOfBytes } from '../../src/c/names.ts';
import { alterAutoConf, ConfFile, ConfTree, confFileSettings } from '../../src/conf/index.ts';
import { PgHostsslError } from '../../src/errors.ts';
import type { PgMajor } from '../../src/version.ts';
import { runs, seed } from '../property.ts';

const stock = [
  '# a file',
  "listen_addresses = 'localhost'  # what to listen on",
  '#ssl = off\t\t# (change requires reload)',
  "#ssl_ca_file = ''",
  '# port = the port of the server',
  '#   name = value',
  '#port = 5432\t\t\t\t# (change requires restart)',
  '\t\t\t\t\t# a second line of comment',
  'work_mem = 4MB',
  'WORK_MEM = 8MB\t# the last one wins',
  '',
].join('\r\n');

function edited(edit: (file: ConfFile) => ConfFile): readonly string[] {
  const lines = stock.split('\r\n');
  const now = edit(ConfFile.parse(stock)).toString().split('\r\n');
  return now
    .filter((line) => !lines.includes(line))
    .concat(lines.filter((line) => !now.includes(line)).map((l) => `-${l}`));
}

const code = (expected: string) => (error: unknown) => error instanceof PgHostsslError && error.code === expected;

test('each line is an entry of its kind', () => {
  assert.deepEqual(
    ConfFile.parse(`${stock}include 'x.conf'\nssl = a b\n\n`).entries.map((entry) => entry.kind),
    [
      ...['comment', 'setting', 'commented', 'commented', 'comment', 'comment', 'commented', 'comment', 'setting'],
      ...['setting', 'include', 'invalid', 'blank'],
    ],
  );
});

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

test('a byte that is not UTF-8 is not the character of this code', () => {
  const file = ConfFile.parse(latin1("my.v = 'caf\xe9'\nmy.\xe9 = 1\n"), { version: 18 });
  assert.equal(file.get('my.v'), 'caf\udce9');
  assert.deepEqual([file.get('my.\udce9'), file.get('my.é')], ['1', undefined]);
  assert.equal(ConfFile.parse("my.v = '\\351'\n").get('my.v'), '\udce9');
  const bytesOf = (changed: ConfFile): string => Buffer.from(changed.toBytes()).toString('latin1');
  assert.equal(bytesOf(file.set('my.v', 'café')), "my.v = 'caf\xc3\xa9'\nmy.\xe9 = 1\n");
  assert.equal(bytesOf(file.set('my.\udce9', 2)), "my.v = 'caf\xe9'\nmy.\xe9 = 2\n");
  assert.equal(bytesOf(file.set('my.é', 2)), "my.v = 'caf\xe9'\nmy.\xe9 = 1\nmy.\xc3\xa9 = 2\n");
  assert.equal(file.set('my.v', file.get('my.v')!), file);
});

test('a value with any bytes is written as the same bytes, whatever the encoding of the file is', () => {
  const anyBytes = fc.uint8Array({ min: 1, maxLength: 12 });
  const property = fc.property(anyBytes, fc.constantFrom('', "my.w = '\xe9'\n"), (bytes, text) => {
    const value = nameOfBytes(bytes);
    const file = ConfFile.parse(latin1(text)).set('my.v', value);
    assert.equal(ConfFile.parse(file.toBytes()).get('my.v'), value);
    assert.deepEqual(bytesOfName(value), bytes);
  });
  fc.assert(property, { numRuns: runs(300), seed });
  // These two surrogates together represent the bytes of a character, so the file would read back as this character.
  for (const value of ['\udcc3\udca9', '\ud800', '\udc41']) {
    assert.throws(() => ConfFile.parse('').set('my.v', value), code('text-invalid'));
  }
});

test('a path that is not UTF-8 is not read, because Node would open another path', () => {
  const readFile = (path: string): Uint8Array => assert.fail(path);
  const readDirectory = (path: string): string[] => {
    if (path !== '/d/dir') throw Object.assign(new Error(), { code: 'ENOTDIR' });
    return ['caf\ufffd.conf'];
  };
  for (const line of [
    "include 'caf\xe9.conf'",
    "include_if_exists 'caf\xe9.conf'",
    "include_dir '\xe9'",
    "include_dir 'dir'",
  ]) {
    const options = { file: '/d/postgresql.conf', readFile, readDirectory };
    const main = ConfFile.parse(latin1(`${line}\n`), options);
    assert.deepEqual(
      main.diagnostics.map((each) => each.code),
      ['include-not-followed'],
    );
    assert.equal(ConfTree.read({ main }).effective('work_mem')?.source, 'default');
  }
});

test('get returns the last active value, without quotes', () => {
  const file = ConfFile.parse(`${stock}a.b = 'it''s \\\\ \\101\\n'\nsort_mem = 1MB\n#x = 1`);
  assert.equal(file.get('listen_addresses'), 'localhost');
  assert.equal(file.get('Listen_Addresses'), 'localhost');
  assert.equal(file.get('a.b'), "it's \\ A\n");
  assert.equal(file.get('work_mem'), '1MB', 'an old name is the new one');
  assert.equal(file.get('ssl'), undefined);
  assert.equal(file.get('x'), undefined);
});

test('octal escapes are bytes, and a NUL cuts the value', () => {
  const value = (text: string | Uint8Array) => ConfFile.parse(text).get('a.b');
  assert.equal(value("a.b = '\\303\\244'"), 'ä');
  assert.equal(value("a.b = 'x\\0y'"), 'x');
  assert.equal(value("a.b = 'x\\400y'"), 'x');
  assert.equal(value("a.b = '\\1011\\8'"), 'A18');
  assert.equal(value("a.b = 'xyz\0z'"), 'xy');
  assert.equal(value("a.b = '\0z'"), '');
  assert.equal(value(Uint8Array.from("a.b = 'ä' # \xff", (c) => c.charCodeAt(0))), '\udce4');
  assert.equal(value(Uint8Array.from("a.b = '\xc3\xa4' # \xff", (c) => c.charCodeAt(0))), 'ä');
});

test('set changes the value of the last active line and nothing else', () => {
  assert.deepEqual(
    edited((file) => file.set('work_mem', '16MB')),
    ['WORK_MEM = 16MB\t# the last one wins', '-WORK_MEM = 8MB\t# the last one wins'],
  );
  assert.deepEqual(
    edited((file) => file.set('LISTEN_ADDRESSES' as 'listen_addresses', '*')),
    ["listen_addresses = '*'  # what to listen on", "-listen_addresses = 'localhost'  # what to listen on"],
  );
});

test('set uncomments the stock default in place', () => {
  assert.deepEqual(
    edited((file) => file.set('ssl', true).set('ssl_ca_file', 'root.crt').set('port', 5433)),
    [
      'ssl = on\t\t# (change requires reload)',
      "ssl_ca_file = 'root.crt'",
      'port = 5433\t\t\t\t# (change requires restart)',
      '-#ssl = off\t\t# (change requires reload)',
      "-#ssl_ca_file = ''",
      '-#port = 5432\t\t\t\t# (change requires restart)',
    ],
  );
  assert.equal(ConfFile.parse('#ssl = off   # note').set('ssl', true).toString(), 'ssl = on   # note');
});

test('a comment in prose is never read as a commented-out setting', () => {
  for (const prose of [
    '# ssl = off',
    '#ssl off',
    '#ssl',
    '#ssl = off or on',
    '##ssl = off',
    '#ssl: off',
    '#\tssl = off',
  ]) {
    assert.equal(ConfFile.parse(`${prose}\n`).set('ssl', true).toString(), `${prose}\nssl = on\n`);
  }
});

test('set adds a line at the end, or below a named setting and its comment', () => {
  assert.equal(ConfFile.parse('').set('ssl', true).toString(), 'ssl = on\n');
  assert.equal(ConfFile.parse('a = 1').set('ssl', true).toString(), 'a = 1\nssl = on\n');
  assert.equal(ConfFile.parse('a = 1\r\nb = 2').set('ssl', true).toString(), 'a = 1\r\nb = 2\r\nssl = on\r\n');
  assert.equal(
    ConfFile.parse('ssl = on\nx = 1').set('ssl_ca_file', 'root.crt', { after: 'ssl' }).toString(),
    "ssl = on\nssl_ca_file = 'root.crt'\nx = 1",
  );
  assert.equal(
    ConfFile.parse('#ssl = on # a\n\t\t# b\n# c\n')
      .set('x' as 'x.y', 1, { after: 'ssl', force: true })
      .toString(),
    '#ssl = on # a\n\t\t# b\nx = 1\n# c\n',
  );
  assert.equal(
    ConfFile.parse('a = 1\n')
      .set('x' as 'x.y', 1, { after: 'ssl', force: true })
      .toString(),
    'a = 1\nx = 1\n',
  );
});

test('a value is quoted if it needs quotes', () => {
  const line = (value: string | number | boolean) =>
    ConfFile.parse('')
      .set('x' as 'x.y', value, { force: true })
      .toString();
  assert.equal(line(false), 'x = off\n');
  assert.equal(line(1.5), 'x = 1.5\n');
  assert.equal(line(1e21), "x = '1e+21'\n");
  assert.equal(line(''), "x = ''\n");
  assert.equal(line("a'b\\c\nd\re"), "x = 'a''b\\\\c\\nd\\re'\n");
  assert.equal(
    ConfFile.parse('x+1')
      .set('x' as 'x.y', '2', { force: true })
      .toString(),
    "x'2'",
  );
  assert.equal(
    ConfFile.parse("x='1'#c")
      .set('x' as 'x.y', 2, { force: true })
      .toString(),
    "x='2'#c",
  );
});

test('unset comments out or removes every active line', () => {
  const text = 'work_mem = 1MB\n  work_mem = 2MB # x\nsort_mem = 3MB\na = 1\nwork_mem = 4MB';
  assert.equal(
    ConfFile.parse(text).unset('work_mem').toString(),
    '#work_mem = 1MB\n  #work_mem = 2MB # x\n#sort_mem = 3MB\na = 1\n#work_mem = 4MB',
  );
  assert.equal(ConfFile.parse(text).unset('work_mem', { mode: 'remove' }).toString(), 'a = 1\n');
  const file = ConfFile.parse('#ssl = on\n');
  assert.equal(file.unset('ssl'), file);
});

test('an edit shares all other entries, and an edit without effect returns the same file', () => {
  const file = ConfFile.parse(stock);
  const after = file.set('work_mem', '1MB');
  assert.deepEqual(
    after.entries.map((entry, i) => entry === file.entries[i]),
    file.entries.map((_, i) => i !== 9),
  );
  assert.equal(after.lineNumber(after.entries[9]!), 10);
  assert.throws(() => after.lineNumber(file.entries[9]!), code('entry-unknown'));
  assert.equal(file.set('work_mem', '8MB'), file);
});

test('values that no line can express are rejected', () => {
  const file = ConfFile.parse(stock);
  const edit = file.set as (this: ConfFile, name: string, value: string) => ConfFile;
  for (const name of ['', 'a b', 'ssl = on\n', 'include', 'Include_Dir', 'a.b.c', '#ssl', "x'", 'ssl\0']) {
    assert.throws(() => edit.call(file, name, 'x'), code('setting-name-invalid'), name);
  }
  for (const value of ['a\0b', '\ud800', Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => file.set('a.b', value), code('text-invalid'));
  }
});

test('a line that cannot be read is kept and reported', () => {
  const file = ConfFile.parse('ssl = on\nfoo = server.crt\nssl\n', { file: '/x/postgresql.conf' });
  assert.deepEqual(
    file.diagnostics.map(({ code, severity, range, file }) => [code, severity, range.start, range.end, file]),
    [
      ['conf-syntax', 'error', { line: 2, column: 7 }, { line: 2, column: 17 }, '/x/postgresql.conf'],
      ['conf-syntax', 'error', { line: 3, column: 4 }, { line: 3, column: 4 }, '/x/postgresql.conf'],
    ],
  );
  assert.equal(file.set('ssl', false).toString(), 'ssl = off\nfoo = server.crt\nssl\n');
});

test('a setting with the name of a property of every object is unknown', () => {
  for (const name of ['__proto__', 'constructor']) {
    const [row, next] = confFileSettings({ main: `${name} = 1\nport = 5433\n` }, 18);
    assert.deepEqual([row?.applied, row?.error], [false, 'unrecognized configuration parameter']);
    assert.equal(next?.applied, false);
  }
});

test('the hint for a pattern of included files is include_dir', () => {
  for (const line of ['include = conf.d/*.conf', 'include conf.d/*', 'include_if_exists /etc/*.conf']) {
    const [{ code, message, fix } = assert.fail()] = ConfFile.parse(`${line}\n`).diagnostics;
    assert.deepEqual([code, fix], ['conf-syntax', undefined]);
    assert.match(message, /one file, and a star stands for itself\. Write include_dir/);
  }
});

test('more autovacuum workers than slots are a warning from 18 on', () => {
  const told = (text: string, version: PgMajor): readonly string[] =>
    ConfFile.parse(text, { version }).diagnostics.map(({ severity, code }) => `${severity} ${code}`);
  assert.deepEqual(told('autovacuum_max_workers = 20\n', 17), []);
  assert.deepEqual(told('autovacuum_max_workers = 16\n', 18), []);
  assert.deepEqual(told('autovacuum_max_workers = 20\n', 18), ['warning setting-conflict']);
  assert.deepEqual(told('autovacuum_max_workers = 20\nautovacuum_worker_slots = 20\n', 18), []);
});

test('a TimeZone of 168 hours or more is refused', () => {
  const isApplied = (value: string): boolean | undefined =>
    confFileSettings({ main: `TimeZone = '${value}'\n` }, 18)[0]?.applied;
  for (const value of ['167.99', '-167', '0x10', 'EST5EDT', '1e', '200 ']) assert.equal(isApplied(value), true, value);
  for (const value of ['1e3', '168', '-168', '0xA8', 'nan', 'inf']) assert.equal(isApplied(value), false, value);
});

test('before 19, alterAutoConf makes temp_tablespaces a list of one empty element, as SQL does', () => {
  const written = (version: PgMajor): string =>
    alterAutoConf(ConfFile.parse('', { version }), { temp_tablespaces: [] }).toString().split('\n').at(-2)!;
  assert.deepEqual([written(18), written(19)], [`temp_tablespaces = '""'`, "temp_tablespaces = ''"]);
});
