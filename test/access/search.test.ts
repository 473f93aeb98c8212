import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ConnectionScope,
  checkPolicy,
  diffAccess,
  matchRule,
  newAccess,
  type Scope,
  searchAccess,
  type Witness,
} from '../../src/access/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { runs, seed } from '../property.ts';
import { files } from './generate.ts';
import { isInScope, names, networks, type Point, universe, winners } from './universe.ts';

function some<T>(values: readonly T[]): fc.Arbitrary<T[]> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
}

const fields: fc.Arbitrary<ConnectionScope> = fc.record(
  {
    transport: some(['local', 'plain', 'ssl', 'gss'] as const),
    from: some(networks.filter((network) => network !== 'all' && !network.includes(' '))),
    databases: some(names),
    users: some(names),
    replication: fc.constantFrom('physical' as const, 'none' as const),
    method: some(['trust', 'md5', 'scram-sha-256'] as const),
    outcome: fc.constantFrom('refused' as const, 'way-in' as const),
  },
  { noNullPrototype: true },
);
/** Scopes with at most a few fields, because a scope with many fields rarely contains a connection. */
const someFields = fc
  .tuple(
    fields,
    fc.subarray(['transport', 'from', 'databases', 'users', 'replication', 'method', 'outcome'] as const, {
      maxLength: 3,
    }),
  )
  .map(([all, keys]) => Object.fromEntries(keys.map((key) => [key, all[key]])) as ConnectionScope);
const scopes: fc.Arbitrary<Scope> = fc
  .tuple(someFields, fc.option(someFields, { nil: undefined }))
  .map(([scope, not]) => (not === undefined || Object.keys(not).length === 0 ? scope : { ...scope, not }));

test('finds exactly the rules that decide about a connection of a scope', (t) => {
  const numRuns = runs(300);
  const counts = { found: 0, empty: 0, none: 0 };
  const check = (text: string, scope: Scope): void => {
    const file = HbaFile.parse(text);
    const won = winners(file.rules);
    const expected = new Set<number>();
    for (const [i, point] of universe.entries()) {
      const rule = file.rules[won[i]!];
      const { not, ...own } = scope;
      if (isInScope(own, point, rule) && (not === undefined || !isInScope(not, point, rule))) expected.add(won[i]! + 1);
    }
    const search = searchAccess(file, scope);
    assert.ok(search.kind === 'connections');
    assert.deepEqual(new Set(search.found.map(({ rule }) => rule?.line ?? 0)), expected, text);
    for (const { witness, rule, certainty } of search.found) {
      assert.equal(certainty, 'certain');
      const { connection } = witness!;
      const match = matchRule(file, connection);
      assert.equal(match.kind === 'rule' ? match.line : undefined, rule?.line);
      const point = { ...connection, database: connection.database ?? '' } as Point;
      const { not, ...own } = scope;
      const isIn = isInScope(own, point, rule?.rule) && (not === undefined || !isInScope(not, point, rule?.rule));
      assert.ok(isIn, JSON.stringify(witness));
    }
    counts.found += expected.size;
    counts.empty += expected.size === 0 ? 1 : 0;
    counts.none += expected.has(0) ? 1 : 0;
  };
  fc.assert(fc.property(files(), scopes, check), { numRuns, seed });
  t.diagnostic(
    `${numRuns} files and scopes, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`,
  );
  assert.ok(counts.found > 0 && counts.empty > 0 && counts.none > 0);
});

test('an included file that was not read may decide about any connection', () => {
  const search = searchAccess(HbaFile.parse('local all all peer\ninclude x\n', { version: 16 }), { method: ['trust'] });
  assert.ok(search.kind === 'connections');
  assert.deepEqual(
    search.found.map(({ rule, outcome, certainty }) => [rule?.line, outcome.kind, certainty]),
    [[2, 'unknown', 'maybe']],
  );
});

test('a scope names connections as a client would: mapped addresses are IPv4, and names are cut at 63 bytes', () => {
  const long = 'n'.repeat(63);
  const file = HbaFile.parse(`host all ${long} 10.0.0.0/8 md5\n`);
  const linesOf = (scope: Scope): (number | undefined)[] => {
    const search = searchAccess(file, scope);
    assert.ok(search.kind === 'connections');
    return search.found.map(({ rule }) => rule?.line);
  };
  assert.deepEqual(linesOf({ from: ['::ffff:10.0.0.0/104'], users: [long], transport: ['ssl'] }), [1, undefined]);
  assert.deepEqual(
    linesOf({ from: ['10.0.0.1'], users: [`${long}xyz`], databases: [`${long}x`], outcome: 'way-in' }),
    [1],
  );
});

test('rejects names that no client can send', () => {
  const file = HbaFile.parse('local all all trust\n');
  for (const name of ['a\0b', '\ud800', 'a\udc00']) {
    for (const scope of [{ users: [name] }, { databases: [name] }, { not: { users: [name] } }]) {
      assert.throws(() => searchAccess(file, scope), { code: 'argument-invalid' });
    }
  }
});

test('rejects words and masks that would make a scope empty', () => {
  const file = HbaFile.parse('host all all all trust\n');
  const masked = '10.0.0.0 255.0.0.255';
  for (const scope of [
    { method: ['trsut'] },
    { certificate: ['full'] },
    { outcome: 'wayin' },
    { replication: 'logical' },
    { from: [masked], not: { from: ['10.9.0.0/16'] } },
    { not: { from: [masked] } },
  ]) {
    assert.throws(() => searchAccess(file, scope as Scope), { code: 'argument-invalid' }, JSON.stringify(scope));
  }
});

test('finds the rules of method reject', () => {
  const file = HbaFile.parse('host all all 10.0.0.0/8 reject\nhost all all all trust\n');
  const linesOf = (scope: Scope): (number | undefined)[] => {
    const search = searchAccess(file, scope);
    assert.ok(search.kind === 'connections');
    return search.found.map(({ rule }) => rule?.line);
  };
  assert.deepEqual(linesOf({ method: ['reject'] }), [1]);
  assert.deepEqual(linesOf({ not: { method: ['reject'] } }), [2, undefined]);
});

test('a role of a scope is the set of its members if the facts list them', () => {
  const file = HbaFile.parse('local all ann reject\nlocal all all trust\n');
  const facts = {
    roles: ['ann', 'staff', 'nobody'],
    memberOf: (user: string, role: string) => user === role || (user === 'ann' && role === 'staff'),
  };
  const usersOf = (scope: Scope): (string | undefined)[] => {
    const search = searchAccess(file, scope, facts);
    assert.ok(search.kind === 'connections');
    return search.found.map(({ witness }) => witness?.connection.user);
  };
  assert.deepEqual(usersOf({ users: ['+staff'], transport: ['local'], replication: 'none' }), ['ann', 'staff']);
  assert.deepEqual(usersOf({ users: ['+ghosts'] }), []);
  assert.deepEqual(usersOf({ users: ['ann', 'staff'], not: { users: ['+staff'] } }), []);
});

test('an example never names a known role that no line mentions', () => {
  const facts = {
    roles: ['anyone', 'staff'],
    memberOf: (user: string, role: string) => user === role || (user === 'anyone' && role === 'staff'),
  };
  const search = searchAccess(HbaFile.parse('local all all trust\n'), { not: { users: ['+staff'] } }, facts);
  assert.ok(search.kind === 'connections' && search.found.length > 0);
  for (const { witness } of search.found) assert.ok(!facts.roles.includes(witness!.connection.user));
});

test('a rule with a map of a refused pg_ident.conf gives no certain answer', () => {
  const hba = HbaFile.parse('hostssl all all 127.0.0.1/32 cert map=m\nhostssl all all ::1/128 cert\n');
  const policy = { version: 1, statements: [{ id: 'x', forbid: { from: ['127.0.0.1'] } }] } as const;
  for (const [text, certainty, verdict] of [
    ['m a b\n', 'certain', 'violated'],
    ['m a\n', 'maybe', 'unknown'],
  ] as const) {
    const input = { hba, ident: IdentFile.parse(text) };
    const search = searchAccess(input, { outcome: 'way-in' });
    assert.ok(search.kind === 'connections');
    assert.deepEqual(
      search.found.map((each) => each.certainty),
      [certainty, 'certain'],
    );
    const check = checkPolicy(input, policy);
    assert.ok(check.kind === 'checked');
    assert.equal(check.verdict, verdict);
    const added = newAccess({ ...input, hba: HbaFile.parse('local all all peer\n') }, input);
    assert.ok(added.kind === 'changes');
    assert.deepEqual(added.changes.map((each) => each.certainty).sort(), ['certain', certainty].sort());
  }
});

/** Regular expressions that match the empty text, which is no name. */
const matchEmpty = ['/', '/^', '"/x*"', '"/^x*$"', '"/^(a.*)?$"', '"/^(|a.b)$"', '/^$', '/$'];

/** Files whose databases and users are names and regular expressions, most of which share some names. */
const filesOfRegexes = fc
  .array(
    fc.tuple(
      fc.constantFrom('all', 'all', '/b', '/a.b', ...matchEmpty),
      fc.constantFrom('a', 'ab', '/^a', '/a', '/^ab', '/b$', '/^a.*b$', '/x+', '/(?=a)b', 'all', ...matchEmpty),
      fc.constant('10.0.0.0/8'),
      fc.constantFrom('md5', 'reject', 'trust'),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((rules) => HbaFile.parse(rules.map((fields) => `host ${fields.join(' ')}\n`).join('')));

test('no example is refuted by the rules', () => {
  let decided = 0;
  const isDecidedBy = (file: HbaFile, { connection }: Witness, line: number | undefined): void => {
    const match = matchRule(file, connection);
    if (match.kind === 'unknown') return;
    decided += 1;
    assert.equal(match.kind === 'rule' ? match.line : undefined, line, `${file} ${JSON.stringify(connection)}`);
  };
  const property = fc.property(filesOfRegexes, filesOfRegexes, (before, after) => {
    const found = searchAccess(after, {});
    assert.ok(found.kind === 'connections');
    for (const { witness, rule } of found.found) if (witness !== undefined) isDecidedBy(after, witness, rule?.line);
    const difference = diffAccess(before, after);
    assert.ok(difference.kind === 'changes');
    for (const change of difference.changes) {
      if (change.witness === undefined) continue;
      isDecidedBy(before, change.witness, change.before.rule?.line);
      isDecidedBy(after, change.witness, change.after.rule?.line);
    }
  });
  fc.assert(property, { numRuns: runs(500), seed });
  assert.ok(decided > 0);
});

test('an example of a regular expression that matches the empty text is a name', () => {
  const userIn = (column: string): string | undefined => {
    const found = searchAccess(HbaFile.parse(`local /b all reject\nlocal /^xa ${column} trust\n`), {
      outcome: 'way-in',
    });
    return found.kind === 'connections' ? found.found[0]?.witness?.connection.user : undefined;
  };
  assert.equal(userIn('"/^(svc_.*)?$"'), 'svc_anyone');
  assert.equal(userIn('"/^(|svc)$"'), 'svc');
  assert.equal(userIn('/^$'), undefined);
  // Every example of these names for the database is refuted by the first rule, so no example is certain.
  const refuted = searchAccess(HbaFile.parse('local /b all reject\nlocal /a.b / trust\n'), { outcome: 'way-in' });
  assert.ok(refuted.kind === 'connections');
  assert.deepEqual(
    refuted.found.map(({ certainty }) => certainty),
    ['maybe'],
  );
});

test('an example of a regular expression avoids the names that other rules match', () => {
  const userOf = (before: string, after: string): string | undefined => {
    const difference = newAccess(HbaFile.parse(before), HbaFile.parse(after));
    return difference.kind === 'changes' ? difference.changes[0]?.witness?.connection.user : undefined;
  };
  assert.equal(userOf('host all /^a all md5\n', 'host all /a all md5\n'), 'somebodya');
  assert.equal(userOf('host all /^ab all md5\n', 'host all /^a all md5\n'), 'asomebody');
});

test('an example of samerole has a database that no scope excludes', () => {
  const file = HbaFile.parse('local samerole ann trust\n');
  const facts = { roles: ['ann', 'staff'], memberOf: () => true };
  const databaseOf = (not: ConnectionScope): string | undefined => {
    const search = searchAccess(file, { users: ['ann'], outcome: 'way-in', not }, facts);
    assert.ok(search.kind === 'connections');
    return search.found[0]?.witness?.connection.database;
  };
  assert.equal(databaseOf({ databases: ['app'] }), 'ann');
  assert.equal(databaseOf({ databases: ['ann'] }), 'staff');
  assert.equal(databaseOf({ databases: ['ann', 'staff'] }), undefined);
});

test('the example of a certain way in is in reach of no rule that a missing fact could make match', () => {
  const networks = ['1.0.0.0/8', '2.0.0.0/7', '4.0.0.0/6', '8.0.0.0/5', '16.0.0.0/4', '32.0.0.0/3', '64.0.0.0/2'];
  const perhaps = [...networks, '128.0.0.0/1'].map((network) => `host all +staff ${network} reject\n`);
  const hba = HbaFile.parse(`${perhaps.join('')}host all all 0.0.0.0/0 trust\n`);
  const answer = searchAccess({ hba }, { users: ['alice'], outcome: 'way-in' });
  assert.ok(answer.kind === 'connections');
  assert.deepEqual(
    answer.found.map(({ certainty, witness }) => [certainty, witness?.connection.address, witness?.improbable]),
    [['certain', '0.0.0.0', true]],
  );
});

const namedRules = fc
  .tuple(
    fc.constantFrom('host', 'hostssl', 'hostnossl'),
    fc.constantFrom(
      'app.example.com',
      '.example.com',
      'other',
      '.com',
      '10.0.0.0/8',
      'all',
      '10.0.0.1/32',
      '192.0.2.0/24',
    ),
    fc.constantFrom('trust', 'reject', 'scram-sha-256'),
  )
  .map(([type, address, method]) => `${type} all all ${address} ${method}\n`);

test('a search for one client address whose host names are given finds the rule that decides', (t) => {
  const counts: Record<string, number> = {};
  const check = (lines: readonly string[], hostNames: readonly string[], address: string): void => {
    const file = HbaFile.parse(lines.join(''));
    for (const transport of ['plain', 'ssl'] as const) {
      const match = matchRule(file, { transport, address, user: 'u', database: 'd' }, { hostNames });
      counts[match.kind] = (counts[match.kind] ?? 0) + 1;
      const scope = { from: [address], transport: [transport], users: ['u'], databases: ['d'] };
      const search = searchAccess(file, scope, { hostNames });
      assert.ok(search.kind === 'connections');
      assert.deepEqual(
        search.found.map(({ rule, certainty }) => [rule?.line, certainty]),
        [[match.kind === 'rule' ? match.line : undefined, 'certain']],
        JSON.stringify({ lines, hostNames, address, transport }),
      );
      const isWayIn = match.kind === 'rule' && match.rule.method !== 'reject';
      const policy = {
        version: 1,
        statements: [
          { id: 'a', forbid: scope },
          { id: 'b', some: scope },
        ],
      } as const;
      const checked = checkPolicy(file, policy, undefined, { hostNames });
      assert.deepEqual(
        checked.kind === 'checked' && checked.statements.map(({ verdict }) => verdict),
        isWayIn ? ['violated', 'holds'] : ['holds', 'violated'],
      );
    }
    // The names are those of one client. They tell nothing about the other clients of a network.
    const wide = searchAccess(file, { from: ['10.0.0.0/31'] }, { hostNames });
    assert.deepEqual(
      wide.kind === 'connections' && wide.found.map(({ rule }) => rule?.line),
      shownLines(searchAccess(file, { from: ['10.0.0.0/31'] })),
    );
  };
  const shownLines = (search: ReturnType<typeof searchAccess>) =>
    search.kind === 'connections' && search.found.map(({ rule }) => rule?.line);
  const hostNames = fc.constantFrom([], ['app.example.com'], ['APP.example.com'], ['other'], ['x.com']);
  const addresses = fc.constantFrom('10.0.0.1', '192.0.2.7', '2001:db8::1');
  const rules = fc.array(namedRules, { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(rules, hostNames, addresses, check), { numRuns: runs(200), seed });
  t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.rule! > 0 && counts.none! > 0);
});
