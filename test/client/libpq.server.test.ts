import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { connectionTarget, parseConnectionString, toConnectionString } from '../../src/client/index.ts';
import { PgHostsslError } from '../../src/errors.ts';
import { runs, seed } from '../property.ts';
import { withoutPsql } from '../server/index.ts';
import { damaged, keyValues, knownHosts, names, portOfJudge, urls } from './generate.ts';
import { type LibpqJudge, libpqFolder, startJudge, type Verdict } from './libpq-judge.ts';

/** Strings that libpq accepts and this library rejects, by the reason in the error. */
const ownLimits: Readonly<Record<string, RegExp>> = {
  'connection-url-invalid': /several hosts|a service|bare "#"|libpq and pg|not UTF-8|lone surrogate/,
  'connection-host-invalid': /./,
  'connection-user-missing': /./,
  'connection-value-invalid': /TCP port/,
};

const folder = libpqFolder(18);
const withoutLibpq18 = withoutPsql || (existsSync(folder) ? false : 'npm has no libpq 18 for this platform');

describe('libpq 18', { skip: withoutLibpq18 }, () => {
  let judge: LibpqJudge;
  before(async () => {
    judge = await startJudge(knownHosts, folder);
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
      const counts = { same: 0, 'both refuse': 0, 'refused here alone': 0 };
      const numRuns = runs(60);
      await fc.assert(
        fc.asyncProperty(strings, async (text) => {
          const connection = text.replaceAll(portOfJudge, String(judge.port));
          // psql takes a string without "=" for the name of a database, and a blank before a URL hides its scheme.
          fc.pre(/^postgres(?:ql)?:\/\//.test(connection) || /^[^ \t-\r].*=/s.test(connection));
          fc.pre(!/[ \t-\r]$/.test(connection) && !connection.includes('\0'));
          counts[compare(connection, await judge.judge(connection), judge.port)] += 1;
        }),
        { numRuns, seed, endOnFailure: true },
      );
      t.diagnostic(`${numRuns} strings, seed ${seed}: ${JSON.stringify(counts)}`);
    });
  }
});

for (const [title, libraries, skip] of [
  ['libpq of psql', undefined, withoutPsql],
  ['libpq 18', folder, withoutLibpq18],
] as const) {
  test(`${title} reads what toConnectionString writes`, { skip }, async (t) => {
    const judge = await startJudge(['db.example.com'], libraries);
    try {
      const numRuns = runs(40);
      await fc.assert(
        fc.asyncProperty(names, names, fc.constantFrom('url', 'key-value'), async (user, database, form) => {
          const target = connectionTarget({ host: 'db.example.com', port: judge.port, user, database });
          const connection = expressible(() =>
            toConnectionString(target, { form, parameters: { sslmode: 'disable' } }),
          );
          fc.pre(connection !== undefined);
          const verdict = await judge.judge(connection);
          assert.deepEqual({ ...verdict, message: '' }, { kind: 'read', ...target, message: '' }, connection);
        }),
        { numRuns, seed },
      );
      t.diagnostic(`${numRuns} strings, seed ${seed}`);
    } finally {
      await judge.close();
    }
  });
}

function compare(
  connection: string,
  verdict: Verdict,
  judgePort: number,
): 'same' | 'both refuse' | 'refused here alone' {
  let target: ReturnType<typeof parseConnectionString>;
  try {
    target = parseConnectionString(connection);
  } catch (error) {
    assert.ok(error instanceof PgHostsslError, String(error));
    if (verdict.kind === 'refused') return 'both refuse';
    assert.match(error.message, ownLimits[error.code] ?? /^$/, `${connection}: ${verdict.message}`);
    return 'refused here alone';
  }
  // libpq checks the values of other parameters only after it has read the string.
  if (/invalid \w+ value/.test(verdict.message)) return 'same';
  assert.equal(verdict.kind, 'read', verdict.message);
  assert.ok(verdict.kind === 'read' && verdict.port !== undefined, verdict.message);
  assert.equal(verdict.port, target.port);
  if (verdict.port === judgePort) {
    assert.deepEqual([verdict.user, verdict.database], [target.user, target.database], connection);
    const host = verdict.host === undefined ? undefined : connectionTarget({ host: verdict.host, user: 'a' }).host;
    if (host !== undefined) assert.equal(target.host, host, connection);
  }
  return 'same';
}

function expressible(write: () => string): string | undefined {
  try {
    return write();
  } catch (error) {
    assert.ok(error instanceof PgHostsslError && error.code === 'connection-not-expressible');
    return undefined;
  }
}
