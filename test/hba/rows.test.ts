import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type HbaFile, hbaFileRules } from '../../src/hba/index.ts';
import { type IdentFile, identFileMappings } from '../../src/ident/index.ts';
import { type PgMajor, pgMajors } from '../../src/version.ts';
import { forEachMajor, queryWithFiles, startServer, type TestServer } from '../server/index.ts';
import { assertGolden, directory, type Fixture, fixturesOf, parseFixture, updatesFixtures } from './fixtures.ts';
import { serverFacts } from './server-facts.ts';

/** The rows that the servers of some major versions show for a file, recorded with UPDATE_FIXTURES=1. */
interface Recorded {
  readonly majors: readonly PgMajor[];
  readonly rows: readonly unknown[];
}

const kinds = [
  { kind: 'hba', view: 'pg_hba_file_rules', majors: [10, 11, 12, 13, 14, 15, 16, 17, 18] },
  { kind: 'ident', view: 'pg_ident_file_mappings', majors: [15, 16, 17, 18] },
] as const;

const cases = kinds.flatMap(({ kind, view, majors }) =>
  fixturesOf(kind).map((fixture) => ({
    fixture,
    view,
    majors: majors.filter((major) => fixture.harmfulUntil === undefined || major > fixture.harmfulUntil),
  })),
);

for (const { fixture, majors } of cases) {
  test(`${fixture.name}: the rows equal the recorded rows of the servers`, { skip: updatesFixtures }, () => {
    const recorded = readRecorded(fixture);
    assert.deepEqual(
      recorded.flatMap((record) => record.majors).sort((a, b) => a - b),
      majors,
    );
    for (const { majors, rows } of recorded) {
      for (const major of majors) assert.deepEqual(rowsOf(fixture, major), rows, `PostgreSQL ${major}`);
    }
  });
}

const shown = new Map<Fixture, Map<PgMajor, unknown[]>>();

forEachMajor([10, 11, 12, 13, 14, 15, 16, 17, 18, 19], (major) => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ major });
  });
  after(() => server.remove());

  test('predicts the rows of all fixtures', async () => {
    for (const { fixture, view, majors } of cases) {
      if (!majors.some((each) => each === major)) continue;
      const rows = await queryWithFiles(server, fixture.tree, `SELECT * FROM ${view}`);
      const ours = JSON.parse(JSON.stringify(rows).replaceAll(server.dataDirectory, directory));
      const ofFixture = shown.get(fixture) ?? new Map<PgMajor, unknown[]>();
      shown.set(fixture, ofFixture.set(major, ours));
      if (updatesFixtures) continue;
      const recorded = readRecorded(fixture).find((record) => record.majors.includes(major));
      assert.deepEqual(ours, recorded?.rows, fixture.name);
    }
  });
});

after(() => {
  if (!updatesFixtures) return;
  for (const { fixture, majors } of cases) {
    const rows = shown.get(fixture) ?? new Map<PgMajor, unknown[]>();
    assert.deepEqual([...rows.keys()], majors, 'golden rows are those of all majors, not of some that are named');
    assertGolden(fixture, 'rows.json', formatRecorded(rows));
  }
});

function rowsOf(fixture: Fixture, version: PgMajor): unknown {
  const file = parseFixture({ ...fixture, follows: true }, { version, server: serverFacts(version) });
  const rows = fixture.kind === 'hba' ? hbaFileRules(file as HbaFile) : identFileMappings(file as IdentFile);
  return JSON.parse(JSON.stringify(rows));
}

function readRecorded({ name }: Fixture): Recorded[] {
  const path = `fixtures/${name}/rows.json`;
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
}

/**
 * Formats the recorded rows of all major versions. Major versions with equal rows share one list, and each row is on a
 * line of its own.
 */
function formatRecorded(rows: ReadonlyMap<PgMajor, unknown[]>): string {
  const groups = new Map<string, PgMajor[]>();
  for (const major of pgMajors) {
    const text = rows
      .get(major)
      ?.map((row) => `\n      ${JSON.stringify(row)}`)
      .join(',');
    if (text !== undefined) groups.set(text, [...(groups.get(text) ?? []), major]);
  }
  const records = [...groups].map(
    ([text, majors]) => `  {\n    "majors": ${JSON.stringify(majors)},\n    "rows": [${text}\n    ]\n  }`,
  );
  return `[\n${records.join(',\n')}\n]\n`;
}
