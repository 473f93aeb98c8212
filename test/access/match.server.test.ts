import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { authenticate, type ClientConnection, type Connection, matchRule } from '../../src/access/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { readersOf } from '../hba/tree.ts';
import { runs, seed } from '../property.ts';
import { forEachMajor, type TestServer } from '../server/index.ts';
import { type Answer, type Knock, knock } from './knock.ts';
import { keysOf, load, matchedLines, memberOf, roles, startJudge, withOwnRule, withPasswords } from './real-server.ts';
import { loopback, type ServerCase, serverCases } from './server-cases.ts';

const clientsOfCase = 20;
const ident = [
  'os all-of-them nobody',
  `os ${userInfo().username} a`,
  'm a b',
  'm /^(.)$ \\1',
  'dn "CN=a" a',
  'dn "CN=b" c',
].join('\n');
const facts = {
  memberOf,
  roles: [...Object.keys(roles), 'postgres'],
  interfaces: [{ address: '127.0.0.1', netmask: '255.0.0.0' }],
  hostNames: [],
};

forEachMajor([10, 11, 12, 13, 14, 15, 16, 17, 18, 19], (major) => {
  let server: TestServer;
  before(async () => {
    server = await startJudge(major);
  });
  after(() => server.remove());

  test('names the line that the server logs, and the result for the client', async (t) => {
    const numRuns = runs(6);
    const counts = new Map<string, number>();
    const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(serverCases(major, loopback, clientsOfCase), (each) => compare(server, major, each, count)),
      { numRuns, seed, endOnFailure: true },
    );
    const shown = JSON.stringify(Object.fromEntries([...counts].sort()));
    t.diagnostic(`${numRuns * clientsOfCase} clients of ${numRuns} trees, seed ${seed}: ${shown}`);
  });
});

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

async function compare(
  server: TestServer,
  major: PgMajor,
  { files, knocks }: ServerCase,
  count: (what: string) => void,
): Promise<void> {
  const main = withOwnRule(files['pg_hba.conf']!);
  const path = join(server.dataDirectory, 'pg_hba.conf');
  const tree = { ...files, 'pg_hba.conf': main };
  const options = { version: major, file: path, ...readersOf(tree, server.dataDirectory) };
  const hba = HbaFile.parse(main, options);
  const input = { hba, ident: IdentFile.parse(ident, { version: major }) };
  assert.deepEqual(
    hba.diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );

  await load(server, { ...files, 'pg_hba.conf': withPasswords(main), 'more.conf': withPasswords(files['more.conf']!) });
  const lines = await matchedLines(server, knocks);
  for (const [i, each] of knocks.entries()) {
    const match = matchRule(hba, connectionOf(each), facts);
    assert.ok(match.kind === 'rule' || match.kind === 'none', JSON.stringify(match));
    const ours = match.kind === 'none' ? undefined : { file: major >= 16 ? match.file : undefined, line: match.line };
    assert.deepEqual(ours, lines[i], `${JSON.stringify({ ...each, keys: undefined })}\n${main}\n${files['more.conf']}`);
    count(match.kind === 'none' ? 'no line' : 'line');
  }

  await load(server, { ...tree, 'pg_ident.conf': ident });
  for (const each of knocks) {
    const certificate = Object.keys(keysOf).find((user) => keysOf[user] === each.keys);
    const client: ClientConnection = {
      ...connectionOf(each),
      systemUser: userInfo().username,
      ...(certificate === undefined ? {} : { certificate: { subject: `CN=${certificate}` } }),
    };
    const ours = authenticate(input, client, facts);
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

function connectionOf({ transport, address, database, user, replication }: Knock): Connection {
  return {
    transport,
    user,
    ...(address === undefined ? {} : { address }),
    ...(database === '' ? {} : { database }),
    ...(replication === undefined ? {} : { replication }),
  };
}
