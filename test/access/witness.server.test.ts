import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import {
  type Connection,
  checkPolicy,
  diffAccess,
  newAccess,
  searchAccess,
  type Witness,
} from '../../src/access/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { runs, seed } from '../property.ts';
import { forEachMajor, type TestServer } from '../server/index.ts';
import { ruleLines } from './generate.ts';
import type { Knock } from './knock.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { load, matchedLines, startJudge, withOwnRule, withPasswords } from './real-server.ts';

/** A prediction that a server checks: a connection, and the line of the rule that decides it. */
interface Claim {
  readonly connection: Connection;
  readonly line: number | undefined;
}

if (!isInNamespace) {
  const result = runInNamespace(fileURLToPath(import.meta.url));
  const skip = 'skip' in result ? result.skip : false;
  test('real servers confirm the examples, with clients of all addresses', { skip }, (t) => {
    assert.ok('status' in result);
    for (const [line] of result.output.matchAll(/^.*claims.*$/gm)) t.diagnostic(line.replace(/^# /, ''));
    assert.equal(result.status, 0, result.output);
  });
} else {
  const hasIpv6 = readFileSync('/proc/net/if_inet6', 'utf8') !== '';
  forEachMajor([10, 11, 12, 13, 14, 15, 16, 17, 18, 19], (major) => {
    let server: TestServer;
    before(async () => {
      server = await startJudge(major, '*');
    });
    after(() => server.remove());

    test('the line that decides an example is the line that the server logs', async (t) => {
      const counts = { files: 0, claims: 0 };
      const lines = fc.array(
        ruleLines.filter((line) => major >= 12 || !/^host(?:no)?gssenc/.test(line)),
        { minLength: 2, maxLength: 8 },
      );
      const pairs = fc
        .tuple(lines, lines, fc.nat(7))
        .map(([a, b, at]) => [a, [...a.slice(0, at), ...b.slice(0, 2), ...a.slice(at + 1)]]);
      const confirm = async (text: string, claims: readonly Claim[]): Promise<void> => {
        const asked = claims.filter(
          ({ connection: { transport, address, user } }) =>
            user !== 'postgres' && transport !== 'gss' && (hasIpv6 || !address?.includes(':')),
        );
        await load(server, { 'pg_hba.conf': withPasswords(text) });
        const found = await matchedLines(
          server,
          asked.map(({ connection }) => knockOf(connection)),
        );
        for (const [i, { connection, line }] of asked.entries()) {
          assert.equal(found[i]?.line, line, `${JSON.stringify(connection)}\n${text}`);
        }
        counts.files += 1;
        counts.claims += asked.length;
      };
      const check = async ([from, to]: readonly string[][]): Promise<void> => {
        const [oldText, newText] = [from!, to!].map((each) => withOwnRule(`${each.join('\n')}\n`)) as [string, string];
        const [old, now] = [oldText, newText].map((each) => HbaFile.parse(each, { version: major })) as [
          HbaFile,
          HbaFile,
        ];
        const changes = [diffAccess(old, now), newAccess(old, now)].flatMap((each) =>
          each.kind === 'changes' ? each.classes() : [],
        );
        const found = [
          searchAccess(old, {}),
          searchAccess(old, { outcome: 'way-in', not: { from: ['10.0.0.0/9'] } }),
        ].flatMap((each) => (each.kind === 'connections' ? each.found : []));
        const policy = checkPolicy(
          now,
          {
            version: 1,
            statements: [
              { id: 'tls', forbid: { transport: ['plain'] } },
              { id: 'new', noNewAccess: {} },
            ],
          },
          old,
        );
        const violations = policy.kind === 'checked' ? policy.statements.flatMap((each) => each.violations) : [];
        await confirm(oldText, [
          ...changes.map((each) => claim(each.witness!, each.before.rule?.line)),
          ...found.map((each) => claim(each.witness!, each.rule?.line)),
        ]);
        await confirm(newText, [
          ...changes.map((each) => claim(each.witness!, each.after.rule?.line)),
          ...violations.map((each) => claim(each.witness!, each.rule?.line)),
        ]);
      };
      await fc.assert(fc.asyncProperty(pairs, check), { numRuns: runs(8), seed, endOnFailure: true });
      t.diagnostic(`PostgreSQL ${major}: ${JSON.stringify(counts)}, seed ${seed}, IPv6 ${hasIpv6}`);
      assert.ok(counts.claims > 0);
    });
  });
}

function claim({ connection }: Witness, line: number | undefined): Claim {
  return { connection, line };
}

function knockOf({ transport, address, database, user, replication }: Connection): Knock {
  return {
    transport,
    user,
    database: replication === 'physical' ? '' : (database ?? user),
    ...(address === undefined ? {} : { address }),
    ...(replication === undefined ? {} : { replication }),
  };
}
