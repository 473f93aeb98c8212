import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ConnectionScope, checkPolicy, type PolicyStatement, type Scope } from '../../src/access/index.ts';
import { isEmptyScope } from '../../src/access/scope/scope-parts.ts';
import { HbaFile, type HbaRule } from '../../src/hba/index.ts';
import { runs, seed } from '../property.ts';
import { ruleLines } from './generate.ts';
import { isInScope, levelOf, names, networks, type Point, universe, winners } from './universe.ts';

function some<T>(values: readonly T[]): fc.Arbitrary<T[]> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
}

/** Lines of pg_hba.conf. Some of the rules demand a client certificate. */
const lines = fc
  .tuple(ruleLines, fc.constantFrom('', ' clientcert=verify-ca', ' clientcert=verify-full'))
  .map(([line, option]) => (line.startsWith('hostssl ') ? line + option : line));
/**
 * The end of a file. Half of the files end with rules that let everybody in, so that some files refuse no connection.
 */
const ends = fc.constantFrom('', 'local all,replication all trust\nhost all,replication all all md5\n');
const files = fc
  .tuple(fc.array(lines, { minLength: 1, maxLength: 6 }), ends)
  .map(([list, end]) => `${list.join('\n')}\n${end}`);
const columns = {
  transport: some(['local', 'plain', 'ssl', 'gss'] as const),
  from: some(networks.filter((network) => network !== 'all' && !network.includes(' '))),
  databases: some(names),
  users: some(names),
  replication: fc.constantFrom('physical' as const, 'none' as const),
};
const ofRule = {
  method: some(['trust', 'md5', 'scram-sha-256'] as const),
  certificate: some(['none', 'verify-ca', 'verify-full'] as const),
};

function scopesOf(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<ConnectionScope> {
  return fc
    .tuple(fc.record(fields), fc.subarray(Object.keys(fields), { maxLength: 2 }))
    .map(([all, keys]) => Object.fromEntries(keys.map((key) => [key, all[key]])));
}

const connections = scopesOf({ ...columns, ...ofRule });

function withNot(scopes: fc.Arbitrary<ConnectionScope>): fc.Arbitrary<Scope> {
  return fc
    .tuple(scopes, fc.option(connections, { nil: undefined }))
    .map(([scope, not]) => (not === undefined || Object.keys(not).length === 0 ? scope : { ...scope, not }))
    .filter((scope) => !isEmptyScope({ ...scope, outcome: 'way-in' }));
}

const scopes = withNot(connections);
const statements: fc.Arbitrary<Omit<PolicyStatement, 'id'>> = fc.oneof(
  scopes.map((forbid) => ({ forbid })),
  scopes.map((each) => ({ some: each })),
  withNot(scopesOf(columns)).map((permit) => ({ permit })),
  fc.tuple(scopes, connections).map(([within, only]) => ({ in: within, only })),
  connections.map((require) => ({ require })),
  scopes.map((within) => ({ noNewAccess: { in: within } })),
);

function isIn({ not, ...own }: Scope, point: Point, rule: HbaRule | undefined): boolean {
  return isInScope(own, point, rule) && (not === undefined || !isInScope(not, point, rule));
}

function isLetIn(rule: HbaRule | undefined): rule is HbaRule {
  return rule !== undefined && rule.method !== 'reject';
}

const secrets = ['trust', 'password', 'md5', 'scram-sha-256'];
const levels = ['none', 'verify-ca', 'verify-full'];

/**
 * Returns whether the rule `after` lets in somebody whom the rule `before` did not let in: with a lower level of
 * certificate, or with a weaker secret and no certificate that names the user instead.
 */
function letsInFurther(before: HbaRule | undefined, after: HbaRule | undefined): boolean {
  if (!isLetIn(after) || !isLetIn(before)) return isLetIn(after);
  const secret = secrets.indexOf(after.method) - secrets.indexOf(before.method);
  const level = levels.indexOf(levelOf(after)) - levels.indexOf(levelOf(before));
  if (level !== 0) return level < 0 || (levelOf(after) !== 'verify-full' && secret < 0);
  return secret < 0;
}

/**
 * Returns whether a connection contradicts a policy statement. The arguments include the rule that decides the
 * connection now and the rule that decided it before.
 */
function contradicts(
  statement: Omit<PolicyStatement, 'id' | 'some'>,
  point: Point,
  now: HbaRule | undefined,
  before: HbaRule | undefined,
): boolean {
  const { forbid, permit, only, require, noNewAccess } = statement;
  if (forbid !== undefined) return isLetIn(now) && isIn(forbid, point, now);
  if (permit !== undefined) return !isLetIn(now) && isIn(permit, point, now);
  if (noNewAccess !== undefined) return isIn(noNewAccess.in ?? {}, point, now) && letsInFurther(before, now);
  return isLetIn(now) && isIn(statement.in ?? {}, point, now) && !isIn(only ?? require ?? {}, point, now);
}

test('each kind of statement is violated exactly if one of all connections contradicts it', (t) => {
  const numRuns = runs(400);
  const counts: Record<string, number> = {};
  const check = (text: string, old: string, statement: Omit<PolicyStatement, 'id'>): void => {
    const [file, baseline] = [HbaFile.parse(text), HbaFile.parse(old)];
    const [won, wonBefore] = [winners(file.rules), winners(baseline.rules)];
    const rulesAt = (i: number): readonly [HbaRule | undefined, HbaRule | undefined] => [
      file.rules[won[i]!],
      baseline.rules[wonBefore[i]!],
    ];
    const expected =
      statement.some === undefined
        ? universe.some((point, i) => contradicts(statement, point, ...rulesAt(i)))
        : !universe.some((point, i) => isLetIn(rulesAt(i)[0]) && isIn(statement.some!, point, rulesAt(i)[0]));
    const kind = Object.keys(statement).at(-1)!;
    const shown = `${JSON.stringify(statement)}\n${text}\n${old}`;
    const asked = statement.only ?? statement.require;
    if (asked !== undefined && isEmptyScope({ ...statement.in, outcome: 'way-in' }, [asked])) {
      // `checkPolicy` rejects a statement that holds for every file. So no connection may contradict this statement.
      assert.equal(expected, false, shown);
      counts.refused = (counts.refused ?? 0) + 1;
      return;
    }
    const found = checkPolicy(file, { version: 1, statements: [{ id: 'a', ...statement }] }, baseline);
    assert.ok(found.kind === 'checked');
    assert.equal(found.verdict, expected ? 'violated' : 'holds', shown);
    counts[`${kind} ${found.verdict}`] = (counts[`${kind} ${found.verdict}`] ?? 0) + 1;
    for (const { witness } of statement.some === undefined ? found.statements[0]!.violations : []) {
      const { connection } = witness!;
      const point = { ...connection, database: connection.database ?? '' } as Point;
      const [now, before] = [file, baseline].map(({ rules }) => rules[winners(rules, [point])[0]!]);
      assert.ok(contradicts(statement, point, now, before), `${JSON.stringify(witness)}\n${shown}`);
    }
  };
  fc.assert(fc.property(files, files, statements, check), { numRuns, seed });
  t.diagnostic(`${numRuns} statements, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`);
  for (const kind of ['forbid', 'some', 'permit', 'only', 'require', 'noNewAccess']) {
    for (const verdict of ['holds', 'violated']) assert.ok(counts[`${kind} ${verdict}`]! > 0, `${kind} ${verdict}`);
  }
});
