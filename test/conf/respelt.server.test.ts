import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfFile } from '../../src/conf/index.ts';
import { runs, seed } from '../property.ts';
import { foretold, judgingMajors, loadConf } from './postgres.ts';

const dateWords = fc.constantFrom(
  ...[
    'iso',
    'SQL',
    'german',
    'Postgres',
    'postgresql',
    'ymd',
    'DMY',
    'mdy',
    'us',
    'European',
    'noneuropean',
    'default',
  ],
);
const dateStyle = fc.array(dateWords, { minLength: 1, maxLength: 3 }).map((words) => words.join(', '));
const encodings = [
  ...[
    'utf-8',
    'Unicode',
    'latin1',
    'ISO-8859-15',
    'iso_8859_5',
    'Windows-1252',
    'win',
    'KOI8',
    'alt',
    'ms_kanji',
    'abc',
  ],
  ...[
    'windows-949',
    'euc jp',
    'SHIFT_JIS_2004',
    'shiftjis',
    'tcvn',
    'gb18030',
    'latin11',
    'utf-16',
    'ascii',
    'cp1252',
    '',
  ],
];

for (const version of judgingMajors) {
  test(`words that ${version} writes in its own way are written so (seed ${seed})`, () => {
    const dates = fc.sample(dateStyle, { seed, numRuns: runs(12) });
    const cases = [
      ...dates.map((text) => ['DateStyle', text] as const),
      ...encodings.map((text) => ['client_encoding', text] as const),
    ];
    for (const [setting, text] of cases) {
      const file = ConfFile.parse('', { version }).set(setting, text, { force: true });
      const { accepted, value } = loadConf(version, { 'postgresql.conf': file.toBytes() }, setting);
      assert.equal(foretold(setting, text, version), accepted ? value : null, `${setting} = ${text}`);
    }
  });
}
