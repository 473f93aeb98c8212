import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PgHostsslError } from '../../src/errors.ts';
import {
  type HostsEntry,
  HostsFile,
  type HostsRecordChange,
  type HostsRecordInput,
  type HostsSelector,
} from '../../src/hosts/index.ts';
import { renderDiagnostic } from '../../src/text/diagnostic.ts';
import { assertModelHolds, editsOf } from '../hba/edits.ts';
import { anyBytes } from '../hba/property.ts';
import { runs, seed } from '../property.ts';

const text = `# hosts
a.example.com,B.example.com  server.crt server.key root.crt "echo 'a b'" on # main
*          other.crt other.key
/no_sni/   old.crt old.key
`;

test('reads the columns of each record', () => {
  const file = HostsFile.parse(text);
  assert.deepEqual(file.diagnostics, []);
  assert.deepEqual(
    file.hosts.map(({ text: _, ...host }) => host),
    [
      {
        kind: 'host',
        hosts: ['a.example.com', 'B.example.com'],
        certificate: 'server.crt',
        privateKey: 'server.key',
        ca: 'root.crt',
        passphraseCommand: "echo 'a b'",
        passphraseReload: true,
        comment: ' main',
      },
      { kind: 'host', hosts: { keyword: '*' }, certificate: 'other.crt', privateKey: 'other.key' },
      { kind: 'host', hosts: { keyword: '/no_sni/' }, certificate: 'old.crt', privateKey: 'old.key' },
    ],
  );
});

test('a line that parse_hosts_line refuses is an error', () => {
  const codes = (lines: string): string[] => HostsFile.parse(lines).diagnostics.map(({ code }) => code);
  assert.deepEqual(codes('a\n'), ['hosts-column-missing']);
  assert.deepEqual(codes('a c\n'), ['hosts-column-missing']);
  assert.deepEqual(codes('a c k ca cmd on more\n'), ['hosts-column-extra']);
  for (const [i, name] of [
    'certificate',
    'private key',
    'CA',
    'passphrase command',
    'passphrase reload flag',
  ].entries()) {
    const line = ['c', 'k', 'ca', 'cmd', 'on'].map((word, column) => (column === i ? `${word},x` : word)).join(' ');
    const [diagnostic, ...more] = HostsFile.parse(`a ${line}\n`).diagnostics;
    assert.deepEqual([diagnostic?.code, more], ['hosts-list-not-allowed', []]);
    assert.match(diagnostic!.message, new RegExp(`a list of the ${name},`));
  }
  assert.deepEqual(codes('a,* c k\n'), ['hosts-keyword-mixed']);
  assert.deepEqual(codes('a c k ca cmd o\n'), ['hosts-flag-invalid']);
  assert.deepEqual(codes('a c k\nb,A c k\n'), ['hosts-repeated']);
  assert.deepEqual(codes('* c k\n* c k\n'), ['hosts-repeated']);
  assert.deepEqual(codes('/no_sni/ c k\n/NO_SNI/ c k\n'), []);
  assert.deepEqual(codes(''), []);
  assert.deepEqual(
    HostsFile.parse('a\na c k\n').entries.map(({ kind }) => kind),
    ['invalid', 'host'],
  );
});

test('rejects a version that does not read the file, and reads as 19 without a version', () => {
  assert.equal(HostsFile.parse('').version, 19);
  assert.equal(HostsFile.parse('', { version: 19 }).version, 19);
  const refused = { code: 'argument-invalid', message: /PostgreSQL 18 does not read pg_hosts\.conf/ };
  assert.throws(() => HostsFile.parse('', { version: 18 }), refused);
});

test('the reload flag takes the words of parse_bool', () => {
  const flag = (word: string): boolean | undefined =>
    HostsFile.parse(`a c k ca cmd ${word}\n`).hosts[0]?.passphraseReload;
  assert.deepEqual(['1', 't', 'TRUE', 'y', 'yes', 'on', 'On'].map(flag), Array(7).fill(true));
  assert.deepEqual(['0', 'f', 'FALSE', 'n', 'no', 'of', 'off'].map(flag), Array(7).fill(false));
  assert.deepEqual(['o', '01', 'truex', '2', '""'].map(flag), Array(5).fill(undefined));
});

test('edits keep every other byte', () => {
  const file = HostsFile.parse(text);
  const [, , other] = file.entries;
  const entry = { hosts: ['c d', '#x'], certificate: 'c,1.crt', privateKey: 'k', ca: 'r' } as const;
  const changed = file.insert(entry, { before: other! }).remove(other!);
  assert.equal(changed.toString(), text.replace('*          other.crt other.key', '"c d","#x" "c,1.crt" k r'));
});

test('the passphrase command shows in no diagnostic and no error', () => {
  const text = `a "c k ca echo zq9\na c k ca echo zq9 ,on\na c k ca "echo \\\nzq9" maybe\nA c k ca 'zq9'\n`;
  const { diagnostics } = HostsFile.parse(text);
  const shown = diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, text)).join('\n');
  assert.ok(!shown.includes('zq9'), shown);
  assert.match(shown, /\| a c k ca \*{4}/);
  assert.equal(diagnostics.length, 6);
  const entry = { hosts: ['a'], certificate: 'c', privateKey: 'k', ca: 'r', passphraseCommand: 'echo zq9' } as const;
  assert.throws(
    () => HostsFile.parse('').insert({ ...entry, comment: ' C:\\' }, 'end'),
    ({ code, message }: PgHostsslError) => code === 'readback-mismatch' && !message.includes('zq9'),
  );
});

test('no edit makes a second record for a host', () => {
  const file = HostsFile.parse('db.example.com,b s.crt s.key\n* s.crt s.key\n#a s.crt s.key\n');
  const [named, star, comment] = file.entries;
  const entry = { certificate: 'new.crt', privateKey: 's.key' } as const;
  const message = /^The host "db\.example\.com" would be named twice\. .*`replace\(record, change\)`\.$/;
  const hosts = ['DB.example.com'] as const;
  for (const edited of [
    () => file.ensure({ ...entry, hosts }),
    () => file.insert({ ...entry, hosts }, 'start'),
    () => file.replace(star!, { hosts }),
    () => file.edit([{ kind: 'insert', insertion: { ...entry, hosts: ['c', ...hosts] }, place: 'end' }]),
    () => file.remove(named!).insert({ ...entry, hosts: ['db.example.com', ...hosts] }, 'end'),
  ]) {
    assert.throws(edited, { code: 'hosts-entry-invalid', message });
  }
  const repeated = { code: 'hosts-entry-invalid', message: /^The host \* would be named twice\. / };
  assert.throws(() => file.insert({ ...entry, hosts: { keyword: '*' } }, 'end'), repeated);
  assert.throws(() => file.replace(named!, { hosts: { keyword: '*' } }), repeated);
  // Each of these edits leaves one record for each host.
  for (const edited of [
    file.insert({ ...entry, hosts: { keyword: '/no_sni/' } }, 'end').insert({ ...entry, hosts: ['/NO_SNI/'] }, 'end'),
    file.replace(named!, { ...entry, hosts: ['DB.example.com'] }),
    file.edit([
      { kind: 'replace', entry: star!, change: { hosts } },
      { kind: 'replace', entry: named!, change: { hosts: ['b', 'c'] } },
    ]),
  ]) {
    assert.deepEqual(edited.diagnostics, []);
  }
  // A file with a repeated host can be edited, but no edit adds another repetition.
  const broken = HostsFile.parse('a s.crt s.key\nA t.crt t.key\n');
  const other = broken.insert({ ...entry, hosts: ['b'] }, 'end').replace(broken.hosts[0]!, { certificate: 'u.crt' });
  assert.equal(other.toString(), 'a u.crt s.key\nA t.crt t.key\nb new.crt s.key\n');
  assert.throws(() => other.insert({ ...entry, hosts: ['a'] }, 'end'), { code: 'hosts-entry-invalid' });
  // A comment may hold any line, and the diagnostics report its record.
  const uncommented = file.insert({ ...entry, hosts: ['a'] }, 'end').uncomment(comment!);
  assert.deepEqual(
    uncommented.diagnostics.map(({ code }) => code),
    ['hosts-repeated'],
  );
});

test('a host that clients do not send is a warning that says what to write', () => {
  const messages = (host: string): readonly string[] =>
    HostsFile.parse(`${host} s.crt s.key\n`).diagnostics.map(({ code, severity, message }) => {
      assert.deepEqual([code, severity], ['hosts-name-not-sent', 'warning']);
      return message;
    });
  for (const [host, says] of [
    ['*.example.com', /the star in "\*\.example\.com" literally.* \* alone/],
    ['db.example.org.', /final dot of "db\.example\.org\." literally.* Remove the dot$/],
    ['m\u00fcnchen.de', /A-labels.* Write "xn--mnchen-3ya\.de"$/],
    ['\u00fc..de', /A-labels.* Write the A-labels$/],
    ['10.0.0.7', /IP address send no host name.*"10\.0\.0\.7".* Write \/no_sni\//],
    ['::1', /"::1"/],
  ] as const) {
    const [message, ...more] = messages(host);
    assert.match(message ?? '', says);
    assert.deepEqual(more, []);
  }
  for (const host of ['db.example.com', 'localhost', 'a_b', 'xn--mnchen-3ya.de', '*', '/no_sni/', '1.example']) {
    assert.deepEqual(messages(host), [], host);
  }
});

test('an empty certificate or private key is an error, and is not written', () => {
  const { diagnostics } = HostsFile.parse('a "" k\nb c "" ca\nd c k ""\n');
  assert.deepEqual(
    diagnostics.map(({ code, range }) => [code, range.start.line, range.start.column]),
    [
      ['hosts-column-empty', 1, 3],
      ['hosts-column-empty', 2, 5],
    ],
  );
  for (const [certificate, privateKey] of [
    ['', 'k'],
    ['c', ''],
  ] as const) {
    const entry = { hosts: ['a'], certificate, privateKey } as const;
    assert.throws(() => HostsFile.parse('').insert(entry, 'end'), { code: 'hosts-entry-invalid' });
  }
});

test('a keyword is not a host name', () => {
  for (const name of ['*', '/no_sni/']) {
    const entry = { hosts: [name], certificate: 'c', privateKey: 'k' } as const;
    assert.throws(() => HostsFile.parse('').insert(entry, 'end'), { code: 'hosts-entry-invalid' });
  }
});

test('a change of some columns keeps every other byte', () => {
  const [entry, , keyword] = HostsFile.parse(text).hosts;
  const file = HostsFile.parse(`${entry!.text.slice(0, -1)}\r\n${keyword!.text}`);
  const [host, old] = file.hosts;
  const [first] = text.split('\n').slice(1);
  const changed = (change: HostsRecordChange): string => file.replace(host!, change).toString().split('\r\n')[0]!;
  assert.equal(changed({ hosts: ['a.example.com', 'new'] }), first!.replace('B.example.com', 'new'));
  assert.equal(changed({ hosts: { keyword: '*' } }), first!.replace('a.example.com,B.example.com', '*'));
  assert.equal(
    changed({ certificate: 'a b', ca: 'r' }),
    first!.replace('server.crt', '"a b"').replace('root.crt', 'r'),
  );
  assert.equal(changed({ passphraseReload: false, comment: null }), first!.replace('on # main', 'off '));
  assert.equal(changed({ passphraseReload: null }), first!.replace(' on', ''));
  assert.equal(
    changed({ ca: null, passphraseCommand: null, passphraseReload: null }),
    first!.replace(` root.crt "echo 'a b'" on`, ''),
  );
  assert.throws(() => changed({ ca: null }), { code: 'hosts-entry-invalid' });
  assert.equal(
    file.replace(old!, { ca: 'r', passphraseCommand: 'c', passphraseReload: true, comment: ' x' }).hosts[1]!.text,
    '/no_sni/   old.crt old.key r c on # x\n',
  );
  const comment = HostsFile.parse('# a\n');
  assert.equal(comment.replace(comment.entries[0]!, { comment: 'b' }).toString(), '#b\n');
  assert.throws(() => comment.replace(comment.entries[0]!, { certificate: 'c' }), { code: 'hosts-entry-invalid' });
});

test('ensure finds an equivalent entry in another notation', () => {
  const file = HostsFile.parse(text);
  const { kind: _, text: __, ...entry } = file.hosts[0]!;
  assert.equal(file.ensure({ ...entry, hosts: ['b.EXAMPLE.com', 'a.example.com'], comment: 'x' }).file, file);
  const { file: added, outcome } = file.ensure({ hosts: ['c'], certificate: 'c.crt', privateKey: 'c.key' }, 'start');
  assert.equal(outcome, 'added');
  assert.equal(added.toString(), `c c.crt c.key\n${text}`);
  const other: Partial<HostsRecordInput> = { passphraseCommand: 'x', passphraseReload: false };
  assert.equal(file.ensure({ ...entry, hosts: ['x'] }).outcome, 'added');
  // A record that differs in another column is not equivalent. It is refused, because its hosts have a record.
  for (const [name, value] of Object.entries({ certificate: 'x', privateKey: 'x', ca: 'x', ...other })) {
    assert.throws(() => file.ensure({ ...entry, [name]: value }), { code: 'hosts-entry-invalid' }, name);
  }
});

test('a value of a wrong kind is rejected, naming the column', () => {
  const entry = { hosts: ['a'], certificate: 'c', privateKey: 'k' } as const;
  for (const name of ['hosts', 'certificate', 'privateKey', 'ca', 'passphraseCommand', 'passphraseReload', 'comment']) {
    const file = HostsFile.parse('a c k\n');
    const refused = {
      code: 'argument-invalid',
      message: new RegExp(`${name} of a record`, 'i'),
    };
    assert.throws(() => file.insert({ ...entry, [name]: 5 } as never, 'end'), refused, name);
    assert.throws(() => file.replace(file.hosts[0]!, { [name]: 5 } as never), refused, name);
  }
});

test('the parse options stay with the file and its edited copies', () => {
  const options = { file: '/d/pg_hosts.conf', readFile: () => new TextEncoder().encode('a d l\n') };
  const file = HostsFile.parse('include more.conf\n', options);
  const { diagnostics } = file.insert({ hosts: ['A'], certificate: 'c', privateKey: 'k' }, 'end');
  assert.deepEqual(
    [file.diagnostics.length, diagnostics.map(({ code, file: of }) => `${of}: ${code}`)],
    [0, ['/d/pg_hosts.conf: hosts-repeated']],
  );
});

const word = fc.oneof(fc.string(), fc.constantFrom('*', '/no_sni/', '@x', 'a"b', 'a,b', '#', ' ', 'x\\', ''));

test('a written entry reads back unchanged, or is rejected', () => {
  const entry = fc.record(
    {
      hosts: fc.array(word, { minLength: 1, maxLength: 3 }),
      certificate: word,
      privateKey: word,
      ca: word,
      passphraseCommand: word,
      passphraseReload: fc.boolean(),
      comment: word,
    },
    { requiredKeys: ['hosts', 'certificate', 'privateKey'] },
  );
  const property = fc.property(entry, ({ hosts: [first, ...others], ...rest }) => {
    const input = { hosts: [first!, ...others] as const, ...rest };
    let file: HostsFile;
    try {
      file = HostsFile.parse('* c k').insert(input, 'end');
    } catch (error) {
      assert.ok(error instanceof PgHostsslError);
      return;
    }
    assert.equal(file.entries.length, 2);
    const { kind, text: _, ...read } = file.hosts[1]!;
    assert.deepEqual(read, input);
    assert.deepEqual(HostsFile.parse(file.toBytes()).entries, file.entries);
    // If another record is changed to the same values, the result is the same record.
    const other = HostsFile.parse('*  c\tk "r" cmd yes # x\n');
    const none = { ca: null, passphraseCommand: null, passphraseReload: null, comment: null };
    const changed = other.replace(other.hosts[0]!, { ...none, ...input });
    const { kind: __, text: ___, ...now } = changed.hosts[0]!;
    assert.deepEqual(now, input);
    assert.deepEqual(HostsFile.parse(changed.toBytes()).entries, changed.entries);
  });
  fc.assert(property, { numRuns: runs(500), seed });
});

const hostNames = fc
  .array(word, { minLength: 1, maxLength: 3 })
  .map(([first, ...others]): HostsSelector => [first!, ...others]);
const hosts = fc.oneof(hostNames, fc.constantFrom<HostsSelector>({ keyword: '*' }, { keyword: '/no_sni/' }));
const columns = { hosts, certificate: word, privateKey: word };
const anyEntry = fc.record(
  { ...columns, ca: word, passphraseCommand: word, passphraseReload: fc.boolean(), comment: word },
  { requiredKeys: ['hosts', 'certificate', 'privateKey'], noNullPrototype: true },
) as fc.Arbitrary<HostsRecordInput>;
const change = fc.record(
  {
    ...columns,
    ca: fc.option(word),
    passphraseCommand: fc.option(word),
    passphraseReload: fc.option(fc.boolean()),
    comment: fc.option(word),
  },
  { requiredKeys: [], noNullPrototype: true },
) as fc.Arbitrary<HostsRecordChange>;

const file = fc.oneof(
  anyBytes,
  fc
    .array(
      fc.constantFrom('a c k', 'a,b c k ca # x', '* c k ca "cmd x" on', '/no_sni/ c\tk', '# x\\', '', 'a c', '@f c k'),
    )
    .chain((lines) => fc.constantFrom('\n', '\r\n').map((end) => lines.join(end)))
    .map((text) => new TextEncoder().encode(text)),
);

test('any bytes print unchanged, and after any edits the model equals a new parse', () => {
  let done = 0;
  const codes = ['hosts-entry-invalid', 'text-invalid', 'readback-mismatch'];
  const edits = editsOf<HostsFile, HostsEntry, HostsRecordInput, HostsRecordChange>('host', anyEntry, change, codes);
  const parse = (bytes: Uint8Array): HostsFile => HostsFile.parse(bytes);
  const property = fc.property(file, fc.array(edits, { minLength: 1, maxLength: 5 }), (bytes, all) => {
    assert.deepEqual(parse(bytes).toBytes(), Uint8Array.from(bytes));
    done += assertModelHolds(bytes, all, parse, codes);
  });
  fc.assert(property, { seed, numRuns: runs(500) });
  assert.ok(done > 0);
});
