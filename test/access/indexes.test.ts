import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accessTable } from '../../src/access/index.ts';
import type { AccessRow } from '../../src/access/report/access-row.ts';
import { JoinedRows } from '../../src/access/report/joined-rows.ts';
import { readRules } from '../../src/access/rules/read-rules.ts';
import { analysisOf } from '../../src/access/space/analysis.ts';
import { Budget } from '../../src/access/space/budget.ts';
import { meetRegions, regionOf } from '../../src/access/space/region.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { runs, seed } from '../property.ts';
import { files, ruleLines } from './generate.ts';
import { matches, universe, winners } from './universe.ts';

/**
 * Returns the lines of the `reject` rules that refuse a connection which a later reachable rule would let in. Each
 * connection of the universe is tried with each rule.
 */
function rejectionsByBruteForce({ rules }: HbaFile): number[] {
  const deciding = winners(rules);
  const reached = new Set(deciding);
  const taking = new Set<number>();
  for (const [i, at] of deciding.entries()) {
    if (rules[at]?.method !== 'reject' || taking.has(at)) continue;
    const isLetIn = rules.some(
      (rule, later) => later > at && reached.has(later) && rule.method !== 'reject' && matches(rule, universe[i]!),
    );
    if (isLetIn) taking.add(at);
  }
  return [...taking].sort((a, b) => a - b).map((at) => at + 1);
}

test('accessTable shows exactly the rejections of connections that a later rule would let in', (t) => {
  const counts = { files: 0, rejections: 0, shown: 0 };
  const check = (text: string): void => {
    const file = HbaFile.parse(text);
    const table = accessTable(file);
    assert.ok(table.kind === 'table');
    const shown = table.rows
      .filter(({ outcome }) => outcome.kind === 'refused')
      .flatMap(({ rules }) => rules.map(({ line }) => line));
    const expected = rejectionsByBruteForce(file);
    assert.deepEqual(
      [...new Set(shown)].sort((a, b) => a - b),
      expected,
      text,
    );
    counts.files += 1;
    counts.rejections += file.rules.filter(({ method }) => method === 'reject').length;
    counts.shown += expected.length;
  };
  fc.assert(fc.property(fc.oneof(files(), files(40)), check), { numRuns: runs(60), seed });
  t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.shown > 0 && counts.shown < counts.rejections);
});

/**
 * Lines of pg_hba.conf whose meaning depends on facts about the server: roles, regular expressions, `samenet`,
 * `samehost` and host names.
 */
const openLines = fc
  .tuple(
    fc.constantFrom('host', 'hostssl', 'hostnossl'),
    fc.constantFrom('all', 'a', 'samerole', 'sameuser', '/^a', '"/^(a|b)$"', 'replication'),
    fc.constantFrom('all', 'b', '+a', '/^b', 'a,+b'),
    fc.constantFrom('all', 'samenet', 'samehost', '.example.org', 'x.example.org', '10.0.0.0/8', '10.0.0.1 255.0.0.1'),
  )
  .map((columns) => `${columns.join(' ')} md5`);

test('rulesNearFrom finds each rule that shares connections with a region, and no rule before the given index', (t) => {
  const counts = { pairs: 0, near: 0, shared: 0 };
  const lines = fc.array(fc.oneof(ruleLines, openLines), { minLength: 1, maxLength: 40, size: 'max' });
  const check = (list: readonly string[], from: number): void => {
    const { list: rules, index } = analysisOf(readRules({ hba: HbaFile.parse(`${list.join('\n')}\n`) }));
    for (const rule of rules.rules) {
      const region = regionOf(rule, rules.facts, [index]);
      const near = [...index.rulesNearFrom(region, from)];
      assert.equal(new Set(near).size, near.length, 'a rule is listed once');
      assert.ok(near.every((other) => other.index >= from));
      for (const other of rules.rules.slice(from)) {
        const shared = meetRegions(region, regionOf(other, rules.facts, [index]), rules.facts, new Budget(1e6));
        counts.pairs += 1;
        if (near.includes(other)) counts.near += 1;
        if (shared === undefined) continue;
        counts.shared += 1;
        assert.ok(
          near.includes(other),
          `line ${other.placed.line} is near line ${rule.placed.line} of\n${list.join('\n')}`,
        );
      }
    }
  };
  fc.assert(fc.property(lines, fc.nat(40), check), { numRuns: runs(100), seed });
  t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.shared > 0 && counts.near < counts.pairs);
});

/** A slow second implementation of the joined rows of `accessTable`. Each rule is compared with all rows. */
function joinedOneByOne(list: readonly AccessRow[]): readonly AccessRow[] {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const rows: AccessRow[] = [];
  for (const next of list) {
    const at = rows.findLastIndex(
      (row) =>
        same([row.transport, row.outcome, row.databases], [next.transport, next.outcome, next.databases]) &&
        (same(row.users, next.users) || (same(row.from, next.from) && next.users.includes('all'))),
    );
    const row = rows[at];
    if (row === undefined) rows.push(next);
    else {
      const from = [...new Set([...row.from, ...next.from])];
      rows[at] = { ...row, from, users: next.users, rules: [...row.rules, ...next.rules] };
    }
  }
  return rows;
}

test('accessTable joins rows as if each rule were compared with all rows', (t) => {
  const columns = {
    databases: fc.constantFrom(['a'], ['b']),
    users: fc.constantFrom(['all'], ['a'], ['a', 'all'], ['b']),
    outcome: fc.constantFrom({ kind: 'refused' } as const, { kind: 'unknown' } as const),
  };
  // The table row of a single rule for TCP has exactly one address.
  const single = fc.oneof(
    fc.record({ transport: fc.constant(['local'] as const), from: fc.constant([]), ...columns }),
    fc.record({
      transport: fc.constant(['ssl'] as const),
      from: fc.constantFrom(['all'], ['10.0.0.0/8'], ['fd00::/8']),
      ...columns,
    }),
  );
  let count = 0;
  const check = (list: readonly Omit<AccessRow, 'rules'>[]): void => {
    const rows = list.map((row, i): AccessRow => ({ ...row, rules: [{ rule: undefined, line: i + 1 }] }));
    const joined = new JoinedRows(() => true);
    for (const row of rows) joined.add(row);
    const expected = joinedOneByOne(rows);
    assert.deepEqual(joined.rows, expected);
    if (expected.length < rows.length) count += 1;
  };
  fc.assert(fc.property(fc.array(single, { maxLength: 40, size: 'max' }), check), { numRuns: runs(500), seed });
  t.diagnostic(`seed ${seed}: ${count} lists with joined rows`);
  assert.ok(count > 0);
});
