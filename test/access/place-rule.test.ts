import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { placeRule, type RuleComparison, removeRule } from '../../src/access/index.ts';
import { isSameRule } from '../../src/access/place/same-rule.ts';
import type { AccessRule } from '../../src/access/rules/access-rule.ts';
import { readRules } from '../../src/access/rules/read-rules.ts';
import { all, HbaFile, type HbaRule } from '../../src/hba/index.ts';
import { runs, seed } from '../property.ts';
import { files, ruleLines } from './generate.ts';
import { fileOf, type Tree, trees } from './trees.ts';
import { matches, universe, winners } from './universe.ts';

test('each connection of a placed rule is decided by the rule, or by a rule of inFront', (t) => {
  const numRuns = runs(300);
  const counts = { added: 0, present: 0, impossible: 0, replaced: 0, 'file-refused': 0, inFront: 0, takesFrom: 0 };
  const check = (text: string, line: string, compare: RuleComparison): void => {
    const file = HbaFile.parse(text);
    const rule = HbaFile.parse(`${line}\n`).rules[0]!;
    const before = winners(file.rules);
    const placed = placeRule(file, rule, { compare });
    counts[placed.outcome] += 1;
    counts.inFront += placed.inFront.length;
    counts.takesFrom += placed.takesFrom.length;
    if (placed.outcome === 'impossible') {
      assert.equal(placed.file, file);
      const front = placed.inFront.map((place) => place.rule!);
      assert.ok(front.length > 0);
      // No place has an effect: the rules in `inFront` must match all connections of the rule.
      for (const point of universe) if (matches(rule, point)) assert.ok(front.some((each) => matches(each, point)));
      return;
    }
    const { rules } = placed.file;
    const at = rules.indexOf(placed.entry!);
    const front = new Set(placed.inFront.map((place) => place.rule!));
    const after = winners(rules);
    let met = 0;
    for (const [i, point] of universe.entries()) {
      const winner = rules[after[i]!];
      if (!matches(rule, point)) {
        // The deciding rule of any other connection stays the same.
        assert.equal(winner, file.rules[before[i]!]);
        continue;
      }
      if (after[i] === at) met += 1;
      else assert.ok(front.has(winner!), `line ${after[i]! + 1} is in front and not named`);
      // If the placed rule now decides a connection that a `reject` rule decided before, `takesFrom` must contain this
      // `reject` rule.
      const was = file.rules[before[i]!];
      if (placed.outcome === 'added' && was?.method === 'reject' && after[i] === at) {
        assert.ok(placed.takesFrom.some((place) => place.rule === was));
      }
    }
    assert.ok(met > 0);
    const again = placeRule(placed.file, rule, { compare });
    assert.equal(again.outcome, 'present');
    assert.equal(again.file, placed.file);
    if (compare === 'key') return;
    const removed = removeRule(placed.file, rule);
    assert.ok(removed.removed.length > 0);
    if (placed.outcome === 'added') assert.equal(removeRule(file, rule).file.toString(), removed.file.toString());
  };
  // About half of the placed rules are lines of the file itself, some of them with another method.
  const cases = fc.tuple(files(), ruleLines, fc.nat(15), fc.constantFrom<RuleComparison>('rule', 'key'));
  const property = fc.property(cases, ([text, line, at, compare]) => {
    const own = text.trimEnd().split('\n')[at];
    check(text, own === undefined ? line : at % 2 === 0 ? own : own.replace(/\S+$/, 'md5'), compare);
  });
  // Generated files hardly ever leave no place for a rule.
  const full = 'host all a all md5\nhost all b all reject\n';
  const examples: [[string, string, number, RuleComparison]][] = [[[full, 'host all a,b all trust', 15, 'rule']]];
  fc.assert(property, { numRuns: 2 * numRuns, seed, examples });
  t.diagnostic(`${2 * numRuns} files, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.added > 0 && counts.present > 0 && counts.replaced > 0 && counts.inFront > 0);
  assert.ok(counts.impossible > 0);
});

test('replacing by key changes method and options in place, and a second call changes nothing', () => {
  const file = HbaFile.parse('host all  all 10.0.0.0/8   md5 # office\nhost all all all reject\n');
  const rule = {
    type: 'host',
    databases: [all],
    users: [all],
    address: '10.0.0.0/8',
    method: 'scram-sha-256',
  } as const;
  const placed = placeRule(file, rule, { compare: 'key' });
  assert.equal(placed.outcome, 'replaced');
  assert.equal(placed.file.toString(), 'host all  all 10.0.0.0/8   scram-sha-256 # office\nhost all all all reject\n');
  const again = placeRule(placed.file, rule, { compare: 'key' });
  assert.deepEqual([again.outcome, again.file], ['present', placed.file]);
});

test('a rule with the same key that has no effect stays, and the rule is placed as if it were not there', () => {
  const rule: HbaRule = HbaFile.parse('host all all 10.0.0.0/8 scram-sha-256\n').rules[0]!;
  const place = (text: string): readonly [string, string] => {
    const { outcome, file } = placeRule(HbaFile.parse(text), rule, { compare: 'key' });
    return [outcome, file.toString()];
  };
  const rejected = 'host all all all reject\nhost all all 10.0.0.0/8 md5\n';
  assert.deepEqual(place(rejected), ['added', `host all all 10.0.0.0/8 scram-sha-256\n${rejected}`]);
  const open = 'host all all all trust\nhost all all 10.0.0.0/8 md5\n';
  assert.deepEqual(place(open), ['added', `host all all 10.0.0.0/8 scram-sha-256\n${open}`]);
});

test('the entry is the inserted rule, also if the insertion ended the last line', () => {
  const file = HbaFile.parse('local all all trust\\', { version: 18 });
  const rule: HbaRule = HbaFile.parse('hostssl all all all cert\n').rules[0]!;
  const placed = placeRule(file, rule);
  assert.equal(placed.entry?.method, 'cert');
  assert.equal(placed.file.toString().includes('hostssl all all all cert'), true);
});

test('a given place is used, and takesFrom names the rejections below it', () => {
  const file = HbaFile.parse('host all all 10.1.0.0/16 reject\nhost all all all md5\n');
  const rule: HbaRule = HbaFile.parse('host app all 10.0.0.0/8 trust\n').rules[0]!;
  const placed = placeRule(file, rule, { place: 'start' });
  assert.equal(placed.file.rules[0]!.method, 'trust');
  assert.deepEqual(placed.inFront, []);
  assert.deepEqual(
    placed.takesFrom.map(({ line }) => line),
    [1, 2],
  );
});

test('no place works if a rejection in force and the rule above it match all connections', () => {
  const file = HbaFile.parse('host all a all md5\nhost all b all reject\n');
  const placed = placeRule(file, HbaFile.parse('host all a,b all trust\n').rules[0]!);
  assert.equal(placed.outcome, 'impossible');
  assert.equal(placed.file, file);
  assert.deepEqual(
    placed.inFront.map(({ line }) => line),
    [1, 2],
  );
});

test('a rule is placed above a rejection of everybody', () => {
  const file = HbaFile.parse('# last\nhost all b all reject\nhost all all all reject\n');
  const placed = placeRule(file, HbaFile.parse('host app a,b 10.0.0.0/8 md5\n').rules[0]!);
  assert.equal(placed.outcome, 'added');
  assert.equal(placed.file.rules[1]!.method, 'md5');
  assert.deepEqual(
    placed.inFront.map(({ line }) => line),
    [2],
  );
  assert.deepEqual(
    placed.takesFrom.map(({ line }) => line),
    [3],
  );
});

test('finds a rule with an @ in a name, a comment or an @file as present', () => {
  const readFile = (): Uint8Array => new TextEncoder().encode('a b\n');
  for (const line of ['local all "bob@corp" md5', 'local all bob md5 # ask root@example.com', 'local all @words md5']) {
    const file = HbaFile.parse(`${line}\n`, { file: '/pg_hba.conf', readFile });
    assert.equal(placeRule(file, file.rules[0]!).file, file, line);
  }
});

test('rejects options and rules of another form', () => {
  const file = HbaFile.parse('host all all all md5\n');
  const rule = file.rules[0]!;
  for (const options of [{ place: 'top' }, { replace: 'Key' }]) {
    assert.throws(() => placeRule(file, rule, options as object), { code: 'argument-invalid' });
  }
  assert.throws(() => removeRule(file, rule, { by: 'Key' } as object), { code: 'argument-invalid' });
  for (const wrong of [
    null,
    {},
    { type: 'host', databases: [all] },
    { type: 'host', databases: [all], users: [all] },
  ]) {
    assert.throws(() => removeRule(file, wrong as unknown as HbaRule), { code: 'argument-invalid' });
  }
});

test('places no rule in a file that the server refuses because of another line', () => {
  const rule = { type: 'local', databases: [all], users: [all], method: 'peer' } as const;
  const file = HbaFile.parse('host all all 10.0.0.0/8 md5\nhots all all all md5\n');
  const placed = placeRule(file, rule);
  assert.deepEqual([placed.outcome, placed.file === file], ['file-refused', true]);
  assert.deepEqual(
    placed.diagnostics.map(({ range }) => range.start.line),
    [2],
  );
  // The server also refuses a file without rules, but it accepts this file with the new rule.
  assert.equal(placeRule(HbaFile.parse('# none\n'), rule).outcome, 'added');
});

test('places rules in trees of files, where an included rule counts as present', (t) => {
  const numRuns = runs(100);
  const counts: Record<string, number> = {};
  const check = (tree: Tree, line: string, at: number): void => {
    const file = fileOf(tree);
    const own = tree.flat[at];
    const rule = HbaFile.parse(`${own?.text ?? line}\n`).rules[0]!;
    const placed = placeRule(file, rule);
    counts[placed.outcome] = (counts[placed.outcome] ?? 0) + 1;
    const { rules } = readRules({ hba: placed.file });
    const decided = winners(rules.map((each) => each.rule!));
    const front = new Set(placed.inFront.map((place) => `${place.file} ${place.rule!.text}`));
    const takes = (winner: AccessRule | undefined): boolean =>
      winner !== undefined && front.has(`${winner.placed.file} ${winner.rule!.text}`);
    let met = 0;
    for (const [i, point] of universe.entries()) {
      if (!matches(rule, point)) continue;
      const winner = rules[decided[i]!];
      if (winner !== undefined && isSameRule(winner.rule!, rule)) met += 1;
      else assert.ok(takes(winner), `${JSON.stringify(point)}\n${line}\n${JSON.stringify(tree, undefined, 1)}`);
    }
    assert.equal(met > 0, placed.outcome !== 'impossible');
    if (placed.outcome === 'present') assert.equal(placed.file, file);
    else if (placed.outcome === 'added') assert.equal(placeRule(placed.file, rule).outcome, 'present');
    if (placed.outcome === 'present' && placed.entry === undefined) counts.included = (counts.included ?? 0) + 1;
  };
  const cases = [trees.filter(({ flat }) => flat.length > 0), ruleLines, fc.nat(6)] as const;
  fc.assert(fc.property(...cases, check), { numRuns, seed });
  t.diagnostic(`${numRuns} trees, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.included! > 0 && counts.added! > 0);
});
