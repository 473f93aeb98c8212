import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkFile } from '../../src/auth-file/check/check-file.ts';
import { hbaFormat } from '../../src/hba/format.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { runs, seed } from '../property.ts';
import { type FileTree, fileOf, hbaTrees } from './generate.ts';
import { turningMajors } from './property.ts';
import { readersOf } from './tree.ts';

/** Usually one of the ordinary words, and sometimes one of the odd words. */
function mostly(ordinary: readonly string[], odd: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...ordinary) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  );
}

const name = mostly(
  ['all', 'a', 'b,c', '"d"', 'replication'],
  ['ALL', '"all"', 'any', '*', '%', 'SameUser', '/a', '+g', '\u0430', ',b', "'a'", 'n'.repeat(300)],
);
const address = mostly(
  ['all', 'samenet', 'localhost', '.example.com', '10.0.0.0/8', '::/0', '0.0.0.0/0', '10.0.0.0 255.0.0.0'],
  [
    ...['ALL', 'SameHost', '*', 'b\u0430', '300.1.1.1', 'a..b', '10.0.0.0.1', 'a_b', '-a', '10.0.0.0', '10.0.0.1/8'],
    ...['10.0.0.0/0', 'fe80::1/64', '10.0.0.1 255.0.0.0', '10.0.0.0 255.0.255.0', '::1 ffff::'],
    ...['::ffff:10.0.0.1/128', '::ffff:0:0/96'],
  ],
);
const options = mostly(
  ['', 'clientcert=1', 'map=a'],
  ['clientcert=0', 'map=a map=b', 'map=\u00e9', 'map=a"', 'map=a\u00a0clientcert=0', 'clientcert=verify-ca'],
);

/** Rules that are ordinary, or differ from an ordinary rule in a few places. */
const nearlyOrdinary = fc
  .tuple(name, name, address, options)
  .map(([database, user, client, option]) => `hostssl ${database} ${user} ${client} cert ${option}`);

for (const major of turningMajors) {
  const flat = fileOf(nearlyOrdinary, 8).map((text): FileTree => ({ 'pg_hba.conf': text }));
  const trees = fc.oneof({ weight: 3, arbitrary: flat }, { weight: 1, arbitrary: hbaTrees(major) });

  test(`a line that is not checked because it is ordinary has no diagnostic (${major})`, (t) => {
    const numRuns = runs(400);
    let skipped = 0;
    fc.assert(
      fc.property(trees, (tree) => {
        const parse = (): HbaFile =>
          HbaFile.parse(tree['pg_hba.conf']!, { version: major, file: '/d/pg_hba.conf', ...readersOf(tree, '/d') });
        const check = hbaFormat.startCheck();
        const quick = checkFile(parse().expandable(), {
          ...check,
          isOrdinary: (rule, context) => {
            const isOrdinary = check.isOrdinary!(rule, context);
            if (isOrdinary) skipped++;
            return isOrdinary;
          },
        });
        const full = checkFile(parse().expandable(), { ...hbaFormat.startCheck(), isOrdinary: () => false });
        assert.deepEqual(quick, full);
      }),
      { numRuns, seed },
    );
    assert.ok(skipped > 0);
    t.diagnostic(`${numRuns} trees, seed ${seed}: ${skipped} ordinary rules`);
  });
}
