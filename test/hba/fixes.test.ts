import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';
import { identTrees } from '../ident/generate.ts';
import { runs, seed } from '../property.ts';
import { hbaTrees } from './generate.ts';
import { turningMajors } from './property.ts';
import { readersOf } from './tree.ts';
import { withFix } from './with-fix.ts';

const kinds = [
  { main: 'pg_hba.conf', File: HbaFile, trees: hbaTrees },
  { main: 'pg_ident.conf', File: IdentFile, trees: identTrees },
] as const;

for (const { main, File, trees } of kinds) {
  for (const version of turningMajors) {
    test(`PostgreSQL ${version}: every fix of a ${main} removes its problem, and no line that loads is refused`, (t) => {
      let fixes = 0;
      const property = fc.property(trees(version), (tree) => {
        const file = `/d/${main}`;
        const check = (text: string): readonly Diagnostic[] =>
          File.parse(text, { version, file, ...readersOf({ ...tree, [main]: text }, '/d') }).diagnostics.filter(
            // Diagnostics of included files are left out, because a fixed line can include a file that has other
            // problems.
            (diagnostic) => diagnostic.file === file,
          );
        const text = tree[main]!;
        const all = check(text);
        for (const problem of all) {
          if (problem.fix === undefined) continue;
          fixes += 1;
          const mended = check(withFix(text, problem.fix));
          const isSame = (other: Diagnostic): boolean =>
            other.code === problem.code &&
            other.message === problem.message &&
            isDeepStrictEqual(other.range.start, problem.range.start);
          assert.ok(!mended.some(isSame), problem.code);
          // The number of errors must not grow, but a fixed line can still have another error after the fixed part.
          assert.ok(errors(mended) <= errors(all), problem.code);
        }
      });
      fc.assert(property, { seed, numRuns: runs(200) });
      t.diagnostic(`${fixes} fixes, seed ${seed}`);
      assert.ok(fixes > 0);
    });
  }
}

function errors(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.filter(({ severity }) => severity === 'error').length;
}
