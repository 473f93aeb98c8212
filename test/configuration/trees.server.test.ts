import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Configuration, readConfiguration } from '../../src/configuration/index.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';
import { foretold, isSame } from '../conf/postgres.ts';
import { runs, seed } from '../property.ts';
import { writeServerFiles } from '../server/files.ts';
import { forEachMajor, runPostgresC, type TestServer, temporaryFolder, withServer } from '../server/index.ts';

/** Settings, with values that a server accepts and values that it refuses. */
const values: Readonly<Record<string, readonly string[]>> = {
  work_mem: ['4MB', '64', "'1GB'", 'bogus', '1', 'work.mem'],
  WORK_MEM: ['5MB', 'bogus'],
  sort_mem: ['6MB'],
  checkpoint_timeout: ['30s', '5min', '25h', '1'],
  log_min_duration_statement: ['-1', '250ms', '-2'],
  search_path: ["'a, b'", "'a,,b'"],
  wal_level: ['minimal', 'replica', 'logical', 'minimum'],
  max_wal_senders: ['0', '5', '-1'],
  archive_mode: ['on', 'off'],
  log_statement_stats: ['on', 'off'],
  log_parser_stats: ['on', 'off'],
  max_connections: ['5', '20', '100'],
  superuser_reserved_connections: ['3', '20'],
  'pg_stat_statements.max': ['1000', 'abc'],
  'a.b': ['1', 'x'],
  no_such_setting: ['1'],
};

const setting = fc
  .constantFrom(...Object.keys(values))
  .chain((name) => fc.constantFrom(...values[name]!).map((value) => `${name} = ${value}`));
const include = fc.constantFrom(
  ...[
    "include 'a.conf'",
    "include 'sub/../a.conf'",
    'include sub/b.conf',
    "include_dir 'conf.d'",
    "include_dir = './conf.d/'",
  ],
  ...["include_if_exists 'none.conf'", "INCLUDE_DIR 'empty.d'"],
);
const odd = fc.constantFrom(
  ...[
    'oops oops oops',
    'work_mem = 5 MB',
    "include 'none.conf'",
    "include_dir 'none.d'",
    "include 'a.conf",
    'port = 5432;',
  ],
);
const line = fc.oneof(
  { weight: 12, arbitrary: setting },
  { weight: 3, arbitrary: include },
  { weight: 1, arbitrary: odd },
  { weight: 1, arbitrary: fc.constantFrom('# comment', '', '\t# x') },
);
const file = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(line, { maxLength }).map((lines) => lines.map((text) => `${text}\n`).join(''));
const leaf = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(setting, { maxLength }).map((lines) => lines.map((text) => `${text}\n`).join(''));

/** Generates files of a data directory that replace or join the stock files, and a command line. */
const tree = fc.record({
  main: file(6),
  auto: leaf(3),
  a: leaf(3),
  b: file(2),
  one: leaf(2),
  two: leaf(2),
  commandLine: fc.constantFrom<Readonly<Record<string, string>>>(
    ...[
      {},
      {},
      {},
      { work_mem: '8MB' },
      { max_wal_senders: '0' },
      { wal_level: 'replica' },
      { log_parser_stats: 'on' },
    ],
  ),
});
type Tree = typeof tree extends fc.Arbitrary<infer T> ? T : never;

function filesOf({ main, auto, a, b, one, two }: Tree): Readonly<Record<string, string>> {
  return {
    'postgresql.conf': main,
    'postgresql.auto.conf': auto,
    'a.conf': a,
    'sub/b.conf': b.replace(/include.*/g, "include '../a.conf'"),
    'conf.d/1.conf': one,
    'conf.d/2.conf': two,
    'conf.d/3.conf.bak': 'oops\n',
    'empty.d/none.txt': '',
  };
}

/** Returns the diagnostics for which a server refuses the files: errors, and unknown names of settings. */
function refusals({ diagnostics }: Configuration): readonly Diagnostic[] {
  return diagnostics.filter(
    ({ severity, code, message }) =>
      severity === 'error' || (code === 'setting-unknown' && message.includes('does not start')),
  );
}

/** The codes of problems because of which a server ignores all files at a reload. */
const blocking = ['conf-syntax', 'include-failed', 'setting-unknown'];

async function written(server: TestServer, given: Tree): Promise<Configuration> {
  for (const folder of ['sub', 'conf.d', 'empty.d']) {
    rmSync(`${server.dataDirectory}/${folder}`, { recursive: true, force: true });
  }
  server.writeFiles(filesOf(given));
  return await readConfiguration({ dataDirectory: server.dataDirectory, commandLine: given.commandLine });
}

forEachMajor([10, 11, 12, 13, 14, 15, 16, 17, 18, 19], (major) => {
  test(`a server loads or refuses a random tree of files as predicted (seed ${seed})`, (t) =>
    withServer({ major, start: false }, async (server) => {
      const count = { refused: 0, started: 0, values: 0 };
      for (const given of fc.sample(tree, { seed, numRuns: runs(12) })) {
        const configuration = await written(server, given);
        const found = refusals(configuration);
        const shown = `${JSON.stringify(given)}: ${found.map(({ message }) => message).join('; ')}`;
        const isConflict = found.length > 0 && found.every(({ code }) => code === 'setting-conflict');
        const { accepted, messages } = runPostgresC(major, server.dataDirectory, 'config_file', given.commandLine);
        // A conflict between settings is left out here, because the server finds some conflicts only when it starts.
        if (!isConflict) assert.equal(accepted, found.length === 0, `${shown}: server ${messages.join('; ')}`);
        if (found.length > 0) count.refused += 1;
        if (!accepted) continue;
        if (isConflict || count.started * 6 < count.values) {
          count.started += 1;
          assert.equal(await starts(server, given), found.length === 0, shown);
        }
        for (const name of ['work_mem', 'checkpoint_timeout', 'wal_level', 'max_wal_senders']) {
          count.values += 1;
          const effective = configuration.conf.effective(name)!;
          const { value } = runPostgresC(major, server.dataDirectory, name, given.commandLine);
          const ours = foretold(name, effective.value, major);
          assert.ok(isSame(ours, value), `${shown}: ${name} is ${ours}, server ${value}`);
        }
      }
      t.diagnostic(`${JSON.stringify(count)} of ${runs(12)}`);
    }));

  test(`a server takes over or refuses a random tree of files at a reload as predicted (seed ${seed})`, (t) =>
    withServer({ major }, async (server) => {
      let refused = 0;
      for (const given of fc.sample(tree, { seed: seed + 1, numRuns: runs(8) })) {
        const configuration = await written(server, { ...given, commandLine: {} });
        const isBlocked = refusals(configuration).some(({ code }) => blocking.includes(code));
        if (isBlocked) refused += 1;
        const before = server.log().length;
        await server.reload();
        const isRefused = /contains errors; no changes were applied/.test(server.log().slice(before));
        assert.equal(isRefused, isBlocked, JSON.stringify(given));
        if (isBlocked || configuration.diagnostics.some(({ severity }) => severity === 'error')) continue;
        const rows = await server.query<{ setting: string }>(
          "SELECT setting FROM pg_settings WHERE name = 'checkpoint_timeout'",
        );
        const ours = foretold('checkpoint_timeout', configuration.conf.effective('checkpoint_timeout')!.value, major);
        assert.equal(rows[0]!.setting, ours, JSON.stringify(given));
      }
      t.diagnostic(`${refused} of ${runs(8)} refused`);
    }));

  test('finds files that no setting names in the directory of -D, as the server does, and not in the data directory', () =>
    withServer({ major, start: false }, async ({ dataDirectory }) => {
      const folder = temporaryFolder();
      try {
        writeServerFiles(folder, { 'postgresql.conf': `data_directory = '${dataDirectory}'\n` });
        const named = runPostgresC(major, folder, 'hba_file').value;
        assert.equal(named, `${folder}/pg_hba.conf`);
        const configuration = await readConfiguration({ conf: `${folder}/postgresql.conf` });
        assert.equal(configuration.dataDirectory, dataDirectory);
        assert.equal(configuration.files.find(({ setting }) => setting === 'hba_file')?.path, named);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }));
});

/** Returns true if a server starts with the files in its data directory and these settings on its command line. */
async function starts(server: TestServer, { commandLine }: Tree): Promise<boolean> {
  try {
    await server.start(commandLine);
  } catch (error) {
    // The postmaster writes the errors about two settings that contradict each other without a severity.
    assert.match(String(error), /FATAL:|^postgres: /m);
    return false;
  }
  await server.stop();
  return true;
}
