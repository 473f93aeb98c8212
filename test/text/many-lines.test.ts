import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfFile } from '../../src/conf/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { seed } from '../property.ts';

// V8 compiles the scanners again while a long file is read. The compiler Maglev of Node.js 26.10 compiled an earlier
// form of them wrongly, so that some quoted words of a long file began or ended at the wrong place.
const word = fc.constantFrom(
  'all',
  '"all"',
  'a',
  '"b c"',
  '"alice"',
  'bob-the-builder',
  '"x,y"',
  'x,"y"',
  '"é"',
  '"a""b"',
);
const comment = fc.constantFrom('', '', '', ' # c');

const files = {
  'pg_hba.conf': {
    line: fc
      .tuple(
        fc.constantFrom('host', 'hostssl', '"host"'),
        word,
        word,
        fc.constantFrom('10.0.0.0/8', '"10.0.0.0/8"', '::1/128', 'samehost', '10.0.0.0 255.0.0.0'),
        fc.constantFrom('cert', '"cert"', 'ident'),
        fc.constantFrom('', 'map=a', '"map=b c"', 'map="b c"', 'map=""'),
        comment,
      )
      .map((columns) => columns.join(' ')),
    entries: (text: string) => HbaFile.parse(text, { version: 18 }).entries,
  },
  'pg_ident.conf': {
    line: fc
      .tuple(word, fc.oneof(word, fc.constantFrom('/^(.*)@x$', '"/^a b$"')), word, comment)
      .map((columns) => columns.join(' ')),
    entries: (text: string) => IdentFile.parse(text, { version: 18 }).entries,
  },
  'postgresql.conf': {
    line: fc
      .tuple(
        fc.constantFrom('work_mem', 'ssl', 'app.x', 'Log_Min_Messages', 'search_path'),
        fc.constantFrom(' = ', '=', ' '),
        fc.constantFrom("'a b'", "'a''b'", 'on', '64MB', '-1.5', "'\\n\\101'", 'warning', "''"),
        comment,
      )
      .map((parts) => parts.join('')),
    entries: (text: string) => ConfFile.parse(text, { version: 18 }).entries,
  },
};

for (const [name, { line, entries }] of Object.entries(files)) {
  test(`each line of a long ${name} is read like the same line alone`, () => {
    const lines = fc.sample(line, { numRuns: 30_000, seed });
    // The lines are read alone first, before V8 compiles the scanner again.
    const alone = new Map([...new Set(lines)].map((text) => [text, JSON.stringify(entries(`${text}\n`)[0])]));
    const read = entries(`${lines.join('\n')}\n`);
    assert.equal(read.length, lines.length);
    for (const [i, text] of lines.entries()) assert.equal(JSON.stringify(read[i]), alone.get(text), text);
  });
}
