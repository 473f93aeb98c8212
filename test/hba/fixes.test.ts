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

test('the fix of joined columns writes ASCII blanks, and leaves a blank in quotes', () => {
  const fixed = (text: string): string | undefined => {
    const [diagnostic] = HbaFile.parse(text, { version: 18 }).diagnostics;
    return diagnostic?.fix && withFix(text, diagnostic.fix);
  };
  assert.equal(fixed('host all all\u00a010.0.0.0/8\u2003md5 # a\u00a0b\n'), 'host all all 10.0.0.0/8 md5 # a\u00a0b\n');
  assert.equal(fixed('host "a\u00a0b" all\u00a010.0.0.0/8 md5\n'), 'host "a\u00a0b" all 10.0.0.0/8 md5\n');
  assert.equal(fixed('local all all\u00a0peer\n'), 'local all all peer\n');
  assert.equal(fixed('local all "all\u00a0peer"\n'), undefined);
  const ident = IdentFile.parse('m\u00a0root postgres\n').diagnostics[0];
  assert.match(ident!.message, /U\+00A0 \(no-break space\), which does not separate columns/);
  assert.equal(withFix('m\u00a0root postgres\n', ident!.fix!), 'm root postgres\n');
  const latin1 = HbaFile.parse(Uint8Array.from(Buffer.from('local all all\u00a0peer # \u00e9\n', 'latin1')))
    .diagnostics[0];
  assert.match(latin1!.message, /U\+00A0 \(no-break space\)/);
});

test('the byte order mark has a fix, but for a line that the server would refuse without it', () => {
  const hasFix = (text: string): boolean => {
    const { diagnostics } = IdentFile.parse(text, { version: 18 });
    return diagnostics.find(({ code }) => code === 'byte-order-mark')!.fix !== undefined;
  };
  assert.ok(hasFix('\ufeffm root postgres\n'));
  assert.ok(hasFix('\ufeffm /^(.*)\\1$ postgres\n'));
  assert.ok(hasFix('\ufeff m root postgres\n'));
  assert.ok(!hasFix('\ufeff root postgres\n'));
  // Only a server can judge an expression with a back reference, so it may refuse the line with the mark, too.
  assert.ok(!hasFix('\ufeff root /^(.*)\\1$\n'));
});
