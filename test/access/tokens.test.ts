import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diffAccess, searchAccess, unreachableRules } from '../../src/access/index.ts';
import { type HbaDatabase, HbaFile, type HbaRule, type HbaUser } from '../../src/hba/index.ts';
import { runs, seed } from '../property.ts';

// The names of users and databases, including the roles. The regular expressions of the generated rules match different
// subsets of these names. The names `f1` and `f2` and the role `k` are in no file.
const users = ['a', 'b', 'ap', 'apple', 'xb', 'f1', 'f2', 'ag', 'af1b', 'g', 'h', 'k'];
const databases = [...users];
const roles = ['g', 'h', 'k'];

/** The memberships of users in roles, as texts `user role`. */
type World = ReadonlySet<string>;

/**
 * Possible memberships. In each world, all users are members of the same roles. This suffices, because a connection has
 * only one user.
 */
const worlds: readonly World[] = [[], ['g'], ['h'], ['g', 'h'], ['k'], ['g', 'k'], ['h', 'k'], roles].map(
  (held) => new Set(users.flatMap((user) => held.map((role) => `${user} ${role}`))),
);

const userColumn = fc.uniqueArray(
  fc.constantFrom('all', 'a', 'b', '+g', '+h', '/^a', '/^ap', '/b$', '/^x', '"/^(a|b)$"', '/^a$'),
  { minLength: 1, maxLength: 2 },
);
const databaseColumn = fc.uniqueArray(
  fc.constantFrom('all', 'all', 'a', 'g', 'samerole', 'sameuser', '/^a', '/^b$', '/.*'),
  { minLength: 1, maxLength: 2 },
);
const lines = fc
  .tuple(fc.constantFrom('local', 'host'), databaseColumn, userColumn, fc.constantFrom('trust', 'md5', 'reject'))
  .map(
    ([type, database, user, method]) =>
      `${type} ${database.join()} ${user.join()}${type === 'local' ? '' : ' all'} ${method}`,
  );

test('a rule that some connection reaches with some memberships in roles is never certainly unreachable', (t) => {
  const numRuns = runs(300);
  const counts = { never: 0, reachable: 0, maybe: 0, maybeReached: 0 };
  const check = (list: readonly string[]): void => {
    const file = HbaFile.parse(`${list.join('\n')}\n`, { version: 16 });
    const reached = new Set(worlds.flatMap((world) => [...reachedIn(file.rules, world)]));
    const found = unreachableRules(file);
    assert.ok(found.kind === 'rules');
    const byLine = new Map(found.unreachable.map((each) => [each.line, each.certainty]));
    for (const [i] of file.rules.entries()) {
      const certainty = byLine.get(i + 1);
      if (certainty === 'certain') {
        counts.never += 1;
        assert.ok(!reached.has(i), `line ${i + 1} is reached\n${file}`);
      } else if (certainty === 'maybe') {
        counts.maybe += 1;
        assert.ok(found.unreachable.find(({ line }) => line === i + 1)!.by.length > 0);
        counts.maybeReached += reached.has(i) ? 1 : 0;
      } else {
        counts.reachable += 1;
        assert.ok(reached.has(i), `line ${i + 1} is not reached\n${file}`);
      }
    }
  };
  fc.assert(fc.property(fc.array(lines, { minLength: 2, maxLength: 7 }), check), { numRuns, seed });
  t.diagnostic(`${numRuns} files, ${worlds.length} worlds each, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.never > 0 && counts.maybe > 0 && counts.reachable > 0);
});

/** Returns the indexes of the rules that decide at least one connection if the memberships are those of the world. */
function reachedIn(rules: readonly HbaRule[], world: World): Set<number> {
  const reached = new Set<number>();
  for (const type of ['local', 'host']) {
    for (const database of databases) {
      for (const user of users) {
        const winner = rules.findIndex((rule) => rule.type === type && matchesNames(rule, database, user, world));
        if (winner !== -1) reached.add(winner);
      }
    }
  }
  return reached;
}

function matchesNames(rule: HbaRule, database: string, user: string, world: World): boolean {
  const isMember = (role: string): boolean => user === role || world.has(`${user} ${role}`);
  const ofDatabase = (each: HbaDatabase): boolean => {
    if (typeof each === 'string') return each === database;
    if ('regex' in each) return new RegExp(each.regex).test(database);
    if (!('keyword' in each)) return false;
    return (
      each.keyword === 'all' ||
      (each.keyword === 'sameuser'
        ? database === user
        : roles.includes(database)
          ? isMember(database)
          : database === user)
    );
  };
  const ofUser = (each: HbaUser): boolean => {
    if (typeof each === 'string') return each === user;
    if ('regex' in each) return new RegExp(each.regex).test(user);
    return 'memberOf' in each ? isMember(each.memberOf) : true;
  };
  return (rule.databases as readonly HbaDatabase[]).some(ofDatabase) && (rule.users as readonly HbaUser[]).some(ofUser);
}

for (const [address, supposition] of [
  ['h.example.org', 'hostName'],
  ['.example.org', 'hostName'],
  ['samehost', 'interface'],
  ['samenet', 'interface'],
] as const) {
  test(`an example for ${address} assumes the value of a missing fact`, () => {
    const before = HbaFile.parse(`host all all ${address} md5\n`);
    const after = HbaFile.parse(`host all all ${address} trust\n`);
    const difference = diffAccess(before, after);
    const search = searchAccess(before, { outcome: 'way-in' });
    assert.ok(difference.kind === 'changes' && search.kind === 'connections');
    for (const { witness } of [...difference.changes, ...search.found]) {
      assert.equal(witness?.connection.address, '1.0.0.0');
      assert.deepEqual(witness?.supposing?.map(Object.keys), [[supposition]]);
    }
    assert.deepEqual(
      [difference.changes, search.found].map((list) => list.map(({ certainty }) => certainty)),
      [['certain'], ['maybe']],
    );
  });
}

test('addresses of a host name are compared with the rules for this name, before and after', () => {
  const summaryOf = (before: string, after: string): unknown => {
    const found = diffAccess(HbaFile.parse(before), HbaFile.parse(after));
    assert.ok(found.kind === 'changes');
    return [found.summary, found.changes.map(({ change, certainty }) => `${change} ${certainty}`)];
  };
  for (const name of ['h.example.org', '.example.org', 'samenet']) {
    const reject = 'host all all 10.0.0.0/8 reject\n';
    const rule = `host all all ${name}`;
    assert.deepEqual(summaryOf(`${rule} md5\n${reject}`, `${rule} trust\n${reject}`), ['looser', ['weaker certain']]);
    // Without the rule, the `reject` rule decides the connections of this rule's clients.
    const [summary, changes] = summaryOf(`${rule} md5\n${reject}`, reject) as [string, string[]];
    assert.equal(summary, 'tighter');
    assert.ok(changes.includes('stronger maybe') || changes.includes('stronger certain'));
  }
});
