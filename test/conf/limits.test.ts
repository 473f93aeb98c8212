import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfFile, ConfTree, confFileSettings } from '../../src/conf/index.ts';

const megabyte = 1_000_000;
const options = { timeout: 60_000 };

/** Returns a line of one megabyte in which a text is repeated. */
function long(start: string, text: string, end: string): string {
  return `${start}${text.repeat(megabyte / text.length)}${end}`;
}

const lines = {
  'one word': long('', 'x', ''),
  'blanks before a second word': long('work_mem = 4MB', ' ', 'x'),
  'blanks and a semicolon': long('work_mem = 4MB', ' ', ';x'),
  'blanks in front of a colon': long('', ' ', ': 5'),
  'carriage returns': long('work_mem = 4MB', '\r', 'x'),
  'comments after carriage returns': long('#', 'a\r', 'x'),
  'punctuation inside the value': long('work_mem = 4MB', ' ;', 'x'),
  'grouped digits': long('work_mem = 1', ',000', ''),
  'second signs': long('work_mem ', '=', ''),
  'quoted words': long('archive_command = ', "'x' ", ''),
  'words in double quotes': long('archive_command = ', '"x" ', ''),
  'an open quote': long("archive_command = '", "''", ''),
  backslashes: long("archive_command = '", '\\', ''),
  'SQL words': long('', 'SET ', ''),
  'a list': long("search_path = '", 'x,', "x'"),
  'addresses without quotes': long('listen_addresses = ', 'x, ', 'x'),
  'standby names': long("synchronous_standby_names = '", '1 (a', "x'"),
  passwords: long("primary_conninfo = '", 'password=x ', "'"),
  'passwords without quotes': long('primary_conninfo = ', 'password=x ', ''),
  'URLs without quotes': long('archive_command = ', 'http://a:b@c ', ''),
  'a name with hyphens': long('', 'work-mem', ' = 1'),
  placeholders: long('port = ', '{{ x }} ', ''),
};

for (const version of [10, 18] as const) {
  for (const [what, text] of Object.entries(lines)) {
    test(`PostgreSQL ${version}: a line of a megabyte of ${what} is read and checked`, options, () => {
      const file = ConfFile.parse(text, { version });
      assert.equal(file.toString(), text);
      assert.ok(file.diagnostics.length >= 0);
    });
  }
}

test('150,000 lines of one setting are read and checked', options, () => {
  const text = 'work_mem = 4MB\n'.repeat(150_000);
  assert.equal(ConfFile.parse(text).diagnostics.length, 149_999);
  const tree = ConfTree.read({ main: ConfFile.parse('port = 5432\n'), auto: ConfFile.parse(text) });
  assert.equal(tree.diagnostics.length, 149_999);
  assert.equal(
    confFileSettings({ main: ConfFile.parse('port = 5432\n'), auto: ConfFile.parse(text) }, 18).length,
    150_001,
  );
});
