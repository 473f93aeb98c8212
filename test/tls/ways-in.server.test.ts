import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type pg from 'pg';
import { type Connection, matchRule } from '../../src/access/index.ts';
import { includeReaders } from '../../src/disk/included-files.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  type ClientCertificatePlan,
  planClientCertificates,
  readServer,
  type ServerState,
  signalReload,
} from '../../src/tls/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { runs, seed } from '../property.ts';
import { forEachMajor, startServer, type TestServer } from '../server/index.ts';
import { type OddRules, oddRulesOf } from './odd-rules.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=First' });
const pairOf = async (user: string) => {
  const { chain, privateKey } = await authority.issueClientCertificate({ user });
  return { cert: chain, key: privateKey.toPem() };
};
const certificates = { none: {}, own: await pairOf('alice'), other: await pairOf('bob') } as const;
const databases = ['app', 'alice', 'staff', 'other', 'postgres'];
const ownRule = 'local all postgres trust';

/** A login of `alice` that the test tries, with the certificate that the client sends. */
interface Attempt extends Connection {
  readonly database: string;
  readonly certificate: keyof typeof certificates;
}

const sessions = [
  ...databases.map((database) => ({ database })),
  { database: 'postgres', replication: 'physical' },
  { database: 'app', replication: 'logical' },
] as const;
const attempts: readonly Attempt[] = sessions.flatMap((session) => [
  { ...session, user: 'alice', transport: 'local', certificate: 'none' } as const,
  ...['127.0.0.1', '::1'].flatMap((address) => [
    { ...session, user: 'alice', transport: 'plain', address, certificate: 'none' } as const,
    ...(['none', 'own', 'other'] as const).map(
      (certificate) => ({ ...session, user: 'alice', transport: 'ssl', address, certificate }) as const,
    ),
  ]),
]);
const facts = {
  memberOf: (user: string, role: string) => user === role || (user === 'alice' && role === 'staff'),
  roles: ['alice', 'bob', 'staff', 'postgres'],
  interfaces: [
    { address: '127.0.0.1', netmask: '255.0.0.0' },
    { address: '::1', netmask: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
  ],
  hostNames: [],
};

forEachMajor([10, 14, 18, 19], (major) => {
  let server: TestServer;
  before(async () => {
    server = await startServer({
      major,
      hba: `${ownRule}\n`,
      settings: {
        listen_addresses: '127.0.0.1,::1',
        max_wal_senders: '60',
        max_connections: '120',
        wal_level: 'logical',
      },
    });
    await server.query('CREATE ROLE staff');
    await server.query("CREATE ROLE alice LOGIN REPLICATION PASSWORD 'secret' IN ROLE staff");
    await server.query('CREATE ROLE bob LOGIN');
    for (const database of databases.slice(0, 4)) await server.query(`CREATE DATABASE ${database}`);
    mkdirSync(join(server.dataDirectory, 'more'));
    server.writeFiles({ 'more/a.conf': '\n' });
  });
  after(() => server.remove());

  test('every rule that lets a user in is announced by the plan', async (t) => {
    const all = oddRulesOf(major);
    const table =
      runs(8) < all.length ? fc.sample(fc.shuffledSubarray([...all]), { numRuns: 1, seed })[0]!.slice(0, runs(8)) : all;
    const counts = { attempts: 0, in: 0, announced: 0 };
    for (const rules of table) await judge(server, major, rules, true, counts);
    t.diagnostic(`${table.length} of ${all.length} files, seed ${seed}: ${JSON.stringify(counts)}`);
    assert.ok(counts.in > 0 || table.length < 8);
  });

  test('the plan also announces the rules in mixtures of such files', async (t) => {
    const counts = { attempts: 0, in: 0, announced: 0 };
    const mixtures = fc.uniqueArray(fc.constantFrom(...oddRulesOf(major)), { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(mixtures, fc.boolean(), (chosen, rejects) => {
        const rules = {
          hba: chosen.map(({ hba }) => hba).join('\n'),
          ident: chosen.map(({ ident = '' }) => ident).join('\n'),
          files: Object.assign({}, ...chosen.map(({ files }) => files)),
        };
        return judge(server, major, rules, rejects, counts);
      }),
      { numRuns: runs(6), seed, endOnFailure: true },
    );
    t.diagnostic(`${runs(6)} mixtures, seed ${seed}: ${JSON.stringify(counts)}`);
  });
});

/**
 * Plans for `alice`, applies the plan, and checks that the diagnostics name every rule by which the server still lets
 * `alice` in.
 */
async function judge(
  server: TestServer,
  major: PgMajor,
  { hba, ident = '', files = {} }: OddRules,
  rejects: boolean,
  counts: { attempts: number; in: number; announced: number },
): Promise<void> {
  const start = server.log().length;
  server.writeFiles({ 'pg_ident.conf': `${ident}\n`, ...files, 'pg_hba.conf': `${ownRule}\n${hba}\n` });
  await server.reload();
  assert.doesNotMatch(server.log().slice(start), /was not reloaded/, hba);
  const state = await readServer(server.dataDirectory);
  const plan = await planClientCertificates({
    server: state,
    authority,
    connection: { host: 'localhost', port: server.port, user: 'alice', database: 'app' },
    withoutCertificate: rejects ? 'reject' : 'unchanged',
  });
  await applyPlan(plan, { reload: () => signalReload(server.dataDirectory) });
  await server.reload();
  const after = await readServer(server.dataDirectory);
  const planned = HbaFile.parse(after.hba.content(), {
    version: major,
    file: after.hba.path,
    server: { ssl: true, sslCa: true },
    ...includeReaders(after.included),
  });
  const announced = announcedLines(state, plan);
  for (let i = 0; i < attempts.length; i += 12) {
    const group = attempts.slice(i, i + 12);
    const answers = await Promise.all(group.map((attempt) => enters(server, attempt)));
    for (const [at, attempt] of group.entries()) {
      counts.attempts += 1;
      const { certificate, ...connection } = attempt;
      const match = matchRule(planned, connection, facts);
      const isPlanned = match.kind === 'rule' && plan.rules.includes(match.rule.text.trim());
      const what = `${JSON.stringify(attempt)}, ${rejects ? 'reject' : 'unchanged'}\n${hba}\n${ident}\n${JSON.stringify(match)}`;
      if (isPlanned) assert.equal(answers[at], match.rule.method === 'cert' && certificate === 'own', what);
      if (!answers[at]) continue;
      counts.in += 1;
      if (certificate === 'own') continue;
      // With `withoutCertificate: 'reject'`, the server lets the user in over TCP only with the user's own certificate.
      assert.ok(!rejects || attempt.transport === 'local', what);
      assert.equal(match.kind, 'rule', what);
      if (match.kind !== 'rule') continue;
      const codes = announced.get(match.rule.text.trim()) ?? [];
      const isNamed =
        codes.includes('tls-without-certificate') ||
        (certificate === 'other' && codes.includes('tls-other-certificate'));
      assert.ok(isNamed, `not announced: ${what}\n${JSON.stringify(plan.diagnostics)}`);
      counts.announced += 1;
    }
  }
}

/** Returns the text of each line that has a diagnostic of the plan, with the codes of the diagnostics. */
function announcedLines({ hba, included }: ServerState, { diagnostics }: ClientCertificatePlan): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { code, file, range } of diagnostics) {
    const source = [hba, ...(included?.files ?? [])].find(({ path }) => path === file);
    if (source?.content === undefined) continue;
    const lines = new TextDecoder().decode(source.content()).split('\n');
    const text = lines
      .slice(range.start.line - 1, range.end.line)
      .join('\n')
      .trim();
    found.set(text, [...(found.get(text) ?? []), code]);
  }
  return found;
}

async function enters(server: TestServer, attempt: Attempt): Promise<boolean> {
  const { transport, address, user, database, replication, certificate } = attempt;
  const config: pg.ClientConfig & { replication?: string } = {
    host: transport === 'local' ? server.socketDirectory : address!,
    user,
    database,
    password: 'secret',
    ssl: transport === 'ssl' && { rejectUnauthorized: false, ...certificates[certificate] },
    ...(replication && { replication: replication === 'physical' ? 'true' : 'database' }),
  };
  try {
    await (await server.connect(config)).end();
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === '28000' || code === '28P01') return false;
    throw new Error(`${JSON.stringify(attempt)}: ${String(error)}`, { cause: error });
  }
}
