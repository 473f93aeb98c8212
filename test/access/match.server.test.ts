import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import {
  type AccessFacts,
  authenticate,
  type ClientConnection,
  type Connection,
  matchRule,
} from '../../src/access/index.ts';
import { HbaFile, type HbaRule } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { readersOf } from '../hba/tree.ts';
import { runs, seed } from '../property.ts';
import { forEachMajor, type TestServer } from '../server/index.ts';
import { type Answer, type Knock, knock } from './knock.ts';
import { factsOfClient, interfaceNames, machine, neighbourhoods } from './machine.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { keysOf, load, matchedLines, memberOf, roles, startJudge, withOwnRule, withPasswords } from './real-server.ts';
import { loopback, type Neighbourhood, type ServerCase, serverCases } from './server-cases.ts';

const clientsOfCase = 20;
const ident = [
  'os all-of-them nobody',
  `os ${userInfo().username} a`,
  'm a b',
  'm /^(.)$ \\1',
  'dn "CN=a" a',
  'dn "CN=b" c',
].join('\n');
const majors: readonly PgMajor[] = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
const factsOfLoopback: AccessFacts = {
  interfaces: [{ address: '127.0.0.1', netmask: '255.0.0.0' }],
  hostNames: [],
};

if (isInNamespace) {
  forEachMajor(majors, (major) => compareClients(major, '*', neighbourhoods(major), factsOfClient));
} else {
  const result = runInNamespace(fileURLToPath(import.meta.url), machine);
  const skip = 'skip' in result ? result.skip : false;
  test('names the same lines for IPv6 addresses, several interfaces and host names', { skip }, (t) => {
    assert.ok('status' in result);
    const lines = [...result.output.matchAll(/^.*clients of.*$/gm)];
    for (const [line] of lines) t.diagnostic(line.replace(/^# /, ''));
    assert.equal(result.status, 0, result.output);
    assert.ok(lines.length > 0, result.output);
  });

  forEachMajor(majors, (major) => compareClients(major, '127.0.0.1', loopback, async () => factsOfLoopback));

  forEachMajor([10, 15, 16, 18, 19], (major) => {
    let server: TestServer;
    before(async () => {
      server = await startJudge(major);
    });
    after(() => server.remove());

    test('a name whose bytes are not UTF-8 is another name', async () => {
      const text = withOwnRule(
        ['\xe9', '\xc3\xa9', '/^\xe9', `${'a'.repeat(62)}\xc3`].map((name) => `local all "${name}" reject\n`).join(''),
      );
      const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
      await load(server, { 'pg_hba.conf': bytes });
      const hba = HbaFile.parse(bytes, { version: major });
      for (const user of ['é', '\udce9', '\udce9x', '\udcc3', 'e', `${'a'.repeat(62)}é`, `${'a'.repeat(61)}é`]) {
        const match = matchRule(hba, { transport: 'local', database: 'a', user });
        const { message = '' } = await knock(server, { transport: 'local', database: 'a', user });
        assert.match(
          message,
          match.kind === 'rule' ? /rejects connection/ : /no pg_hba.conf entry/,
          JSON.stringify(user),
        );
      }
    });
  });
}

/** Compares the library with a server for generated rules and clients. */
function compareClients(
  major: PgMajor,
  listen: string,
  near: fc.Arbitrary<Neighbourhood>,
  factsOf: (address: string) => Promise<AccessFacts>,
): void {
  let server: TestServer;
  before(async () => {
    server = await startJudge(major, listen);
  });
  after(() => server.remove());

  test('names the line that the server logs, and the result for the client', async (t) => {
    const numRuns = runs(6);
    const counts = new Map<string, number>();
    const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(serverCases(major, near, clientsOfCase), (each) => compare(server, major, each, factsOf, count)),
      { numRuns, seed, endOnFailure: true, includeErrorInReport: true },
    );
    const shown = JSON.stringify(Object.fromEntries([...counts].sort()));
    t.diagnostic(`${numRuns * clientsOfCase} clients of ${numRuns} trees, seed ${seed}: ${shown}`);
  });
}

async function compare(
  server: TestServer,
  major: PgMajor,
  { files, knocks }: ServerCase,
  factsOf: (address: string) => Promise<AccessFacts>,
  count: (what: string) => void,
): Promise<void> {
  const main = withOwnRule(files['pg_hba.conf']!);
  const path = join(server.dataDirectory, 'pg_hba.conf');
  const tree = { ...files, 'pg_hba.conf': main };
  const options = {
    version: major,
    file: path,
    server: { interfaces: interfaceNames },
    ...readersOf(tree, server.dataDirectory),
  };
  const hba = HbaFile.parse(main, options);
  const input = { hba, ident: IdentFile.parse(ident, { version: major }) };
  assert.deepEqual(
    hba.diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );

  await load(server, { ...files, 'pg_hba.conf': withPasswords(main), 'more.conf': withPasswords(files['more.conf']!) });
  const lines = await matchedLines(server, knocks);
  const facts = await Promise.all(
    knocks.map(async ({ address }) => ({
      memberOf,
      roles: [...Object.keys(roles), 'postgres'],
      ...(address === undefined ? {} : await factsOf(address)),
    })),
  );
  for (const [i, each] of knocks.entries()) {
    const match = matchRule(hba, connectionOf(each), facts[i]!);
    assert.ok(match.kind === 'rule' || match.kind === 'none', JSON.stringify(match));
    const ours = match.kind === 'none' ? undefined : { file: major >= 16 ? match.file : undefined, line: match.line };
    assert.deepEqual(ours, lines[i], `${JSON.stringify({ ...each, keys: undefined })}\n${main}\n${files['more.conf']}`);
    count(match.kind === 'none' ? 'no line' : `line with ${addressKind(match.rule)}`);
  }

  await load(server, { ...tree, 'pg_ident.conf': ident });
  for (const [i, each] of knocks.entries()) {
    const certificate = Object.keys(keysOf).find((user) => keysOf[user] === each.keys);
    const client: ClientConnection = {
      ...connectionOf(each),
      systemUser: userInfo().username,
      ...(certificate === undefined ? {} : { certificate: { subject: `CN=${certificate}` } }),
    };
    const ours = authenticate(input, client, facts[i]!);
    const answer = await knock(server, each);
    assertSame(ours, answer, `${JSON.stringify({ ...client })}\n${main}\n${files['more.conf']}`);
    count(ours.kind);
  }
}

function assertSame(ours: ReturnType<typeof authenticate>, answer: Answer, shown: string): void {
  const both = `${JSON.stringify({ ours, answer })}\n${shown}`;
  const asksSecret = /cleartext|md5|sasl/.test(answer.first);
  if (ours.kind === 'admitted') assert.equal(answer.first, 'ok', both);
  else if (ours.kind === 'password') assert.ok(asksSecret, both);
  else if (ours.kind !== 'refused') assert.fail(both);
  // The server asks for a password before it compares the name in the certificate with the user. This client has no
  // password, so only the log message that the library predicts is checked.
  else if (asksSecret) assert.match(ours.log ?? '', /mismatch|no user name|^Role ".*" does not exist\.$/, both);
  else assert.equal(answer.message, ours.reason, both);
}

/** Returns the kind of the address column, to count what the generated cases reach. */
function addressKind(rule: HbaRule): string {
  if (rule.type === 'local') return 'no address';
  const { address } = rule;
  if ('keyword' in address) return address.keyword;
  if ('hostName' in address) return 'host name';
  return `${'mask' in address ? 'mask' : 'prefix'} of IPv${address.ip.includes(':') ? 6 : 4}`;
}

function connectionOf({ transport, address, database, user, replication }: Knock): Connection {
  return {
    transport,
    user,
    ...(address === undefined ? {} : { address }),
    ...(database === '' ? {} : { database }),
    ...(replication === undefined ? {} : { replication }),
  };
}
