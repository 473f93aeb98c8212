import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { searchAccess, unreachableRules } from '../../src/access/index.ts';
import { HbaFile, type HbaRule } from '../../src/hba/index.ts';
import { endsSoon } from '../ends-soon.ts';
import { runs, seed } from '../property.ts';
import { files } from './generate.ts';
import { isInScope, matches, universe, winners } from './universe.ts';

test('finds exactly the rules that none of all connections reaches', (t) => {
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
    const crossing = found.crossing().pairs.map(({ earlier, later }) => [earlier.line, later.line]);
    assert.deepEqual(crossing, crossingLines(rules, won));
    counts.crossing += crossing.length;
    counts.rules += rules.length;
    counts.unreachable += expected.length;
  };
  fc.assert(fc.property(files(), check), { numRuns, seed });
  t.diagnostic(`${numRuns} files, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.unreachable > 0 && counts.different > 0 && counts.crossing > 0);
});

/** Returns the unreachable rules as texts: line, certainty and reason. */
function foundIn(text: string): string[] {
  const found = unreachableRules(HbaFile.parse(text));
  assert.ok(found.kind === 'rules');
  return found.unreachable.map(({ line, certainty, because }) => `${line} ${certainty} ${because}`);
}

test('two rules with masks that have holes together match all addresses of a network', () => {
  const halves = 'host all all 10.0.0.1 255.0.0.1 trust\nhost all all 10.0.0.0 255.0.0.1 trust\n';
  assert.deepEqual(foundIn(`${halves}host all all 10.0.0.0/8 md5\n`), ['3 certain shadowed']);
  assert.deepEqual(foundIn(`${halves}host all all 10.0.0.0/7 md5\n`), []);
});

test('a rule for sameuser makes a later rule unreachable for sameuser, or for equal names of database and user', () => {
  const first = 'local sameuser all trust\n';
  assert.deepEqual(foundIn(`${first}local sameuser all md5\n`), ['2 certain shadowed']);
  assert.deepEqual(foundIn(`${first}local a a md5\nlocal a b md5\nlocal all all md5\n`), ['2 certain shadowed']);
});

test('many masks with holes: unreachableRules ends', async () => {
  const masks = Array.from({ length: 40 }, (_, i) => {
    const bits = (i * 2654435761) >>> 0;
    const address = [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0x55).join('.');
    const mask = [24, 16, 8, 0].map((shift) => ((bits >>> shift) & 0x7f) | 0x55).join('.');
    return `host all all ${address} ${mask} trust`;
  });
  const found = await endsSoon(() => foundIn(`${masks.join('\n')}\nhost all all 0.0.0.0/0 md5\n`), 20);
  assert.ok(found.every((each) => / (?:certain|maybe) /.test(each)));
});

test('lists of a thousand databases and users: unreachableRules ends', async () => {
  const list = (prefix: string, from: number): string =>
    Array.from({ length: 1000 }, (_, i) => `${prefix}${from + i}`).join(',');
  const text = `local ${list('d', 0)} ${list('u', 0)} trust\nlocal ${list('d', 0)} ${list('u', 0)} md5\nlocal ${list('d', 1)} ${list('u', 0)} md5\n`;
  assert.deepEqual(await endsSoon(() => foundIn(text)), ['2 certain shadowed']);
});

test('TLS that is off and mapped addresses are separate reasons', () => {
  const file = HbaFile.parse('hostssl all all all md5\nhost all all ::ffff:10.0.0.0/104 md5\n', {
    server: { ssl: false },
  });
  const found = unreachableRules(file);
  assert.ok(found.kind === 'rules');
  assert.deepEqual(
    found.unreachable.map(({ because }) => because),
    ['transport-off', 'no-address'],
  );
});

/**
 * Returns the pairs of reachable rules that share connections and have different methods, where each rule also matches
 * connections that the other rule does not match. The rules are given by their lines.
 */
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

test('no connection has a name that is empty or longer than 63 bytes', () => {
  const long = 'n'.repeat(63);
  const text = `local ${long}x all md5\nlocal ${long} ${long} md5\nlocal all "" md5\nlocal "",a all md5\n`;
  assert.deepEqual(foundIn(text), ['1 certain no-user', '3 certain no-user']);
});

test('no connection has a user that only a longer name, or a role without a possible name, would match', () => {
  const long = 'n'.repeat(63);
  const rules = [
    '/^.{64}$',
    '/^.{63}$',
    '"/a{70,}"',
    '/a^',
    '/^$',
    `+${long}x`,
    `+${long}`,
    '+',
    'é'.repeat(32),
    'é'.repeat(31),
  ];
  const found = foundIn(rules.map((user, i) => `host d${i} ${user} all md5\n`).join(''));
  const expected = [1, 3, 4, 5, 6, 8, 9].map((line) => `${line} certain no-user`);
  assert.deepEqual(found, expected);
});

test('a name of a file that is not UTF-8 is as long as its bytes', () => {
  const latin1 = Uint8Array.from(`local all ${'\xe9'.repeat(40)} md5\n`, (c) => c.charCodeAt(0));
  const found = unreachableRules(HbaFile.parse(latin1));
  assert.deepEqual(found.kind === 'rules' && found.unreachable, []);
});

test('a rule for IPv4-mapped addresses is unreachable without a rule in front, because no client has such an address', () => {
  assert.deepEqual(foundIn('host all all ::fffe:0:0/96 trust\nhost all all ::fffe:0:0/95 md5\n'), [
    '2 certain shadowed',
  ]);
  assert.deepEqual(foundIn('host all all ::fffe:0:0/95 trust\nhost all all ::ffff:0:0/95 md5\n'), [
    '2 certain shadowed',
  ]);
  assert.deepEqual(foundIn('host all all ::fffe:0:0/95 md5\nhost all all ::/0 md5\n'), []);
  const masked = 'host all all ::ffff:10.0.0.1 ffff:ffff:ffff:ffff:ffff:ffff:ff00:ff md5\n';
  assert.deepEqual(foundIn(masked), ['1 certain no-address']);
  // In ::fffe:0:0/95, the lowest bit of the sixth group is set in one half of the addresses: the IPv4-mapped addresses,
  // which no client has.
  const half = 'host all all ::fffe:0:5 ffff:ffff:ffff:ffff:ffff:ffff:0:ffff md5\n';
  const both = 'host all all ::fffe:0:5 ffff:ffff:ffff:ffff:ffff:fffe:0:ffff md5\n';
  assert.deepEqual(foundIn(half + both), ['2 certain shadowed']);
});

test('a rule for the members of a role makes a later rule for the same members unreachable', () => {
  assert.deepEqual(foundIn('host all +g all md5\nhost all +g 10.0.0.0/8 trust\n'), ['2 certain shadowed']);
  assert.deepEqual(foundIn('host all +g all md5\nhost all +h 10.0.0.0/8 trust\n'), ['2 maybe shadowed']);
});

test('a host name can have all addresses of a small network, and not of a larger one', () => {
  const rule = 'host all all a.example.com trust\n';
  assert.deepEqual(foundIn(`${rule}host all all 10.0.0.0/24 md5\n`), ['2 maybe shadowed']);
  assert.deepEqual(foundIn(`${rule}host all all 10.0.0.0/23 md5\n`), []);
});

test('samenet is the network of an interface, and only its address if the netmask is zero or of the other family', () => {
  const text = 'host all all samenet trust\nhost all all 192.168.7.0/24 md5\nhost all all 192.168.7.1/32 md5\n';
  for (const [netmask, lines] of [
    ['255.255.255.0', [2, 3]],
    ['255.255.0.0', [2, 3]],
    ['255.255.255.128', [3]],
    ['0.0.0.0', [3]],
    ['ffff::', [3]],
    [undefined, [3]],
  ] as const) {
    const facts = { interfaces: [{ address: '192.168.7.1', ...(netmask === undefined ? {} : { netmask }) }] };
    const found = unreachableRules(HbaFile.parse(text), facts);
    assert.ok(found.kind === 'rules');
    assert.deepEqual(
      found.unreachable.map(({ line }) => line),
      lines,
      netmask,
    );
  }
});

test('names the earlier rules that possibly match all connections of a rule', () => {
  const taking = (text: string): unknown => {
    const found = unreachableRules(HbaFile.parse(text, { version: 16 }));
    assert.ok(found.kind === 'rules');
    return found.unreachable.map(({ line, by, certainty }) => [line, certainty, by.map((rule) => rule.line)]);
  };
  const reject = 'host b all all reject\n';
  assert.deepEqual(taking(`${reject}host all all samenet trust\nhost all all 10.0.0.0/8 md5\n`), [[3, 'maybe', [2]]]);
  assert.deepEqual(taking(`${reject}host all all .example.com trust\nhost all all ::/0 md5\n`), [[3, 'maybe', [2]]]);
  assert.deepEqual(taking(`${reject}host all all a.example.com trust\nhost all all ::2/128 md5\n`), [
    [3, 'maybe', [2]],
  ]);
  const networks =
    'host all all 10.0.0.0/8 trust\nhost all all 11.0.0.1 255.0.0.1 trust\nhost all all samehost trust\n';
  assert.deepEqual(taking(`${networks}local all all trust\nhost all all db.example.com md5\n`), [
    [3, 'maybe', [1, 2]],
    [5, 'maybe', [1, 2, 3]],
  ]);
  assert.deepEqual(taking('local all a trust\ninclude x\ninclude y\nlocal all b md5\n'), [[4, 'maybe', [2, 3]]]);
  assert.deepEqual(taking('local all +g trust\nlocal all b md5\n'), [[2, 'maybe', [1]]]);
});

test('the scope of a crossing contains the shared connections of its two rules, and no others if a scope can say so', (t) => {
  const numRuns = runs(100);
  const counts = { pairs: 0, exact: 0 };
  const check = (text: string): void => {
    const found = unreachableRules(HbaFile.parse(text));
    assert.ok(found.kind === 'rules');
    for (const { earlier, later, shared } of found.crossing().pairs) {
      assert.equal(searchAccess(HbaFile.parse(text), shared).kind, 'connections');
      const isExact = ![earlier, later].some(({ rule }) => /sameuser| 255\./.test(rule!.text));
      for (const point of universe) {
        const isShared = matches(earlier.rule!, point) && matches(later.rule!, point);
        const isIn = isInScope(shared, point, undefined);
        const shown = `${JSON.stringify({ shared, point })}\n${earlier.rule!.text}${later.rule!.text}`;
        if (isExact) assert.equal(isIn, isShared, shown);
        else if (isShared) assert.ok(isIn, shown);
      }
      counts.pairs += 1;
      counts.exact += isExact ? 1 : 0;
    }
  };
  fc.assert(fc.property(files(), check), { numRuns, seed });
  t.diagnostic(`${numRuns} files, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.exact > 0 && counts.exact < counts.pairs);
});
