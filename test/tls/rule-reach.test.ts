import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { all, HbaFile, type HostRule } from '../../src/hba/index.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';
import type { ExceptionRequest } from '../../src/tls/plan/request/request.ts';
import { ruleDiagnostics } from '../../src/tls/plan/rules/rule-diagnostics.ts';
import {
  certificateRule,
  exceptionRules,
  ownRules,
  type PlannedRules,
  planRules,
} from '../../src/tls/plan/rules/rules.ts';
import { files } from '../access/generate.ts';
import { matches, universe, winners } from '../access/universe.ts';
import { runs, seed } from '../property.ts';

const user = 'a';
const target = { host: 'db.example.com', port: 5432, user, database: 'a' };

/** The diagnostics of a plan for `target` with the default settings. */
function diagnosticsOf(before: HbaFile, planned: PlannedRules): readonly Diagnostic[] {
  const settings = ConfTree.read({ main: ConfFile.parse('') });
  return ruleDiagnostics(before, planned, {
    path: '/hba',
    target,
    rule: {},
    maps: undefined,
    settings,
    own: ownRules(planned),
  });
}

test('a plan names exactly the rules that let the user in without a certificate', (t) => {
  const numRuns = runs(200);
  const counts = { told: 0, rejections: 0, preceded: 0 };
  const check = (text: string, isEveryDatabase: boolean, rejects: boolean): void => {
    const before = HbaFile.parse(text);
    const wanted = certificateRule(18, user, 'a', isEveryDatabase ? { databases: [all] } : {});
    const planned = planRules(before, { user, wanted: [wanted], exceptions: [], rejects })[0]!;
    const { rules } = planned.file;
    const won = winners(rules);
    const waysIn = new Set<HostRule['text']>();
    const rejections = new Set<string>();
    let met = 0;
    for (const [i, point] of universe.entries()) {
      if (point.user !== user) continue;
      const winner = rules[won[i]!];
      const own = winner !== undefined && winner !== planned.main && winner !== planned.rejecting;
      if (own && winner.method !== 'reject') waysIn.add(placeOf(before, planned, won[i]!));
      if (rejects && point.transport !== 'local' && winner !== planned.main)
        assert.equal(winner?.method ?? 'reject', 'reject');
      if (!matches(planned.main, point)) continue;
      if (winner === planned.main) met += 1;
      // If a connection that the certificate rule matches is decided by another rule, the other rule rejects.
      else {
        assert.equal(winner?.method, 'reject');
        rejections.add(placeOf(before, planned, won[i]!));
      }
    }
    assert.ok(met > 0);
    const found = diagnosticsOf(before, planned);
    const linesOf = (wantedCode: string): string[] =>
      found.filter(({ code }) => code === wantedCode).map(({ range }) => String(range.start.line));
    assert.deepEqual(linesOf('tls-without-certificate').sort(), [...waysIn].sort());
    assert.deepEqual(linesOf('tls-behind-reject').sort(), [...rejections].sort());
    counts.told += waysIn.size;
    counts.rejections += rejections.size;
    counts.preceded += linesOf('tls-before-reject').length;
    assert.equal(planRules(planned.file, { user, wanted: [wanted], exceptions: [], rejects })[0]!.file, planned.file);
  };
  fc.assert(fc.property(files(), fc.boolean(), fc.boolean(), check), { numRuns, seed });
  t.diagnostic(`${numRuns} files, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.told > 0 && counts.rejections > 0 && counts.preceded > 0);
});

test('exceptions let in the named connections alone, and only with a password', (t) => {
  const numRuns = runs(200);
  const counts = { excepted: 0, covered: 0, rejected: 0 };
  const exception = fc.record({
    address: fc.constantFrom('10.0.0.0/9', '10.1.2.3/32', '0.0.0.0/1', '::1/128', '10.0.0.0/8'),
    databases: fc.constantFrom(['a'], ['b', 'a'], ['c']) as fc.Arbitrary<['a']>,
    type: fc.constantFrom('host', 'hostssl'),
    password: fc.constant('md5' as const),
  });
  const check = (text: string, given: readonly ExceptionRequest[], isSecondPlan: boolean): void => {
    const exceptions = exceptionRules(user, 'a', given);
    const wanted = [certificateRule(18, user, 'a')];
    const bare = HbaFile.parse(text);
    const before = isSecondPlan ? planRules(bare, { user, wanted, exceptions: [], rejects: true })[0]!.file : bare;
    const planned = planRules(before, { user, wanted, exceptions, rejects: true })[0]!;
    const { rules } = planned.file;
    const won = winners(rules);
    for (const [i, point] of universe.entries()) {
      if (point.user !== user || point.transport === 'local') continue;
      const winner = rules[won[i]!];
      const isExcepted = planned.exceptions.some((rule) => matches(rule, point));
      const expected = isExcepted ? 'md5' : matches(planned.main, point) ? 'cert' : 'reject';
      // A rule that rejects only some of the connections keeps its effect.
      if (winner?.method === 'reject' && winner !== planned.rejecting) counts.rejected += 1;
      else assert.equal(winner?.method ?? 'reject', expected, `${point.transport} ${point.address} ${point.database}`);
      if (expected === 'md5') counts.excepted += 1;
      if (isExcepted && matches(planned.main, point)) counts.covered += 1;
    }
    const again = planRules(planned.file, { user, wanted, exceptions, rejects: true })[0]!;
    assert.equal(again.file, planned.file);
    const found = diagnosticsOf(before, planned);
    const overTcp = found.filter(({ code, severity }) => code === 'tls-without-certificate' && severity === 'warning');
    assert.deepEqual(overTcp, []);
  };
  fc.assert(fc.property(files(), fc.array(exception, { minLength: 1, maxLength: 3 }), fc.boolean(), check), {
    numRuns,
    seed,
  });
  t.diagnostic(`${numRuns} files, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.excepted > 0 && counts.covered > 0 && counts.rejected > 0);
});

/** Returns the line number of a rule in the file before the plan. Each line of these files is a rule. */
function placeOf(
  before: HbaFile,
  { file, main, rejecting }: ReturnType<typeof planRules>[number],
  index: number,
): string {
  const added = [main, rejecting].filter((rule) => rule !== undefined && !before.rules.includes(rule));
  return String(index + 1 - added.filter((rule) => file.rules.indexOf(rule!) < index).length);
}
