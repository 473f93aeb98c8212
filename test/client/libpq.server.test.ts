import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { connectionTarget, parseConnectionString, toConnectionString } from '../../src/client/index.ts';
import { PgHostsslError } from '../../src/errors.ts';
import { runs, seed } from '../property.ts';
import { distributionServer } from '../server/distribution.ts';
import { withoutPsql } from '../server/index.ts';
import { programsFromEnvironment } from '../server/packages.ts';
import { damaged, keyValues, names, urls } from './generate.ts';
import { judgedPorts, type LibpqJudge, type LibpqPlace, libpqFolder, startJudge, type Verdict } from './libpq-judge.ts';
import { excuseFor, hostOfTarget, ownLimits, type Reading } from './own-limits.ts';

type Target = ReturnType<typeof parseConnectionString>;

const folder = libpqFolder(18);
// The tests start the programs directly, because Debian's wrapper script takes more time.
const { programs } = distributionServer();
const programs19 = programsFromEnvironment(19);
const noAddresses = process.platform === 'linux' ? false : 'only Linux has an address for each judge';
const withoutLibpq18 =
  withoutPsql || noAddresses || (existsSync(folder) ? false : 'npm has no libpq 18 for this platform');
const without19 =
  noAddresses ||
  (programs19 !== undefined && existsSync(join(programs19, 'psql')) ? false : 'PG_HOSTSSL_PROGRAMS_19 names no psql');

const judges: readonly (readonly [string, LibpqPlace, string | false])[] = [
  ['libpq 18', { programs, libraries: folder }, withoutLibpq18],
  ['libpq 19', { programs: programs19 }, without19],
];

for (const [title, place, skip] of judges) {
  describe(title, { skip }, () => {
    let judge: LibpqJudge;
    before(async () => {
      judge = await startJudge(place);
    });
    after(() => judge.close());

    const generated = {
      URLs: urls,
      'damaged URLs': damaged(urls),
      pairs: keyValues,
      'damaged pairs': damaged(keyValues),
    };
    for (const [what, strings] of Object.entries(generated)) {
      test(`reads ${what} as this library does`, async (t) => {
        const counts: Record<string, number> = {};
        const numRuns = runs(60);
        await fc.assert(
          fc.asyncProperty(strings, async (connection) => {
            // Some strings are left out: psql takes a string without "=" for the name of a database, and does not
            // recognize a URL behind a space.
            fc.pre(/^[ \t-\r]*postgres(?:ql)?:\/\//.test(connection) || /^[^ \t-\r].*=/s.test(connection));
            const outcome = await compare(connection, judge);
            fc.pre(outcome !== 'another port');
            counts[outcome] = (counts[outcome] ?? 0) + 1;
          }),
          { numRuns, seed, endOnFailure: true },
        );
        t.diagnostic(`${numRuns} strings, seed ${seed}: ${JSON.stringify(counts)}`);
      });
    }

    for (const [name, { examples }] of Object.entries(ownLimits)) {
      test(`reads ${name}, which this library refuses`, async () => {
        for (const text of examples) assert.equal(await compare(text, judge), name, text);
      });
    }

    test('refuses blanks around a URL, which this library ignores', async () => {
      for (const text of [' postgresql://a@h/x', 'postgresql://a@h/x\n', '\tpostgresql://a@h/x?port=5432 ']) {
        assert.equal(await compare(text, judge), 'blanks around a URL', text);
      }
    });

    test('refuses values of parameters that this library does not look at', async () => {
      for (const text of [
        'postgresql://a@h/x?sslmode=bogus',
        'host=h user=a sslmode=bogus',
        'host=h user=a keepalives=x',
      ]) {
        assert.equal(await compare(text, judge), 'the value of another parameter', text);
      }
    });

    test('reads the address of a host as this library does', async () => {
      for (const text of [`host=h user=a hostaddr=${judge.address}`, `postgresql://a@h/x?hostaddr=${judge.address}`]) {
        assert.equal(await compare(text, judge), 'same', text);
      }
    });

    test('reads the parameters that came with 19', {
      skip: title === 'libpq 19' ? false : 'an older libpq',
    }, async () => {
      assert.equal(await compare('host=h user=a servicefile=/s oauth_ca_file=/c', judge), 'same');
    });

    test('refuses ports and addresses that this library refuses', async () => {
      for (const text of ['port=0', 'port=65536', 'port=x', 'port=1e3', 'hostaddr=h', `hostaddr=[${judge.address}]`]) {
        assert.equal(await compare(`host=h user=a ${text}`, judge), 'both refuse', text);
      }
    });
  });
}

for (const [title, place, skip] of [['libpq of psql', { programs }, withoutPsql || noAddresses], ...judges] as const) {
  test(`${title} reads what toConnectionString writes`, { skip }, async (t) => {
    const judge = await startJudge(place);
    try {
      const numRuns = runs(40);
      await fc.assert(
        fc.asyncProperty(names, names, fc.constantFrom('url', 'key-value'), async (user, database, form) => {
          const target = connectionTarget({ host: 'db.example.com', port: judgedPorts[1]!, user, database });
          const connection = expressible(() =>
            toConnectionString(target, { form, parameters: { sslmode: 'disable' } }),
          );
          fc.pre(connection !== undefined);
          const verdict = await judge.judge(connection);
          assert.ok(verdict.kind === 'read', verdict.message);
          assert.deepEqual(readBy(verdict), [target.host, target.port, user, database], connection);
        }),
        { numRuns, seed },
      );
      t.diagnostic(`${numRuns} strings, seed ${seed}`);
    } finally {
      await judge.close();
    }
  });
}

/**
 * Compares how libpq and the library read a string. Returns the result on which both agree, or the name of the known
 * limit of the library.
 */
async function compare(connection: string, judge: LibpqJudge): Promise<string> {
  const verdict = await judge.judge(connection);
  const target = targetOf(connection);
  const trimmed = connection.replace(/^[ \t-\r]+|[ \t-\r]+$/g, '');
  if (trimmed === connection || !/^postgres(?:ql)?:\/\//.test(trimmed)) {
    return compareReadings(connection, verdict, target);
  }
  const outcome = compareReadings(trimmed, await judge.judge(trimmed), target);
  if (target instanceof PgHostsslError || outcome !== 'same') return outcome;
  return verdict.kind === 'read' && isDeepEqual(readBy(verdict), partsOf(target)) ? 'same' : 'blanks around a URL';
}

function compareReadings(connection: string, verdict: Verdict, target: Target | PgHostsslError): string {
  if (target instanceof PgHostsslError) {
    if (verdict.kind === 'refused') return 'both refuse';
    if (verdict.packet === undefined) return 'another port';
    const excuse = excuseFor(connection, verdict, target);
    assert.ok(
      excuse !== undefined,
      `${connection}: ${target.code}: ${target.message}, but libpq reads ${JSON.stringify(verdict)}`,
    );
    return excuse;
  }
  const { message } = verdict;
  if (/invalid \w+ value: |invalid integer value ".*" for connection option "(?!port")/s.test(message)) {
    return 'the value of another parameter';
  }
  assert.ok(verdict.kind === 'read', `${connection}: ${message}`);
  const expected = partsOf(target);
  assert.deepEqual(readBy(verdict), verdict.packet === undefined ? expected.slice(0, 2) : expected, connection);
  return verdict.packet === undefined ? 'another port' : 'same';
}

function targetOf(connection: string): Target | PgHostsslError {
  try {
    return parseConnectionString(connection);
  } catch (error) {
    assert.ok(error instanceof PgHostsslError, String(error));
    return error;
  }
}

/**
 * Returns the host (or address), port, user and database that libpq reads. User and database are left out if libpq did
 * not connect to a port of the test.
 */
function readBy({ host = '', port, packet }: Reading): readonly unknown[] {
  const server = [hostOfTarget(host), Number(port || 5432)];
  return packet === undefined ? server : [...server, packet.user, packet.database];
}

function partsOf({ host, hostaddr, port, user, database }: Target): readonly unknown[] {
  return [hostaddr ?? host, port, user, database];
}

function isDeepEqual(left: readonly unknown[], right: readonly unknown[]): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function expressible(write: () => string): string | undefined {
  try {
    return write();
  } catch (error) {
    assert.ok(error instanceof PgHostsslError && error.code === 'connection-not-expressible');
    return undefined;
  }
}
