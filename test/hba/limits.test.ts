import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HbaFile, hbaFileRules } from '../../src/hba/index.ts';
import { pgMajors } from '../../src/version.ts';
import { readersOf } from './tree.ts';

const megabyte = 1_000_000;
const options = { timeout: 60_000 };

/** Lines of one megabyte. For each line, the table says whether a server without length limits reads it as a rule. */
const lines = {
  'one word': [`local ${'x'.repeat(megabyte)} all trust`, true],
  'many words of a list': [`local ${'x,'.repeat(megabyte / 2)}x all trust`, true],
  'many columns': [`local all all trust ${'a '.repeat(megabyte / 2)}`, false],
  'quotes alone': ['"'.repeat(megabyte), false],
  'quoted words': [`local ${'"a""b",'.repeat(megabyte / 7)}x all trust`, true],
  'an unknown method with quotes': [`local all all a${"'".repeat(megabyte)}x`, false],
  'commas alone': [','.repeat(megabyte), false],
  'blanks before a stray comma': [`local all all trust${' '.repeat(megabyte)},map=x`, false],
  'stray commas': [`local all all trust${' ,'.repeat(megabyte / 2)}`, true],
  'continuations alone': [`${'\\\n'.repeat(megabyte / 2)}local all all trust`, true],
  'continued words': [`local ${'a,\\\n'.repeat(megabyte / 4)}x all trust`, true],
  'words joined by NULs': [`local ${'a,\0\n'.repeat(megabyte / 4)}x all trust`, true],
  'words with a warning each': [`local ${'"all",'.repeat(megabyte / 6)}x all trust`, true],
  'long words': [`local ${`${'y'.repeat(300)},`.repeat(megabyte / 301)}x all trust`, true],
  'carriage returns': [`local all all trust${'\r'.repeat(megabyte)}`, true],
  NULs: [`local all all trust${'\0'.repeat(megabyte)}\n`, true],
  'lines with a NUL': [`${'\0\n'.repeat(megabyte / 2)}local all all trust`, true],
  'a comment': [`local all all trust #${'#"\\ '.repeat(megabyte / 4)}`, true],
  'repeated options': [`local all all peer ${'map=a '.repeat(megabyte / 6)}`, true],
  'options with blanks around the =': [`local all all peer ${'map = a '.repeat(megabyte / 8)}`, false],
  'a regular expression': [`local "/${'(a|'.repeat(megabyte / 6)}${'b)'.repeat(megabyte / 6)}" all trust`, false],
} as const;

for (const version of [10, 14, 18] as const) {
  for (const [what, [text, isRule]] of Object.entries(lines)) {
    test(`PostgreSQL ${version}: a line of a megabyte of ${what} is read, checked and edited`, options, () => {
      const file = HbaFile.parse(text, { version });
      assert.equal(file.toString(), text);
      assert.ok(file.diagnostics.length >= 0);
      if (version >= 18 && isRule) assert.equal(file.rules.length, 1);
      const rule = { type: 'local', databases: ['added'], users: ['x'], method: 'peer' } as const;
      const edited = file.insert(rule, 'end');
      assert.ok(edited.toString().startsWith(text));
      assert.deepEqual(edited.rules.at(-1)?.databases, ['added']);
    });
  }
}

test('ten thousand include lines of small files are all followed', options, () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `f/${i}.conf`);
  const tree = Object.fromEntries(names.map((name, i) => [name, `local db${i} all trust\n`]));
  const text = names.map((name) => `include ${name}\n`).join('');
  const file = HbaFile.parse(text, { version: 18, file: '/d/pg_hba.conf', ...readersOf(tree, '/d') });
  const rows = hbaFileRules(file);
  assert.equal(rows.length, 10_000);
  assert.deepEqual(rows.at(-1)?.database, ['db9999']);
});

test('an @file of two hundred thousand words is read', options, () => {
  const tree = { words: 'alice\n'.repeat(200_000) };
  const file = HbaFile.parse('local all @words trust\n', { file: '/d/pg_hba.conf', ...readersOf(tree, '/d') });
  assert.equal(file.diagnostics.filter(({ severity }) => severity === 'error').length, 0);
  assert.equal(hbaFileRules(file)[0]?.user_name?.length, 200_000);
});

for (const times of [1, 2, 30]) {
  test(`reading ends for a file that includes itself ${times} times`, options, () => {
    const text = `local all all trust\n${'include pg_hba.conf\n'.repeat(times)}`;
    const tree = { 'pg_hba.conf': text };
    const file = HbaFile.parse(text, { version: 18, file: '/d/pg_hba.conf', ...readersOf(tree, '/d') });
    assert.ok(file.diagnostics.some(({ code }) => code === 'include-failed' || code === 'include-not-followed'));
    assert.equal(times > 1 || hbaFileRules(file).length === 12, true);
  });
}

for (const version of pgMajors) {
  for (const times of [1, 30]) {
    test(`PostgreSQL ${version}: reading ends for an @file that includes itself ${times} times`, options, () => {
      const tree = { words: `alice\n${'@words\n'.repeat(times)}` };
      const file = HbaFile.parse('local all @words trust\n', {
        version,
        file: '/d/pg_hba.conf',
        ...readersOf(tree, '/d'),
      });
      assert.ok(file.diagnostics.some(({ code }) => /^include-(?:failed|recursion|not-followed)$/.test(code)));
    });
  }
}
