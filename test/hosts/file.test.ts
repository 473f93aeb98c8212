import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PgHostsslError } from '../../src/errors.ts';
import { HostsFile } from '../../src/hosts/index.ts';
import { runs, seed } from '../property.ts';

const text = `# hosts
a.example.com,B.example.com  server.crt server.key root.crt "echo 'a b'" on # main
*          other.crt other.key
/no_sni/   old.crt old.key
`;

test('entries are read', () => {
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

test('what parse_hosts_line refuses is an error', () => {
  const codes = (lines: string): string[] => HostsFile.parse(lines).diagnostics.map(({ code }) => code);
  assert.deepEqual(codes('a\n'), ['hosts-column-missing']);
  assert.deepEqual(codes('a c\n'), ['hosts-column-missing']);
  assert.deepEqual(codes('a c k ca cmd on more\n'), ['hosts-column-extra']);
  assert.deepEqual(codes('a c,d k\n'), ['hosts-list-not-allowed']);
  assert.deepEqual(codes('a,* c k\n'), ['hosts-keyword-mixed']);
  assert.deepEqual(codes('a c k ca cmd o\n'), ['hosts-flag-invalid']);
  assert.deepEqual(codes('a c k\nb,A c k\n'), ['hosts-repeated']);
  assert.deepEqual(codes('* c k\n* c k\n'), ['hosts-repeated']);
  assert.deepEqual(codes(''), []);
});

test('edits keep every other byte', () => {
  const file = HostsFile.parse(text);
  const [, , other] = file.entries;
  const entry = { hosts: ['c d', '#x'], certificate: 'c,1.crt', privateKey: 'k', ca: 'r' } as const;
  const changed = file.insert(entry, { before: other! }).remove(other!);
  assert.equal(changed.toString(), text.replace('*          other.crt other.key', '"c d","#x" "c,1.crt" k r'));
});

const word = fc.oneof(fc.string(), fc.constantFrom('*', '/no_sni/', '@x', 'a"b', 'a,b', '#', ' ', 'x\\', ''));

test('an entry that is written reads back as it was meant, or is refused', () => {
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
  });
  fc.assert(property, { numRuns: runs(500), seed });
});
