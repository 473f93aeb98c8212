import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkUpgrade } from '../../src/access/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import type { Fix } from '../../src/text/diagnostic.ts';
import { readersOf } from '../hba/tree.ts';
import { withFix } from '../hba/with-fix.ts';
import { runs, seed } from '../property.ts';
import { type OldFiles, oldFiles, upgrades } from './upgrade-cases.ts';

function isBehind({ range: a }: Fix, { range: b }: Fix): boolean {
  return b.end.line < a.start.line || (b.end.line === a.start.line && b.end.column <= a.start.column);
}

test('all fixes of a file can be applied together, and leave exactly the errors without a fix', (t) => {
  const numRuns = runs(60);
  const counts = { fixes: 0, together: 0, errors: 0 };
  for (const [from, to] of upgrades) {
    const check = (given: OldFiles): void => {
      // A rule is added in front, because the server refuses a file without rules even after all fixes.
      const files = { ...given, 'pg_hba.conf': `local all postgres trust\n${given['pg_hba.conf']}` };
      const options = (name: string) => ({ file: `/d/${name}`, ...readersOf(files, '/d') });
      const hba = HbaFile.parse(files['pg_hba.conf'], { version: from, ...options('pg_hba.conf') });
      const ident = IdentFile.parse(files['pg_ident.conf'], { version: from, ...options('pg_ident.conf') });
      fc.pre([hba, ident].every(({ diagnostics }) => diagnostics.every(({ severity }) => severity !== 'error')));
      const found = checkUpgrade({ hba, ident }, from, to);
      for (const [name, parse] of [
        ['pg_hba.conf', HbaFile.parse],
        ['pg_ident.conf', IdentFile.parse],
      ] as const) {
        const own = found.filter(({ file }) => file === `/d/${name}`);
        const fixes = own.flatMap(({ fix }) => (fix === undefined ? [] : [fix]));
        const inOrder = fixes.toSorted((a, b) => (isBehind(a, b) ? 1 : -1));
        for (const [i, fix] of inOrder.entries()) {
          assert.ok(i === 0 || isBehind(fix, inOrder[i - 1]!), JSON.stringify({ files, inOrder }, undefined, 1));
        }
        const fixed = inOrder.reduceRight(withFix, files[name]);
        const isRefused = parse(fixed, { version: to, ...options(name) }).diagnostics.some(
          ({ severity }) => severity === 'error',
        );
        const left = own.some(({ severity, fix }) => severity === 'error' && fix === undefined);
        assert.equal(isRefused, left, JSON.stringify({ files, fixed, own }, undefined, 1));
        counts.fixes += fixes.length;
        counts.together += fixes.length > 1 ? 1 : 0;
        counts.errors += left ? 1 : 0;
      }
    };
    fc.assert(fc.property(oldFiles(from), check), { numRuns, seed });
  }
  t.diagnostic(`${upgrades.length} upgrades of ${numRuns} trees, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.together > 0 && counts.errors > 0);
});

test('no upgrade is a change for connections with GSS encryption that the old major version does not offer', (t) => {
  const numRuns = runs(60);
  const counts = { upgrades: 0, access: 0 };
  for (const [from, to] of upgrades.filter(([from, to]) => from < 12 && to >= 12)) {
    const check = (files: OldFiles): void => {
      const options = { version: from, file: '/d/pg_hba.conf', ...readersOf({ ...files }, '/d') };
      const found = checkUpgrade(HbaFile.parse(files['pg_hba.conf'], options), from, to);
      const access = found.filter(({ code }) => code === 'upgrade-access');
      for (const { message } of access) assert.ok(!message.includes('GSS'), message);
      counts.upgrades += 1;
      counts.access += access.length;
    };
    fc.assert(fc.property(oldFiles(from), check), { numRuns, seed });
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.access > 0);
});

for (const [line, from, to] of [
  ['md5 clientcert=1', 13, 14],
  ['md5 clientcert=0', 13, 14],
  ['radius radiusservers=a radiussecrets=b', 18, 19],
] as const) {
  test(`ten thousand lines with ${line} get a fix each, in linear time`, { timeout: 30_000 }, () => {
    const lines = Array.from(
      { length: 10_000 },
      (_, i) => `hostssl t${i} u${i} 10.${i >> 8}.${i & 255}.0/24 ${line}\n`,
    );
    const found = checkUpgrade(HbaFile.parse(lines.join(''), { version: from }), from, to);
    assert.equal(found.length, lines.length);
    assert.ok(found.every(({ fix }) => fix !== undefined));
  });
}
