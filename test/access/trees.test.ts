import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type AccessDifference,
  authenticate,
  type ConnectionScope,
  checkPolicy,
  diffAccess,
  matchIdent,
  matchRule,
  newAccess,
  searchAccess,
  unreachableRules,
  type Witness,
} from '../../src/access/index.ts';
import { systemError } from '../../src/disk/system-error.ts';
import { HbaFile, type HbaRule } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { unreadCode } from '../../src/include/open-failure.ts';
import type { ParseOptions } from '../../src/parse-options.ts';
import { runs, seed } from '../property.ts';
import { fileOf, flatFileOf, type Tree, treePairs, trees } from './trees.ts';
import { isInScope, names, universe, winners } from './universe.ts';

interface Place {
  readonly file?: string | undefined;
  readonly line: number;
}

function shown(place: Place | undefined): string {
  return place === undefined ? 'none' : `${place.file} ${place.line}`;
}

/** Returns the file and line of a rule, by the rule's index among all rules of the tree. */
function placeAt({ flat }: Tree, index: number): string {
  return shown(flat[index]);
}

/**
 * Parses a generated tree of files, which must have a rule and no errors. Returns the file object, and all rules of the
 * tree in one list.
 */
function read(tree: Tree): readonly [HbaFile, readonly HbaRule[]] {
  fc.pre(tree.flat.length > 0);
  const file = fileOf(tree);
  assert.deepEqual(
    file.diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return [file, flatFileOf(tree).rules];
}

function confirm(file: HbaFile, { connection }: Witness, place: Place | undefined): void {
  const match = matchRule(file, connection);
  assert.equal(match.kind === 'rule' ? shown(match) : 'none', shown(place));
}

test('finds the unreachable rules of a tree of files', (t) => {
  const numRuns = runs(100);
  const counts = { rules: 0, included: 0, words: 0, unreachable: 0 };
  const check = (tree: Tree): void => {
    const [file, rules] = read(tree);
    const won = new Set(winners(rules));
    const found = unreachableRules(file);
    assert.ok(found.kind === 'rules');
    const expected = rules.flatMap((_, i) => (won.has(i) ? [] : [`${placeAt(tree, i)} certain`]));
    assert.deepEqual(
      found.unreachable.map((each) => `${shown(each)} ${each.certainty}`),
      expected,
    );
    counts.rules += rules.length;
    counts.unreachable += expected.length;
    counts.included += tree.flat.filter((each) => !each.file.endsWith('pg_hba.conf')).length;
    counts.words += Object.keys(tree.files).filter((path) => /words\d+$/.test(path)).length;
  };
  fc.assert(fc.property(trees, check), { numRuns, seed });
  t.diagnostic(`${numRuns} trees, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.included > 0 && counts.words > 0 && counts.unreachable > 0);
});

const ranks: Readonly<Record<string, number>> = { trust: 0, password: 2, md5: 3, 'scram-sha-256': 4, reject: 9 };

test('finds the changes between two trees of files', (t) => {
  const numRuns = runs(100);
  const counts = { classes: 0, new: 0, equal: 0 };
  const check = ([from, to]: readonly [Tree, Tree]): void => {
    const [[before, old], [after, now]] = [read(from), read(to)];
    const [was, will] = [winners(old), winners(now)];
    const expected = new Set<string>();
    const weaker = new Set<string>();
    for (const [i] of universe.entries()) {
      const methods = [old[was[i]!], now[will[i]!]].map((rule) => rule?.method ?? 'reject') as [string, string];
      if (methods[0] === methods[1]) continue;
      const key = `${placeAt(from, was[i]!)} ${placeAt(to, will[i]!)}`;
      expected.add(key);
      if (ranks[methods[1]]! < ranks[methods[0]]!) weaker.add(key);
    }
    const difference = diffAccess(before, after);
    assert.deepEqual(keysOf(difference), [...expected].sort());
    assert.deepEqual(keysOf(newAccess(before, after)), [...weaker].sort());
    assert.ok(difference.kind === 'changes');
    for (const each of difference.classes()) {
      assert.equal(each.certainty, 'certain');
      confirm(before, each.witness!, each.before.rule);
      confirm(after, each.witness!, each.after.rule);
    }
    counts.classes += expected.size;
    counts.new += weaker.size;
    counts.equal += expected.size === 0 ? 1 : 0;
  };
  fc.assert(fc.property(treePairs, check), { numRuns, seed });
  t.diagnostic(`${numRuns} pairs of trees, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.classes > 0 && counts.new > 0 && counts.equal > 0);
});

function keysOf(difference: AccessDifference): string[] {
  assert.ok(difference.kind === 'changes');
  return difference
    .classes()
    .map(({ before, after }) => `${shown(before.rule)} ${shown(after.rule)}`)
    .sort();
}

const scopes: fc.Arbitrary<ConnectionScope> = fc.record(
  {
    transport: fc.uniqueArray(fc.constantFrom('local', 'plain', 'ssl', 'gss'), { minLength: 1 }),
    databases: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
    users: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
    method: fc.uniqueArray(fc.constantFrom('trust', 'md5', 'password'), { minLength: 1 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

test('finds the rules of a tree of files that decide about a scope', (t) => {
  const numRuns = runs(100);
  const counts = { found: 0, included: 0, empty: 0 };
  const check = (tree: Tree, scope: ConnectionScope): void => {
    const [file, rules] = read(tree);
    const won = winners(rules);
    const expected = new Set<string>();
    for (const [i, point] of universe.entries()) {
      if (isInScope(scope, point, rules[won[i]!])) expected.add(placeAt(tree, won[i]!));
    }
    const search = searchAccess(file, scope);
    assert.ok(search.kind === 'connections');
    assert.deepEqual(new Set(search.found.map(({ rule }) => shown(rule))), expected);
    for (const { witness, rule } of search.found) confirm(file, witness!, rule);
    counts.found += expected.size;
    counts.empty += expected.size === 0 ? 1 : 0;
    counts.included += [...expected].filter((place) => place.includes('.conf') && !place.includes('pg_hba')).length;
  };
  fc.assert(fc.property(trees, scopes, check), { numRuns, seed });
  t.diagnostic(`${numRuns} trees and scopes, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.included > 0 && counts.empty > 0);
});

test('an include of a file that was not read, on only one side, is not compared', () => {
  const rules = 'host all all 10.0.0.0/8 md5\n';
  const [before, after] = [rules, `include more.conf\n${rules}`].map((text) => HbaFile.parse(text, { version: 18 }));
  const policy = { version: 1, statements: [{ id: 'no-new', noNewAccess: {} }] } as const;
  for (const [from, to] of [
    [before!, after!],
    [after!, before!],
    [after!, HbaFile.parse(`include other.conf\n${rules}`, { version: 18 })],
  ] as const) {
    for (const found of [diffAccess(from, to), newAccess(from, to)]) {
      assert.ok(found.kind === 'changes');
      assert.equal(found.summary, 'both');
      assert.ok(found.notCompared.every(({ rule, line }) => rule === undefined && line === 1));
      assert.notEqual(found.notCompared.length, 0);
    }
    const check = checkPolicy(to, policy, from);
    assert.equal(check.kind === 'checked' && check.verdict, 'unknown');
  }
  // The file that was not read is named in an included file.
  const nested = ['x', 'y'].map((name) => {
    const readFile = (path: string): Uint8Array => {
      if (path !== '/pg/more.conf') throw systemError(unreadCode, path);
      return new TextEncoder().encode(`include ${name}\n`);
    };
    return HbaFile.parse(after!.toBytes(), { version: 18, file: '/pg/pg_hba.conf', readFile });
  });
  const match = matchRule(nested[0]!, { transport: 'local', user: 'a' });
  assert.deepEqual(match.kind === 'unknown' && match.needs, [{ kind: 'file', path: 'include x' }]);
  const behindIncludes = diffAccess(nested[0]!, nested[1]!);
  assert.equal(behindIncludes.kind === 'changes' && behindIncludes.summary, 'both');
  const same = diffAccess(after!, HbaFile.parse(`include more.conf\n${rules}`, { version: 18 }));
  assert.equal(same.kind === 'changes' && same.summary, 'equal');
  // An include line has no effect if the rules above it match every connection.
  const everybody = 'local all,replication all peer\nhost all,replication all all md5\n';
  const behind = diffAccess(
    HbaFile.parse(everybody, { version: 18 }),
    HbaFile.parse(`${everybody}include x\n`, { version: 18 }),
  );
  assert.equal(behind.kind === 'changes' && behind.summary, 'equal');
});

/** Returns a choice of the included files of a tree. */
function someFiles({ files }: Tree, chosen: number): ReadonlySet<string> {
  const paths = Object.keys(files).filter((path) => path !== 'pg_hba.conf');
  return new Set(paths.filter((_, i) => ((chosen >> (i % 8)) & 1) === 1).map((path) => `/pg/${path}`));
}

test('is never certain of the wrong rule if some files of a tree were not read', (t) => {
  const numRuns = runs(100);
  const counts = { rule: 0, none: 0, unknown: 0, empty: 0 };
  const check = (tree: Tree, chosen: number, scope: ConnectionScope): void => {
    const [, rules] = read(tree);
    const unread = someFiles(tree, chosen);
    const file = fileOf(tree, (path) => unread.has(path));
    assert.ok(file.diagnostics.every(({ severity }) => severity !== 'error'));
    const won = winners(rules);
    for (let i = chosen % 23; i < universe.length; i += 23) {
      const match = matchRule(file, universe[i]!);
      assert.ok(match.kind !== 'file-refused');
      counts[match.kind] += 1;
      if (match.kind !== 'unknown') assert.equal(match.kind === 'rule' ? shown(match) : 'none', placeAt(tree, won[i]!));
      else if (won[i] === -1) assert.ok(match.mayBeNone);
    }
    const isLetIn = universe.some((point, i) => isInScope({ ...scope, outcome: 'way-in' }, point, rules[won[i]!]));
    const policies = [{ forbid: scope }, { some: scope }].map((demand) => {
      return checkPolicy(file, { version: 1, statements: [{ id: 'x', ...demand }] });
    });
    const [forbid, some] = policies.map((found) => (found.kind === 'checked' ? found.verdict : found.kind));
    if (forbid === 'holds' || some === 'violated') assert.ok(!isLetIn);
    if (forbid === 'violated' || some === 'holds') assert.ok(isLetIn);
    counts.empty += forbid === 'holds' ? 1 : 0;
  };
  fc.assert(fc.property(trees, fc.nat(255), scopes, check), { numRuns, seed });
  t.diagnostic(`${numRuns} trees, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.rule > 0 && counts.none > 0 && counts.unknown > 0);
});

/** Returns a file of words, or all files in the folder of another file and below, because the file can include them. */
function contentOf({ files }: Tree, path: string): string {
  const folder = /words\d+$/.test(path) ? path.slice(4) : path.slice(4, path.lastIndexOf('/') + 1);
  return JSON.stringify(Object.entries(files).filter(([each]) => each.startsWith(folder)));
}

test('finds each change between two trees whose common files were not read', (t) => {
  const numRuns = runs(200);
  const counts = { equal: 0, changed: 0 };
  const check = ([from, to]: readonly [Tree, Tree], chosen: number): void => {
    const [[, old], [, now]] = [read(from), read(to)];
    const unread = someFiles(from, chosen);
    fc.pre([...unread].every((path) => contentOf(from, path) === contentOf(to, path)));
    const [before, after] = [from, to].map((tree) => fileOf(tree, (path) => unread.has(path))) as [HbaFile, HbaFile];
    const [was, will] = [winners(old), winners(now)];
    const methodOf = (rule: HbaRule | undefined): string => rule?.method ?? 'reject';
    const isChanged = universe.some((_, i) => methodOf(old[was[i]!]) !== methodOf(now[will[i]!]));
    const difference = diffAccess(before, after);
    assert.ok(difference.kind === 'changes');
    if (isChanged) assert.notEqual(difference.summary, 'equal');
    counts[difference.summary === 'equal' ? 'equal' : 'changed'] += 1;
  };
  fc.assert(fc.property(treePairs, fc.nat(255), check), { numRuns, seed });
  t.diagnostic(`${numRuns} pairs of trees, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.equal > 0 && counts.changed > 0);
});

test('a file that was not read can decide connections over the Unix socket', () => {
  const file = HbaFile.parse('include x\nhost all all all md5\n');
  const demands = [{ forbid: { transport: ['local'] } }, { some: { transport: ['local'] } }] as const;
  for (const demand of demands) {
    const check = checkPolicy(file, { version: 1, statements: [{ id: 'socket', ...demand }] });
    assert.equal(check.kind === 'checked' && check.verdict, 'unknown');
  }
});

test('an @file that was not read can contain the keyword replication', () => {
  const file = HbaFile.parse('local all all peer\nlocal @words all trust\n');
  const statements = [{ id: 'standbys', forbid: { replication: 'physical' } }] as const;
  const check = checkPolicy(file, { version: 1, statements });
  assert.equal(check.kind === 'checked' && check.verdict, 'unknown');
  const difference = diffAccess(HbaFile.parse('local all all peer\n'), file);
  assert.equal(difference.kind === 'changes' && difference.summary, 'looser');
  const found = unreachableRules(file);
  assert.ok(found.kind === 'rules' && found.unreachable.every(({ certainty }) => certainty === 'maybe'));
});

test('a rule above a file that was not read is a change, and a rule below is compared as usual', () => {
  const [only, above, below] = [
    'include x\n',
    'local all all trust\ninclude x\n',
    'include x\nlocal all all trust\n',
  ].map((text) => HbaFile.parse(text)) as [HbaFile, HbaFile, HbaFile];
  const summaries = [above, below]
    .map((after) => diffAccess(only, after))
    .map((found) => found.kind === 'changes' && found.summary);
  assert.deepEqual(summaries, ['both', 'looser']);
});

/** Files of words: `nested` names a file that is not read, and `includes` includes this file (16+). */
const wordFiles: Readonly<Record<string, string>> = {
  '/pg/nested': 'b\n@secret\n',
  '/pg/includes': 'b\ninclude secret\n',
};

/** Options of a parser that can read only the files of `wordFiles`. */
const partly: ParseOptions = {
  file: '/pg/main.conf',
  readFile: (path) => {
    if (wordFiles[path] === undefined) throw systemError(unreadCode, path);
    return new TextEncoder().encode(wordFiles[path]);
  },
};

for (const name of ['secret', 'nested', 'includes']) {
  test(`an @file is unknown: ${name}`, () => {
    const client = { transport: 'ssl', address: '10.0.0.1', database: 'a', user: 'a' } as const;
    for (const line of [
      `host @${name} all all trust`,
      `host @${name},b all all trust`,
      `host all @${name} all trust`,
      `@${name} all all all trust`,
      `host all all @${name} trust`,
      `host all all all @${name}`,
      `hostssl all all all trust @${name}`,
      `hostssl all all all trust clientcert=verify-ca @${name}`,
      `include @${name}`,
    ]) {
      for (const options of [partly, { file: '/pg/main.conf' }]) {
        const file = HbaFile.parse(`${line}\n`, options);
        const codes = file.diagnostics.filter(({ code }) => code !== 'hba-no-entries').map(({ code }) => code);
        assert.deepEqual(codes, ['include-not-followed'], line);
        const match = matchRule(file, client);
        assert.ok(match.kind === 'unknown', line);
        assert.deepEqual(match.needs[0]?.kind, 'file', line);
        assert.equal(authenticate(file, client).kind, 'unknown', line);
      }
    }
    for (const line of [`m @${name} a`, `m x @${name}`, `@${name}`, `m x @${name} a`]) {
      const file = IdentFile.parse(`${line}\n`, partly);
      assert.equal(matchIdent(file, { map: 'm', systemUser: 'x', pgUser: 'a' }).kind, 'unknown', line);
    }
  });
}
