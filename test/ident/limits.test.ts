import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdentFile, identFileMappings } from '../../src/ident/index.ts';

const megabyte = 1_000_000;
const options = { timeout: 60_000 };

/** Lines of one megabyte. */
const lines = {
  'one word': `m ${'x'.repeat(megabyte)} y`,
  'a list': `m ${'x,'.repeat(megabyte / 2)}x y`,
  'ignored columns': `m x y ${'a '.repeat(megabyte / 2)}`,
  'stray commas': `m x y${' ,'.repeat(megabyte / 2)}`,
  'continued words': `m ${'a,\\\n'.repeat(megabyte / 4)}x y`,
  'lines with a NUL': `${'\0\n'.repeat(megabyte / 2)}m x y`,
  'a comment of many lines': `m x y # ${'\\\n'.repeat(megabyte / 2)}`,
  groups: `m "/${'(a|'.repeat(megabyte / 6)}${'b)'.repeat(megabyte / 6)}" \\1`,
  'brackets without an end': `m /***=${'['.repeat(megabyte)} \\1`,
  'brackets behind an option': `m /(?i)${'['.repeat(megabyte)} \\1`,
  backslashes: `m "/(${'\\'.repeat(megabyte)})" \\1`,
  'a repeated \\1': `m /^(.*)$ ${'\\1'.repeat(megabyte / 2)}`,
  passwords: `m x y ${'password=a '.repeat(megabyte / 11)}`,
} as const;

for (const version of [10, 14, 18] as const) {
  for (const [what, text] of Object.entries(lines)) {
    test(`PostgreSQL ${version}: a line of a megabyte of ${what} is read and checked`, options, () => {
      const file = IdentFile.parse(text, { version });
      assert.equal(file.toString(), text);
      assert.ok(file.diagnostics.length >= 0);
      assert.ok(identFileMappings(file).length >= 0);
    });
  }
}
