import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AccessFacts, searchAccess, unreachableRules } from '../../src/access/index.ts';
import { matchDatabase, matchUser } from '../../src/access/match/match-names.ts';
import { coversDatabase, coversUser } from '../../src/access/space/covers.ts';
import { all, type HbaDatabase, HbaFile, type HbaUser } from '../../src/hba/index.ts';
import { runs, seed } from '../property.ts';

const name = fc.constantFrom('alice', 'bob', 'staff', '');
const user: fc.Arbitrary<HbaUser> = fc.oneof(
  name,
  fc.constant(all),
  name.map((memberOf) => ({ memberOf })),
  fc.constantFrom({ regex: '^a' }, { regex: 'b$' }, { file: 'names' }),
);
const database: fc.Arbitrary<HbaDatabase> = fc.oneof(
  name,
  fc.constantFrom<HbaDatabase[]>(
    all,
    { keyword: 'sameuser' },
    { keyword: 'samerole' },
    { keyword: 'replication' },
    { regex: '^a' },
  ),
);
const facts: fc.Arbitrary<AccessFacts> = fc.record(
  {
    roles: fc.subarray(['alice', 'bob', 'staff']),
    memberOf: fc.func(fc.boolean()).map((answer) => (a: string, b: string) => answer(a, b)),
  },
  { requiredKeys: [] },
);

test('an element covers a set of one name exactly if it matches the name', () => {
  const check = (ofUser: HbaUser, ofDatabase: HbaDatabase, given: AccessFacts, u: string, d: string): void => {
    const names = { freshUser: 'x', freshDatabase: 'y', facts: given };
    const pair = { database: { kind: 'name', name: d }, user: { kind: 'name', name: u }, certain: true } as const;
    const connection = { user: u, database: d, isPhysical: false } as Parameters<typeof matchDatabase>[1];
    const known = (verdict: ReturnType<typeof matchUser>) => (typeof verdict === 'boolean' ? verdict : undefined);
    assert.equal(coversUser(ofUser, pair.user, names), known(matchUser(ofUser, { user: u }, given)));
    assert.equal(coversDatabase(ofDatabase, pair, names), known(matchDatabase(ofDatabase, connection, given)));
  };
  fc.assert(fc.property(user, database, facts, name, name, check), { seed, numRuns: runs(1000) });
});

test('regular expressions for names that begin differently certainly match no common name', () => {
  const found = unreachableRules(HbaFile.parse('host all /^a all reject\nhost all /^b all trust\n'));
  assert.deepEqual(found.kind === 'rules' && found.unreachable, []);
  const covered = unreachableRules(HbaFile.parse('host all /^a all reject\nhost all /^ab all trust\n'));
  assert.deepEqual(covered.kind === 'rules' && covered.unreachable.map(({ certainty }) => certainty), ['certain']);
});

test('samerole shares a database and a user only if the user is a member of the role', () => {
  const file = HbaFile.parse('host samerole all all trust\n');
  const scope = { databases: ['staff'], users: ['alice'], outcome: 'way-in' } as const;
  const roles = ['alice', 'staff'];
  const foundWith = (given: AccessFacts): unknown[] => {
    const search = searchAccess(file, scope, given);
    assert.ok(search.kind === 'connections');
    return search.found.map(({ certainty }) => certainty);
  };
  assert.deepEqual(foundWith({ roles, memberOf: (user, role) => user === role }), []);
  assert.deepEqual(foundWith({ roles, memberOf: () => true }), ['certain']);
  assert.deepEqual(foundWith({}), ['maybe']);
});
