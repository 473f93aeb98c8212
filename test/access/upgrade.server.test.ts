import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type AccessChange,
  type AccessInput,
  authenticate,
  checkUpgrade,
  diffAccess,
  matchRule,
} from '../../src/access/index.ts';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';

import type { PgMajor } from '../../src/version.ts';
import { readersOf } from '../hba/tree.ts';
import { withFix } from '../hba/with-fix.ts';
import { runs, seed } from '../property.ts';
import { forEachMajor, runPostgresC, type TestServer } from '../server/index.ts';
import { type Knock, knock } from './knock.ts';
import { keysOf, memberOf, roles, startJudge, withOwnRule } from './real-server.ts';
import { type OldFiles, oldFiles, upgrades } from './upgrade-cases.ts';

const facts = {
  memberOf,
  roles: [...Object.keys(roles), 'postgres'],
  interfaces: [{ address: '127.0.0.1', netmask: '255.0.0.0' }],
  hostNames: [],
};

/** One client for each combination of user and database that the generated files can tell apart. */
const clients: readonly Knock[] = ['a', 'b', '/a', 'xa', '+a', 'all', 'c d', '/c d'].flatMap((user, i) =>
  ['a', '/a', user].map((database, j): Knock => {
    const [certificate, transport] = [['a', 'b', undefined][(i + j) % 3], (i + j) % 4 === 0 ? 'plain' : 'ssl'];
    return {
      transport: transport as 'ssl',
      address: '127.0.0.1',
      database,
      user,
      ...(transport === 'ssl' && certificate !== undefined ? { keys: keysOf[certificate]! } : {}),
    };
  }),
);

for (const [from, to] of upgrades) {
  forEachMajor([to], () => {
    describe(`from ${from}`, () => {
      let servers: readonly [TestServer, TestServer];
      before(async () => {
        servers = [await startJudge(from), await startJudge(to)];
      });
      after(() => Promise.all(servers.map((server) => server.remove())));

      test('servers confirm each diagnostic, fixes keep the meaning, and no diagnostic means no change', async (t) => {
        const numRuns = runs(12);
        const counts: Record<string, number> = {};
        const count = (what: string): void => {
          counts[what] = (counts[what] ?? 0) + 1;
        };
        const check = (files: OldFiles): Promise<void> => judge(files, servers, count);
        await fc.assert(fc.asyncProperty(oldFiles(from), check), { numRuns, seed, endOnFailure: true });
        t.diagnostic(`${from} to ${to}: ${numRuns} trees, seed ${seed}: ${JSON.stringify(counts)}`);
      });
    });
  });
}

/**
 * Lines of postgresql.conf that a newer major version refuses or reads differently, and lines that both versions read
 * alike.
 */
const settings: readonly (readonly [from: PgMajor, to: PgMajor, line: string])[] = [
  [10, 11, 'replacement_sort_tuples = 1000'],
  [11, 12, "authentication_timeout = '1500ms'"],
  [11, 12, "authentication_timeout = '2s'"],
  [11, 12, "shared_buffers = '1020kB'"],
  [11, 12, 'vacuum_cost_delay = 10'],
  [12, 13, 'wal_keep_segments = 3'],
  [12, 13, "authentication_timeout = '1500ms'"],
  [13, 14, 'password_encryption = on'],
  [13, 14, 'vacuum_cleanup_index_scale_factor = 0.1'],
  [14, 15, "stats_temp_directory = 'x'"],
  [15, 16, 'force_parallel_mode = off'],
  [16, 17, 'db_user_namespace = off'],
  [17, 18, 'ssl_ecdh_curve = prime256v1'],
  [17, 18, 'log_connections = on'],
  [18, 19, 'io_workers = 4'],
  [18, 19, 'standard_conforming_strings = off'],
];

for (const [from, to, line] of settings) {
  forEachMajor([to], () => {
    test(`from ${from}: ${line}`, () => {
      const name = line.split(' ')[0]!;
      const valueAt = (major: PgMajor, text: string): string | undefined => {
        const { accepted, value } = runPostgresC(major, { 'postgresql.conf': `${text}\n` }, name);
        return accepted ? value : undefined;
      };
      const conf = ConfTree.read({ main: ConfFile.parse(`${line}\n`, { version: from }) });
      const found = checkUpgrade({ hba: HbaFile.parse('local all all peer\n'), conf }, from, to);
      const [was, is] = [valueAt(from, line), valueAt(to, line)];
      assert.notEqual(was, undefined);
      const shown = JSON.stringify({ was, is, found });
      assert.equal(
        found.some(({ severity }) => severity === 'error'),
        is === undefined,
        shown,
      );
      if (is !== undefined)
        assert.equal(
          found.some(({ severity }) => severity === 'warning'),
          is !== was,
          shown,
        );
      for (const { fix } of found) {
        if (fix === undefined) continue;
        const fixed = withFix(line, fix);
        assert.equal(runPostgresC(to, { 'postgresql.conf': `${fixed}\n` }, fixed.split(' ')[0]!).accepted, true, fixed);
      }
    });
  });
}

async function judge(
  files: OldFiles,
  [old, now]: readonly [TestServer, TestServer],
  count: (what: string) => void,
): Promise<void> {
  const tree = { ...files, 'pg_hba.conf': withOwnRule(files['pg_hba.conf']) };
  const refusedBefore = await loadInto(old, tree);
  if (refusedBefore !== '') {
    count('refused before');
    return;
  }
  const before = inputOf(tree, old);
  const diagnostics = checkUpgrade(before, old.major, now.major, facts);
  const shown = (more: unknown): string =>
    `${JSON.stringify(more)}\n${JSON.stringify(tree, undefined, 1)}\n${JSON.stringify(diagnostics, undefined, 1)}`;
  const refused = await loadInto(now, tree);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(refused, filesOf(errors).join(), shown({ refused }));
  const was = await answers(old);
  if (diagnostics.length === 0) assert.deepEqual(await answers(now), was, shown('no finding'));
  else if (refused === '') {
    const access = diffAccess(inputOf(tree, old), inputOf(tree, now), facts);
    assert.ok(access.kind === 'changes');
    for (const change of access.changes) {
      const asked = knocksOf(change, [before, inputOf(tree, now)]);
      if (typeof asked === 'string') {
        count(`not tried: ${asked}`);
        continue;
      }
      const [one, other] = [await firstAnswers(old, asked), await firstAnswers(now, asked)];
      assert.notDeepEqual(one, other, shown(change));
      count('changed for the example');
    }
  }
  const isOfMap = diagnostics.some(({ code, file }) => code === 'upgrade-meaning' && file?.endsWith('pg_ident.conf'));
  if (isOfMap && !refused.includes('ident')) await replayMaps(tree, [old, now], count);
  for (const { code, fix } of diagnostics) count(`${code} ${fix === undefined ? 'without' : 'with'} fix`);
  const fixed = { ...tree };
  // The last fix is applied first, so that the positions of the other fixes stay valid.
  const startOf = ({ fix }: Diagnostic): number => (fix?.range.start.line ?? 0) * 1000 + (fix?.range.start.column ?? 0);
  for (const { file, fix } of diagnostics.toSorted((a, b) => startOf(b) - startOf(a))) {
    const name = file?.endsWith('pg_ident.conf') ? 'pg_ident.conf' : 'pg_hba.conf';
    if (fix !== undefined) fixed[name] = withFix(fixed[name], fix);
  }
  const rest = diagnostics.filter(({ code, fix }) => fix === undefined && code !== 'upgrade-access');
  const refusedFixed = await loadInto(now, fixed);
  assert.equal(refusedFixed, filesOf(rest.filter(({ severity }) => severity === 'error')).join(), shown({ fixed }));
  if (rest.length > 0 || refusedFixed !== '') return;
  const left = diffAccess(before, inputOf(fixed, now), facts);
  assert.ok(left.kind === 'changes');
  if (left.summary === 'equal') assert.deepEqual(await answers(now), was, shown({ fixed }));
  count(left.summary === 'equal' ? 'kept by the fixes' : 'other access with the fixes');
}

/** Role names that the generated mappings can let in, in the old or the new major version. */
const mapped = [
  'a',
  'b',
  'c',
  'all',
  '+g',
  '/a',
  '/b',
  '/^[ab]$',
  'xa',
  'aa',
  'bb',
  'a\\1',
  'b\\1',
  '\\1',
  '\\1\\1',
  'x\\1',
];

/**
 * For a map that two major versions read differently, checks that each server lets in exactly the names that the
 * library predicts.
 */
async function replayMaps(
  tree: Readonly<Record<string, string>>,
  servers: readonly [TestServer, TestServer],
  count: (what: string) => void,
): Promise<void> {
  const asked: Readonly<Record<string, string>> = {
    ...tree,
    'pg_hba.conf': withOwnRule('hostssl all all all cert map=m\n'),
  };
  const knocks = mapped.flatMap((user) =>
    ['a', 'b'].map((name) => ({ name, transport: 'ssl' as const, address: '127.0.0.1', database: 'a', user })),
  );
  const sides: string[][] = [];
  for (const server of servers) {
    assert.equal(await loadInto(server, asked), '');
    const input = inputOf(asked, server);
    const first = await firstAnswers(
      server,
      knocks.map(({ name, ...each }) => ({ ...each, keys: keysOf[name]! })),
    );
    // The first answer comes before the server looks up the role, so all of these names count as roles.
    const allRoles = { ...facts, roles: [...facts.roles, ...mapped] };
    const kinds = knocks.map(
      ({ name, ...each }) => authenticate(input, { ...each, certificate: { subject: `CN=${name}` } }, allRoles).kind,
    );
    for (const [i, kind] of kinds.entries()) {
      const shown = `${server.major} ${JSON.stringify({ ...knocks[i], kind })}\n${asked['pg_ident.conf']}\n${asked.words}`;
      // For an expression such as `/^(a)|b$`, the library does not predict what `\1` stands for, so its answer is
      // `unknown`.
      if (kind !== 'unknown') assert.equal(first[i] === 'ok', kind === 'admitted', shown);
    }
    sides.push(kinds);
  }
  count(JSON.stringify(sides[0]) === JSON.stringify(sides[1]) ? 'map with the same users' : 'map with other users');
}

function filesOf(diagnostics: readonly Diagnostic[]): string[] {
  return [...new Set(diagnostics.map(({ file }) => (file?.endsWith('pg_ident.conf') ? 'ident' : 'hba')))].sort();
}

/** Loads the files into a server. Returns the names of the files that the server refuses: `hba`, `ident` or both. */
async function loadInto(server: TestServer, files: Readonly<Record<string, string>>): Promise<string> {
  const start = server.log().length;
  server.writeFiles(files);
  await server.reload();
  const log = server.log().slice(start);
  return ['hba', 'ident'].filter((name) => new RegExp(`pg_${name}\\.conf"? was not reloaded`).test(log)).join();
}

function inputOf(tree: Readonly<Record<string, string>>, { major, dataDirectory }: TestServer): AccessInput {
  const options = (name: string) => ({
    version: major,
    file: join(dataDirectory, name),
    server: { ssl: true, sslCa: true },
    ...readersOf(tree, dataDirectory),
  });
  return {
    hba: HbaFile.parse(tree['pg_hba.conf']!, options('pg_hba.conf')),
    ident: IdentFile.parse(tree['pg_ident.conf']!, options('pg_ident.conf')),
  };
}

/**
 * Returns clients on this machine that make the example connection of a change: without a certificate, and with the
 * certificates of two users. If such clients cannot show the change, returns the reason.
 */
function knocksOf(
  { witness, before, after, change, certainty }: AccessChange,
  inputs: readonly AccessInput[],
): readonly Knock[] | string {
  if (change === 'other') return 'other proof';
  if (certainty === 'maybe') return 'maybe';
  const { transport, user, database = user } = witness!.connection;
  // The servers from npm have no GSS encryption, and the tests have certificates only for the users of `keysOf`.
  if (transport === 'gss') return 'GSS encryption';
  const isOfName = [before, after].some(
    ({ outcome }) => 'certificate' in outcome && outcome.certificate === 'verify-full',
  );
  if (isOfName && !Object.hasOwn(keysOf, user)) return 'no certificate of the user';
  const asked = { transport, address: '127.0.0.1', database, user };
  const lines = inputs.map((input) => {
    const match = matchRule(input.hba, asked, facts);
    return match.kind === 'rule' ? match.line : undefined;
  });
  if (lines[0] !== before.rule?.line || lines[1] !== after.rule?.line) return 'no address on this machine';
  return transport === 'ssl' ? [asked, { ...asked, keys: keysOf.a! }, { ...asked, keys: keysOf.b! }] : [asked];
}

async function firstAnswers(server: TestServer, knocks: readonly Knock[]): Promise<readonly string[]> {
  const all: string[] = [];
  for (let i = 0; i < knocks.length; i += 12) {
    const group = await Promise.all(knocks.slice(i, i + 12).map((each) => knock(server, each, 'nothing')));
    all.push(...group.map(({ first }) => first));
  }
  return all;
}

/**
 * Returns the first answer of the server to each client: `ok`, an authentication request or `error`. The text of an
 * error message is not part of the result.
 */
async function answers(server: TestServer): Promise<readonly string[]> {
  const all = await firstAnswers(server, clients);
  return all.map((first, i) => `${clients[i]!.transport} ${clients[i]!.database} ${clients[i]!.user}: ${first}`);
}
