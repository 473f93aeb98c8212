import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unreachableRules } from '../../src/access/index.ts';
import { HbaFile, type HbaRule } from '../../src/hba/index.ts';
import { runs, seed } from '../property.ts';
import { files } from './generate.ts';
import { matches, universe, winners } from './universe.ts';

test('finds exactly the rules that no connection of a closed universe reaches', (t) => {
  const counts = { rules: 0, unreachable: 0, different: 0, crossing: 0 };
  const numRuns = runs(200);
  const check = (text: string): void => {
    const { rules } = HbaFile.parse(text);
    const won = new Set(winners(rules));
    const found = unreachableRules(HbaFile.parse(text));
    assert.ok(found.kind === 'rules');
    const expected = rules.map((_, i) => i + 1).filter((line) => !won.has(line - 1));
    assert.deepEqual(
      found.unreachable.map(({ line, certainty }) => [line, certainty]),
      expected.map((line) => [line, 'certain']),
    );
    for (const { line, by, outcome } of found.unreachable) {
      const earlier = by.map((place) => rules[place.line - 1]!);
      for (const point of universe) {
        if (matches(rules[line - 1]!, point))
          assert.ok(
            earlier.some((rule) => matches(rule, point)),
            `${line} by ${by.map((b) => b.line)}`,
          );
      }
      const differs = earlier.some((rule) => rule.method !== rules[line - 1]!.method);
      assert.equal(outcome, differs ? 'different' : 'same');
      counts.different += differs ? 1 : 0;
    }
    const crossing = found.crossing().map(({ earlier, later }) => [earlier.line, later.line]);
    assert.deepEqual(crossing, crossingLines(rules, won));
    counts.crossing += crossing.length;
    counts.rules += rules.length;
    counts.unreachable += expected.length;
  };
  fc.assert(fc.property(files(), check), { numRuns, seed });
  t.diagnostic(`${numRuns} files, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.unreachable > 0 && counts.different > 0 && counts.crossing > 0);
});

/** The lines of reachable rules that share connections and do different things, while neither holds the other. */
function crossingLines(rules: readonly HbaRule[], won: ReadonlySet<number>): number[][] {
  const sets = rules.map((rule) => new Set(universe.flatMap((point, i) => (matches(rule, point) ? [i] : []))));
  const pairs: number[][] = [];
  for (const [later, rule] of rules.entries()) {
    for (let earlier = 0; earlier < later; earlier++) {
      if (!won.has(later) || !won.has(earlier) || rules[earlier]!.method === rule.method) continue;
      const shared = [...sets[later]!].filter((point) => sets[earlier]!.has(point)).length;
      if (shared > 0 && shared < sets[later]!.size && shared < sets[earlier]!.size)
        pairs.push([earlier + 1, later + 1]);
    }
  }
  return pairs;
}
