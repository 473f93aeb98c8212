import assert from 'node:assert/strict';
import { normalize } from 'node:path/posix';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfFile, confFileSettings, type FileSettingsRow } from '../../src/conf/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { runs, seed } from '../property.ts';
import { queryWithFiles, withServer } from '../server/index.ts';
import { judgingMajors, withoutJudges } from './postgres.ts';

const line = fc.constantFrom(
  ...['work_mem = 64', "work_mem = '4MB'", 'WORK_MEM = 1GB', 'work_mem = bogus', 'sort_mem = 70', 'work_mem = 63'],
  ...[
    'port = 5432',
    'port = 1',
    'port = bogus',
    'max_connections = 100',
    "shared_buffers = '128MB'",
    'shared_buffers = 9',
  ],
  ...[
    'wal_level = replica',
    'wal_level = LOGICAL',
    'wal_level = archive',
    'fsync = on',
    'fsync = maybe',
    'wal_buffers = -1',
  ],
  ...['log_connections = on', 'log_connections = bogus', 'server_version = 1', "a.b = 'x'", 'a.c = y', 'unknown = 1'],
  ...["search_path = 'a,,b'", "search_path = 'a'", "DateStyle = 'ISO, DMY'", 'datestyle = foo', 'ssl = of', 'ssl = o'],
  ...[
    'x = =',
    'foo',
    "ssl_ca_file = 'it''s \\\\ \\101'",
    '# comment',
    '',
    '\t',
    "log_line_prefix = '%m'",
    'jit = on # x',
  ],
  ...[
    "include 'inc.conf'",
    "include_if_exists = 'none.conf'",
    "include_dir 'conf.d'",
    "log_timezone = 'UTC'",
    'Port = 5432',
  ],
  ...[
    "include 'missing.conf'",
    "include ''",
    "include_dir 'none.d'",
    "include 'conf.d'",
    'include sub/x.conf',
    "INCLUDE 'deep.conf'",
  ],
  ...[
    "listen_addresses = 'localhost'",
    "listen_addresses = '*'",
    "synchronous_standby_names = 'a b'",
    "lc_messages = ''",
  ],
  ...[
    "vacuum_cost_delay = '1.5'",
    'commit_delay = 1e1',
    'unix_socket_permissions = 0777',
    "password_encryption = 'on'",
  ],
  ...[
    "transaction_isolation = 'Serializable'",
    "transaction_isolation = 'read committed'",
    'transaction_read_only = 1',
  ],
  ...['transaction_deferrable = off'],
  ...["cluster_name = 'ä'", "external_pid_file = './/x/'", "external_pid_file = 'x'", "hba_file = '/x/../pg_hba.conf'"],
);
/** Lines without an error that makes the server refuse the whole file. Most generated files have only such lines. */
const quiet = line.filter(
  (text) => !/unknown|x = =|^foo|missing|include ''|none\.d|'conf\.d'$/.test(text) || /include_dir 'conf/.test(text),
);
const lines = (one: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(one, { maxLength: 9 }), fc.constantFrom('\n', '\n', '\r\n'), fc.boolean())
    .map(([parts, end, isEnded]) => parts.join(end) + (isEnded ? end : ''));
const files = fc.record({
  main: fc.oneof({ weight: 3, arbitrary: lines(quiet) }, { weight: 1, arbitrary: lines(line) }),
  auto: fc.oneof({ weight: 3, arbitrary: lines(quiet) }, { weight: 1, arbitrary: lines(line) }),
  inc: fc
    .oneof({ weight: 5, arbitrary: lines(quiet) }, { weight: 1, arbitrary: lines(line) })
    .map((text) => text.replace(/include.*/gi, '')),
});

test(`confFileSettings returns the rows of pg_file_settings of every server (seed ${seed})`, {
  skip: withoutJudges,
}, async (t) => {
  for (const version of judgingMajors) await t.test(`${version}`, () => compare(version));
});

async function compare(version: PgMajor): Promise<void> {
  const conf = "cluster_name = 'ä'\nexternal_pid_file = 'x/.'\n";
  await withServer({ major: version, conf }, async (server) => {
    const folder = server.dataDirectory;
    const shown = await server.query<{ name: string; setting: string }>('SELECT name, setting FROM pg_settings');
    const running = Object.fromEntries(shown.map(({ name, setting }) => [name.toLowerCase(), setting]));
    for (const { main, auto, inc } of fc.sample(files, { seed, numRuns: runs(25) })) {
      const written = {
        'postgresql.conf': main,
        'postgresql.auto.conf': auto,
        'inc.conf': inc,
        'sub/x.conf': 'work_mem = 65\n',
        'deep.conf': "include 'deep2.conf'\n",
        'deep2.conf': "include 'sub/.././inc.conf'",
        'conf.d/b.conf': 'work_mem = 66\n',
        'conf.d/a.conf': inc,
        'conf.d/.c.conf': 'foo',
        'conf.d/d.txt': 'foo',
      };
      // The first query loads the extension. Only then does the session know the extension's settings.
      const session = await server.connect();
      const rows = await queryWithFiles<FileSettingsRow>(
        {
          dataDirectory: folder,
          writeFiles: server.writeFiles.bind(server),
          query: async (sql: string) => (await session.query(sql)).rows,
        } as never,
        written,
        'SELECT * FROM pg_file_settings WHERE sourcefile IS NOT NULL ORDER BY seqno',
      ).finally(() => session.end());
      const options = { version, ...virtualFiles(folder, written) };
      const foretold = confFileSettings(
        {
          main: ConfFile.parse(main, { ...options, file: `${folder}/postgresql.conf` }),
          auto: ConfFile.parse(auto, { ...options, file: `${folder}/postgresql.auto.conf` }),
        },
        version,
        running,
      );
      assert.deepEqual(foretold, rows, JSON.stringify({ main, auto, inc }));
    }
  });
}

function virtualFiles(folder: string, files: Readonly<Record<string, string>>) {
  const paths = Object.keys(files).map((name) => `${folder}/${name}`);
  const fail = (code: string) => Object.assign(new Error(code), { code });
  return {
    readFile: (path: string): Uint8Array => {
      const name = normalize(path).slice(folder.length + 1);
      if (files[name] !== undefined) return new TextEncoder().encode(files[name]);
      throw fail(paths.some((other) => other.startsWith(`${path}/`)) ? 'EISDIR' : 'ENOENT');
    },
    readDirectory: (path: string): readonly string[] => {
      const names = paths.filter((other) => other.startsWith(`${path}/`)).map((other) => other.slice(path.length + 1));
      if (names.length === 0) throw fail('ENOENT');
      return names;
    },
  };
}
