import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { withFix } from '../hba/with-fix.ts';
import { serverSpawnOptions } from '../server/account.ts';
import { serverBinary } from '../server/binaries.ts';
import { judgingMajors, runPostgresC, startServer, type TestServer } from '../server/index.ts';

/** A configuration that a former version of the library judged wrongly, with the right verdict. */
interface Fault {
  readonly main: string;
  readonly auto?: string;
  /**
   * The files that the main file includes. If not given, includes are not followed, and the verdict is not compared
   * with a server's.
   */
  readonly files?: Readonly<Record<string, string>>;
  readonly commandLine?: Readonly<Record<string, string>>;
  readonly since?: PgMajor;
  readonly until?: PgMajor;
  /** The expected diagnostics, as `severity code`, without `setting-unchecked`. */
  readonly expected: readonly string[];
  /** A pattern that a message must match. */
  readonly says?: RegExp;
  readonly never?: RegExp;
  /**
   * Whether servers load the file; if not given, they load it exactly if no error is expected. `none` if loading the
   * file does not show the problem.
   */
  readonly loads?: boolean | 'none';
}

const faults: Readonly<Record<string, readonly Fault[]>> = {
  'an error needs all files': [
    {
      main: "wal_level = minimal\ninclude 'x.conf'\n",
      expected: ['info setting-conflict', 'info include-not-followed'],
    },
    {
      main: "work_mem = bogus\ninclude 'x.conf'\n",
      expected: ['warning setting-value-invalid', 'info include-not-followed'],
    },
    {
      main: "include 'x.conf'\nwork_mem = bogus\n",
      expected: ['info include-not-followed', 'error setting-value-invalid'],
    },
    { main: 'wal_level = minimal\n', auto: 'max_wal_senders = 0\n', expected: [] },
    {
      main: 'wal_level = minimal\nmax_wal_senders = 0\n',
      auto: 'max_wal_senders = 5\n',
      expected: ['info setting-repeated', 'error setting-conflict'],
      loads: 'none',
    },
    { main: 'work_mem = bogus\n', auto: "work_mem = '5MB'\n", expected: ['info setting-repeated'] },
    { main: '', auto: 'oops oops oops\n', expected: ['error conf-syntax'] },
    { main: 'oops oops oops\n', auto: 'also oops oops\n', expected: ['error conf-syntax'] },
    {
      main: 'log_parser_stats = on\n',
      commandLine: { log_statement_stats: 'on' },
      expected: ['error setting-conflict'],
      loads: 'none',
    },
    { main: 'work_mem = bogus\n', commandLine: { work_mem: '5MB' }, expected: ['error setting-value-invalid'] },
  ],
  'a setting that no table has may exist': [
    { main: "output_plugin_libraries = 'pgoutput'\n", since: 14, until: 18, expected: [], loads: 'none' },
    {
      main: "output_plugin_libraries = 'pgoutput'\n",
      until: 13,
      expected: ['error setting-unknown'],
      says: /19 is the first/,
    },
    { main: "extension_destdir = '/x'\n", expected: [], loads: 'none' },
    { main: 'checkpoint_segments = 3\n', expected: ['error setting-unknown'], says: /9\.4 is the last/ },
    { main: 'standby_mode = on\n', expected: ['error setting-unknown'], says: /recovery\.conf/ },
    { main: 'no_such_setting = on\n', expected: ['warning setting-unknown'], loads: false },
    {
      main: "pg_stat_statements.max = 'abc'\n",
      since: 10,
      expected: ['warning setting-value-invalid'],
      says: /pg_stat_statements refuses/,
    },
    {
      main: 'pg_stat_statements.maxi = 5\n',
      since: 10,
      expected: ['warning setting-unknown'],
      says: /Use pg_stat_statements.max/,
    },
    { main: 'some.thing = 5\n', expected: [] },
  ],
  'advice that the server refuses': [
    { main: 'max_connections = 100;\n', expected: ['error conf-syntax'], says: /semicolon/, never: /quotes/ },
    { main: 'shared_buffers = 25%\n', expected: ['error conf-syntax'], says: /percentages/, never: /quotes/ },
    { main: 'port = 5432 // x\n', expected: ['error conf-syntax'], says: /begins with #/, never: /quotes/ },
    {
      main: "archive_command = 'cp %p' -- c\n",
      expected: ['error conf-syntax'],
      says: /begins with #/,
      never: /quotes/,
    },
    { main: "SET work_mem = '64MB'\n", expected: ['error conf-syntax'], says: /SQL/, never: /quotes/ },
    { main: "ALTER SYSTEM SET work_mem TO '64MB';\n", expected: ['error conf-syntax'], says: /SQL/, never: /quotes/ },
    { main: '{"port": 5432}\n', expected: ['error conf-syntax'], says: /JSON/, never: /quotes/ },
    {
      main: 'max-connections = 5\n',
      expected: ['error conf-syntax'],
      says: /underscores, not hyphens: write max_connections/,
    },
    { main: 'no-such-setting = 5\n', expected: ['error conf-syntax'], never: /hyphens/ },
    ...['"fsync" = off', "'fsync' = off", '`fsync` off'].map((line) => ({
      main: `${line}\n`,
      expected: ['error conf-syntax'],
      says: /a name has no quotes: write fsync/,
    })),
    ...['max_connections = {{ n }}', '{{ settings }}', '{% if x %}', 'port = $PORT', 'archive_command = $CMD'].map(
      (line) => ({ main: `${line}\n`, expected: ['error conf-syntax'], says: /placeholder/, never: /JSON|quotes/ }),
    ),
    { main: 'search_path = $user\n', expected: ['error conf-syntax'], says: /put the value in single quotes/ },
    {
      main: 'ssl_ca_file: root.crt # x\n',
      expected: ['error conf-syntax'],
      says: /not by a colon, and the value needs single quotes/,
    },
    { main: 'port: "5432"\n', expected: ['error conf-syntax'], says: /needs single quotes/ },
    { main: 'a.b: 5\n', expected: ['error conf-syntax'], says: /not by a colon/, never: /quotes/ },
    { main: 'work_mem => 4MB\n', expected: ['error conf-syntax'], says: /not by =>/, never: /quotes/ },
    { main: 'ssl == on\n', expected: ['error conf-syntax'], says: /a second = is not allowed/, never: /quotes/ },
    { main: 'port: 5432\n', expected: ['error conf-syntax'], says: /colon/ },
    { main: 'work_mem = 5 MB\n', expected: ['error conf-syntax'], says: /write 5MB/ },
    { main: 'max_connections = 1,000\n', expected: ['error conf-syntax'], says: /write 1000/, never: /quotes/ },
    { main: 'listen_addresses = *\n', expected: ['error conf-syntax'], says: /single quotes/ },
    { main: 'listen_addresses = "*"\n', expected: ['error conf-syntax'], says: /not double quotes/ },
    { main: 'ssl = on off\n', expected: ['error conf-syntax'], never: /quotes/ },
    { main: 'port=5432 ssl=on\n', expected: ['error conf-syntax'], says: /one setting/ },
    { main: "ssl_cert_file = 'a.crt\n", expected: ['error conf-syntax'], says: /never closed/ },
    { main: "ssl_ca_file = 'a.crt' 'b.crt'\n", expected: ['error conf-syntax'], never: /never closed/ },
    { main: "ssl_cert_file = E'a.crt'\n", expected: ['error conf-syntax'], never: /never closed/ },
    {
      main: "archive_command = 'echo 'hi''\n",
      expected: ['error conf-syntax'],
      says: /inside a value twice/,
      never: /one setting/,
    },
    { main: '= 100\n', expected: ['error conf-syntax'], never: /second =/ },
    { main: "max_connections = ''\n", expected: ['error setting-value-invalid'] },
    {
      main: "deadlock_timeout = '0.5s'\n",
      until: 11,
      expected: ['error setting-value-invalid'],
      says: /whole number/,
      never: /unit/,
    },
    { main: 'unix_socket_permissions = 777\n', expected: ['error setting-out-of-range'], says: /Write 0777/ },
    { main: 'log_file_mode = 440\n', expected: ['warning setting-mode-decimal'], says: /Write 0440/ },
    { main: 'work_mem\u00a0= 64MB\n', expected: ['error setting-unknown'], says: /no-break space/ },
    {
      main: 'work_mem = \u201864MB\u2019\n',
      expected: ['error setting-value-invalid'],
      says: /left single quotation mark/,
    },
    {
      main: 'ssl = bogus\nport = x\noops oops oops\nlog_parser_stats = on\nlog_statement_stats = on\n',
      expected: [
        'error setting-value-invalid',
        'error setting-value-invalid',
        'error conf-syntax',
        'info setting-conflict',
      ],
    },
    { main: 'wal_level = minimal\nmax_wal_senders = 0;\n', expected: ['info setting-conflict', 'error conf-syntax'] },
    {
      main: 'checkpoint_completion_target = 90%\n',
      expected: ['error conf-syntax'],
      says: /write 0\.9$|write 0\.9\./,
      never: /GB/,
    },
    {
      main: "checkpoint_completion_target = '90%'\n",
      expected: ['error setting-value-invalid'],
      says: /write 0\.9/,
      never: /GB/,
    },
    { main: 'autovacuum_vacuum_scale_factor = 5 %\n', expected: ['error conf-syntax'], says: /write 0\.05/ },
    { main: 'wal_buffers = 3%\n', expected: ['error conf-syntax'], says: /such as 64MB/, never: /2GB/ },
    { main: 'checkpoint_timeout = 50%\n', expected: ['error conf-syntax'], says: /such as 5min/, never: /GB/ },
    { main: 'max_connections = 80%\n', expected: ['error conf-syntax'], says: /a whole number/, never: /GB/ },
    {
      main: "ssl_ca_file = 'root.crt',\n",
      expected: ['error conf-syntax'],
      says: /remove the comma/,
      never: /put the/,
    },
    { main: "log_timezone = 'UTC'}\n", expected: ['error conf-syntax'], says: /remove the brace/, never: /put the/ },
    { main: "log_timezone = 'UTC' ,\n", expected: ['error conf-syntax'], says: /remove the comma/ },
    { main: "log_timezone = 'UTC'.\n", expected: ['error conf-syntax'], says: /remove the full stop/ },
    { main: 'log_timezone = "UTC",\n', expected: ['error conf-syntax'], says: /comma after the value, and use single/ },
    { main: 'work_mem: 64MB,\n', expected: ['error conf-syntax'], says: /colon, and nothing can follow/ },
    { main: 'unix_socket_permissions = 0888\n', expected: ['error setting-value-invalid'], says: /digits 8 and 9/ },
    { main: 'shared_buffers = 4G\n', expected: ['error setting-unit-invalid'], says: /\. Write 4GB/ },
    { main: "shared_buffers = '128 mb'\n", expected: ['error setting-unit-invalid'], says: /\. Write 128MB/ },
    { main: 'work_mem = 64MiB\n', expected: ['error setting-unit-invalid'], says: /\. Write 64MB/ },
    { main: 'work_mem = 64min\n', expected: ['error setting-unit-invalid'], never: /Write 64/ },
    { main: 'checkpoint_timeout = 15m\n', expected: ['error setting-unit-invalid'], says: /\. Write 15min/ },
    { main: 'checkpoint_timeout = 15 minutes\n', expected: ['error conf-syntax'], says: /write 15min/ },
    { main: 'random_page_cost = 1,1\n', expected: ['error conf-syntax'], says: /point: write 1\.1/ },
    { main: 'max_connections = 1,000\n', expected: ['error conf-syntax'], says: /write 1000/ },
    { main: 'max_connections = 08\n', expected: ['error setting-value-invalid'], says: /no digits 8 and 9/ },
  ],
  'mistakes that the server does not report': [
    { main: "log_directory = 'C:\\pg\\new\\log'\n", expected: ['warning setting-backslash'] },
    { main: 'max_connections = 0200\n', expected: ['warning setting-octal'], says: /it is 128\. Write 200/ },
    { main: "work_mem = '0100MB'\n", expected: ['warning setting-octal'], says: /it is 64\. Write 100/ },
    // If the server refuses the number without its leading zero, the author meant a number in base 8.
    { main: 'port = 0177777\n', expected: [] },
    { main: 'checkpoint_timeout = 010\n', expected: ['error setting-out-of-range'], never: /Write 10/ },
    { main: "port = 'C:\\pg'\n", expected: ['error setting-value-invalid'], never: /backslash/ },
    {
      main: 'max_files_per_process = 0x800\nmax_worker_processes = 07\nwork_mem = 0x400\nseq_page_cost = 010\n',
      expected: [],
    },
    { main: 'unix_socket_permissions = 0770\n', expected: [] },
    { main: 'work_mem = 5MB\nwork_mem = 6MB\n', expected: ['info setting-repeated'] },
    {
      main: "work_mem = 5MB\ninclude 'x.conf'\n",
      files: { 'x.conf': 'work_mem = 6MB\n' },
      expected: ['info setting-repeated'],
    },
    {
      main: "listen_addresses = ''\nunix_socket_directories = ''\n",
      expected: ['error setting-conflict'],
      loads: 'none',
    },
    // PostgreSQL 12 starts with these settings, and refuses every connection with TLS.
    {
      main: "ssl = on\nssl_min_protocol_version = 'TLSv1.3'\nssl_max_protocol_version = 'TLSv1.2'\n",
      since: 12,
      until: 12,
      expected: ['warning setting-conflict'],
      says: /refuses every connection with TLS/,
    },
    { main: "synchronous_standby_names = '2147483648 (a)'\n", expected: ['error setting-value-invalid'] },
    { main: "synchronous_standby_names = '4294967297 (a)'\n", expected: [] },
    { main: 'client_min_messages = debug2\n', expected: [] },
    { main: "external_pid_file = ''\n", expected: [] },
    {
      main: "session_authorization = 'postgres'\n",
      expected: ['error setting-value-invalid'],
      says: /a file cannot set this setting/,
    },
    // Only starting a server shows this problem, because it depends on the directories on the disk.
    { main: "logging_collector = on\nlog_directory = '/no/such/place'\n", expected: [], loads: 'none' },
  ],
};

const asked: readonly PgMajor[] = judgingMajors.filter((major) => [10, 13, 15, 16, 18].includes(major));

for (const [kind, rows] of Object.entries(faults)) {
  for (const fault of rows) {
    const { main, auto, files, since = 9.6, until = 19, expected, says, never, loads } = fault;
    const text = JSON.stringify([main, ...(auto === undefined ? [] : [auto])]);
    test(`${kind}: ${text}`, () => {
      for (const version of [10, 11, 12, 13, 15, 16, 18, 19] as const) {
        if (version < since || version > until) continue;
        const tree = treeOf(fault, version);
        const found = tree.diagnostics.filter(({ code }) => code !== 'setting-unchecked');
        assert.deepEqual(
          found.map(({ severity, code }) => `${severity} ${code}`),
          expected,
          `${version}`,
        );
        const messages = found.map(({ message }) => message).join('\n');
        if (says !== undefined) assert.match(messages, says);
        if (never !== undefined) assert.doesNotMatch(messages, never);
      }
    });
    const isFollowed = files !== undefined || !/^include/m.test(main);
    if (loads === 'none' || !isFollowed) continue;
    test(`${kind}: servers judge ${text} as the table says`, {
      skip: asked.length === 0 && 'no server of these majors',
    }, () => {
      for (const version of asked.filter((major) => major >= since && major <= until)) {
        const isLoaded: boolean = loads ?? !expected.some((each) => each.startsWith('error'));
        const tree = { ...files, 'postgresql.conf': main, ...(auto !== undefined && { 'postgresql.auto.conf': auto }) };
        const { accepted, messages } = runPostgresC(version, tree, 'config_file', fault.commandLine);
        assert.equal(accepted, isLoaded, `${version}: ${messages.join('; ')}`);
      }
    });
  }
}

function treeOf({ main, auto, files, commandLine }: Fault, version: PgMajor): ConfTree {
  const readFile = (path: string): Uint8Array => {
    const text = files?.[path.replace('/d/', '')];
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return new TextEncoder().encode(text);
  };
  const options = { version, ...(files && { readFile }) };
  return ConfTree.read({
    main: ConfFile.parse(main, { ...options, file: '/d/postgresql.conf' }),
    ...(auto !== undefined && { auto: ConfFile.parse(auto, { ...options, file: '/d/postgresql.auto.conf' }) }),
    ...(commandLine && { commandLine }),
  });
}

test('no fix leaves a value that the server refuses', (t) => {
  const mended = [
    ...['max_conections = 50\n', 'port\u00a0= 5433\n', "log_directory = 'C:\\pg\\log'\n", 'work_mem = 4M\n'],
    ...['max-connections = 50\n', '"fsync" = off\n', 'work_mem => 4MB\n', 'port: "5432", # x\n'],
    ...['ssl_ca_file: root.crt # x\n', 'listen_addresses: *;\n', 'log_timezone = "UTC"\n'],
  ];
  const hopeless = [
    'max_conections = x\n',
    'port\u00a0= x\n',
    'port = 099999\n',
    "port = 'C:\\pg'\n",
    'work_mem = 4Mx\n',
    'max-connections = x\n',
    // Only the server can tell whether it accepts these values.
    ...['log_timezone = "Nowhere"\n', "timezone: 'Nowhere'\n", "log_tiemzone = 'Nowhere'\n", "lc_messages = 'xx'}\n"],
    ...['max_stack_depth = 0100GB\n', 'max_stack_depth = 100gb\n', 'max_stack_depth = 100 GB\n'],
  ];
  for (const version of asked) {
    for (const main of mended) {
      const fix = ConfFile.parse(main, { version }).diagnostics.find((each) => each.fix !== undefined)?.fix;
      assert.ok(fix, main);
      const { accepted } = runPostgresC(version, { 'postgresql.conf': withFix(main, fix) }, 'config_file');
      assert.ok(accepted, `${version}: ${withFix(main, fix)}`);
    }
    for (const main of hopeless) {
      const { diagnostics } = ConfFile.parse(main, { version });
      assert.ok(diagnostics.length > 0);
      assert.deepEqual(
        diagnostics.filter((each) => each.fix !== undefined),
        [],
        main,
      );
    }
  }
  if (asked.length === 0) t.skip('no server of these majors');
});

test('a log directory is left to the server, and a server that cannot make it does not start', async (t) => {
  const conf = "logging_collector = on\nlog_directory = '/no/such/place'\n";
  const [diagnostic] = ConfFile.parse(conf).diagnostics;
  assert.equal(diagnostic?.code, 'setting-unchecked');
  assert.match(diagnostic.message, /must be able to make files in the directory/);
  const major = asked.at(-1);
  if (major === undefined) return t.skip('no server of these majors');
  await assert.rejects(startServer({ major, conf }), /could not open log file/);
});

/** Values of `listen_addresses`, with the severity of the diagnostic, and a text in it. */
const listened: readonly (readonly [string, string, RegExp?])[] = [
  ['0.0.0.0/0', 'error', /has a prefix length, .*Write 0\.0\.0\.0 or \*/],
  ['::1/128', 'error', /has a prefix length, .*Write an address of the server/],
  ['10.0.0.5:5432', 'error', /has a port\. Write 10\.0\.0\.5, and set port = 5432/],
  ['*:5432', 'error', /has a port\. Write \*/],
  ['[::1]:5432', 'error', /has a port\. Write ::1,/],
  ['[::1]', 'error', /has brackets\. Write ::1/],
  ['http://localhost', 'error', /is a URL/],
  ['/tmp', 'error', /unix_socket_directories/],
  ['localhost;127.0.0.1', 'error', /Write a comma/],
  ['127.0.0.*', 'error', /takes no patterns/],
  ['999.1.1.1', 'error', /neither an IP address nor a host name/],
  ['127.0.0.1 ::1', 'error'],
  ['127.0.0.1, 0.0.0.0/0', 'warning', /does not listen at one of the addresses, because .*prefix length/],
  ['*, bad/x', 'warning', /neither an IP address nor a host name/],
  ['all', 'warning', /as a host name, .*Write '\*' for all addresses/],
  ['0', 'accepted'],
  ['127.1', 'accepted'],
  ['', 'accepted'],
];

test('listen_addresses has an error if the server does not start with it, and a warning if it listens at a part', async (t) => {
  for (const [value, severity, says] of listened) {
    const found = ConfFile.parse(`listen_addresses = '${value}'\n`).diagnostics.filter(
      ({ code }) => code !== 'setting-unchecked',
    );
    assert.equal(found[0]?.severity ?? 'accepted', severity, value);
    if (says !== undefined) assert.match(found[0]!.message, says);
  }
  // The file of hosts can contain such a name.
  assert.deepEqual(
    ConfFile.parse("listen_addresses = 'db.1'\n").diagnostics.map(({ severity }) => severity),
    ['info'],
  );
  const majors = asked.filter((major) => [10, 18].includes(major));
  if (majors.length === 0) return t.skip('no server of these majors');
  for (const major of majors) {
    const server = await startServer({ major, start: false });
    try {
      for (const [value, severity] of listened) {
        // A resolver may know any host name.
        if (value === 'all') continue;
        const output = await listen(server, value);
        assert.equal(/ready to accept connections/.test(output), severity !== 'error', `${major} ${value}: ${output}`);
        assert.equal(
          /WARNING: {2}could not create listen socket/.test(output),
          severity === 'warning' || /any TCP/.test(output),
        );
      }
    } finally {
      await server.remove();
    }
  }
});

/** Starts a server with a value of `listen_addresses`, stops it as soon as it is ready, and returns its messages. */
function listen({ major, dataDirectory, socketDirectory }: TestServer, value: string): Promise<string> {
  const settings = {
    listen_addresses: value,
    port: '59431',
    unix_socket_directories: socketDirectory,
    logging_collector: 'off',
  };
  const options = Object.entries(settings).flatMap(([name, text]) => ['-c', `${name}=${text}`]);
  const program = serverBinary(major, 'postgres');
  const child = spawn(program, ['-D', dataDirectory, ...options], {
    ...serverSpawnOptions(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (/ready to accept connections/.test(output)) child.kill('SIGINT');
  });
  return new Promise((resolve) => child.on('close', () => resolve(output)));
}

test('a number with a leading zero is the number that the diagnostic names', (t) => {
  if (asked.length === 0) return t.skip('no server of these majors');
  for (const version of asked) {
    for (const [text, read] of [
      ['0200', '128'],
      ['0310', '200'],
      ['07', '7'],
    ] as const) {
      const main = `max_connections = ${text}\n`;
      assert.equal(runPostgresC(version, { 'postgresql.conf': main }, 'max_connections').value, read, `${version}`);
      const [diagnostic] = ConfFile.parse(main, { version }).diagnostics;
      assert.equal(diagnostic?.message.includes(`it is ${read}.`) ?? false, text !== '07');
    }
  }
});
