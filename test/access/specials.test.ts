import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { requireTls, unreachableRules } from '../../src/access/index.ts';
import { regexOf } from '../../src/access/regex/regex.ts';
import type { AccessFacts } from '../../src/access/rules/facts.ts';
import { type UserAtom, userAtom } from '../../src/access/space/atom.ts';
import { Budget } from '../../src/access/space/budget.ts';
import { keyOf } from '../../src/access/space/column-key.ts';
import { coversUser } from '../../src/access/space/covers.ts';
import { Specials } from '../../src/access/space/specials.ts';
import { HbaFile, type HbaUser } from '../../src/hba/index.ts';
import { runs, seed } from '../property.ts';

const regexes = ['^a', '^ab', '^abc', '^b', 'b$', 'ab$', 'a', '', '.*', '^a.*b$', '(?=a)b', '^x[0-9]+$', '^é', 'é$'];
const names = ['a', 'ab', 'abc', 'b', 'xab', 'x1', 'é', 'ä', 'aé', 'g', 'anyone'];

const element = fc.oneof(
  fc.constantFrom(...regexes).map((regex): HbaUser => ({ regex })),
  fc.constantFrom('a', 'g', 'h').map((memberOf): HbaUser => ({ memberOf })),
  fc.constantFrom('f1', 'f2').map((file): HbaUser => ({ file })),
);
const atom: fc.Arbitrary<UserAtom> = fc
  .oneof(
    fc.constantFrom(...names).map((name): UserAtom => ({ kind: 'name', name })),
    fc.array(element, { maxLength: 2 }).map((elements): UserAtom => {
      const tokens = elements.map(userAtom).flatMap((each) => (each.kind === 'open' ? each.tokens : []));
      return { kind: 'open', tokens };
    }),
  )
  .filter(hasAName);
const facts = fc.constantFrom<AccessFacts>(
  {},
  { roles: ['a', 'g'] },
  { memberOf: (user, role) => user === role || (user === 'a' && role === 'g') },
);

/** Returns whether one name can have the literal starts of all regular expressions of a set. */
function hasAName(set: UserAtom): boolean {
  if (set.kind === 'name') return true;
  const prefixes = set.tokens.flatMap((token) => (token.kind === 'regex' ? [regexOf(token.regex)?.prefix ?? ''] : []));
  const longest = prefixes.reduce((best, prefix) => (prefix.length > best.length ? prefix : best), '');
  return prefixes.every((prefix) => longest.startsWith(prefix));
}

/** Returns the elements of the found groups and the found single elements, sorted. */
function keysOf(found: ReturnType<Specials<HbaUser>['near']>): readonly string[] {
  const keys = [...found].flatMap((each) => ('key' in each ? [each.key] : each.specials.map(({ key }) => key)));
  return [...new Set(keys)].sort();
}

describe('the special elements of a column', () => {
  test('an index finds the same elements as a comparison with each element', () => {
    const check = (elements: readonly HbaUser[], asked: UserAtom, given: AccessFacts): void => {
      const specials = new Specials<HbaUser>();
      const byKey = new Map(elements.map((each) => [keyOf(each), each]));
      for (const [key, each] of byKey) specials.add({ element: each, key });
      const known = { freshUser: 'anyone', freshDatabase: 'anyone2', facts: given };
      const covers = (each: HbaUser): boolean | undefined => coversUser(each, asked, known);
      const hasRoleFacts = given.memberOf !== undefined || given.roles !== undefined;
      for (const mode of ['sure', 'possible'] as const) {
        const question = { mode, budget: new Budget(1_000), fresh: 'anyone', hasRoleFacts, covers };
        const wanted = (verdict: boolean | undefined): boolean => verdict ?? mode === 'possible';
        const expected = [...byKey].filter(([, each]) => wanted(covers(each))).map(([key]) => key);
        assert.deepEqual(keysOf(specials.matching(asked, question)), expected.sort(), mode);
        if (asked.kind !== 'name') continue;
        const near = keysOf(specials.near(asked.name, undefined));
        assert.ok(expected.every((key) => near.includes(key)));
      }
    };
    fc.assert(fc.property(fc.array(element, { maxLength: 20 }), atom, facts, check), { numRuns: runs(2_000), seed });
  });

  test('a search over thousands of regular expressions has an exact answer', () => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `hostssl all /x${i}$ 10.${i >> 8}.${i & 255}.0/24 md5\n`);
    const file = HbaFile.parse(lines.join(''));
    const found = unreachableRules(file);
    assert.deepEqual(found.kind === 'rules' && found.unreachable, []);
    const required = requireTls(file, {}, { level: 'certificate' });
    assert.deepEqual([required.outcome, required.added.length], ['changed', 5_000]);
  });
});
