import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticate, lintAccess } from '../../src/access/index.ts';
import {
  Configuration,
  checkCertificates,
  type FileContents,
  locateConfiguration,
  readConfiguration,
} from '../../src/configuration/index.ts';
import type { PgHostsslError } from '../../src/errors.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import type { ReadingPort } from '../../src/tls/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { treePort } from './tree-port.ts';

/** Returns the contents of all files of a server; `files` adds or replaces some of them. */
function contentsOf(files: FileContents, version: PgMajor = 18): FileContents {
  return {
    '/d/PG_VERSION': `${version}\n`,
    '/d/postgresql.conf': '',
    '/d/postgresql.auto.conf': null,
    '/d/postmaster.opts': null,
    '/d/pg_hba.conf': 'local app all peer\n',
    '/d/pg_ident.conf': '',
    ...files,
  };
}

function told(contents: FileContents): string[] {
  return Configuration.fromContents(contents, '/d').diagnostics.map(({ severity, code }) => `${severity} ${code}`);
}

const opts = (parameters: string): string => `/usr/bin/postgres ${parameters}\n`;

/** The cases: their names, the files of a server, and the expected diagnostics. */
const cases: readonly (readonly [name: string, files: FileContents, expected: readonly string[]])[] = [
  ['nothing is wrong', {}, []],
  [
    'wal senders are off in postgresql.auto.conf',
    { '/d/postgresql.conf': 'wal_level = minimal\n', '/d/postgresql.auto.conf': 'max_wal_senders = 0\n' },
    [],
  ],
  ['wal senders are on', { '/d/postgresql.conf': 'wal_level = minimal\n' }, ['error setting-conflict']],
  [
    'wal senders are off on the command line',
    { '/d/postgresql.conf': 'wal_level = minimal\n', '/d/postmaster.opts': opts('"-c" "max_wal_senders=0"') },
    [],
  ],
  [
    'postgresql.auto.conf was not read',
    { '/d/postgresql.conf': 'wal_level = minimal\n', '/d/postgresql.auto.conf': undefined as never },
    ['info setting-conflict', 'info configuration-file-unread'],
  ],
  [
    'an included file was not read',
    { '/d/postgresql.conf': "wal_level = minimal\ninclude 'x.conf'\n" },
    ['info setting-conflict', 'info include-not-followed'],
  ],
  [
    'an included file is not there',
    { '/d/postgresql.conf': "include 'x.conf'\n", '/d/x.conf': null },
    ['error include-failed'],
  ],
  [
    'data_directory names this directory',
    { '/d/postgresql.conf': "data_directory = '/d/../d/'\n" },
    ['info setting-unchecked'],
  ],
  [
    'data_directory names another directory',
    { '/d/postgresql.conf': "data_directory = '/other'\n", '/d/pg_ident.conf': '' },
    ['info setting-unchecked', 'info configuration-data-directory'],
  ],
  ['pg_hba.conf is not there', { '/d/pg_hba.conf': null }, ['error configuration-file-missing']],
  ['pg_hba.conf was not read', { '/d/pg_hba.conf': undefined as never }, ['info configuration-file-unread']],
  ['pg_hba.conf is empty', { '/d/pg_hba.conf': '# nothing\n' }, ['error hba-no-entries']],
  [
    'pg_hba.conf is empty but for a file that was not read',
    { '/d/pg_hba.conf': 'include x\n' },
    ['info hba-no-entries', 'info include-not-followed'],
  ],
  [
    'TLS is off',
    { '/d/pg_hba.conf': 'hostssl app all all cert\n' },
    ['warning hba-hostssl-without-ssl', 'warning hba-clientcert-without-ca'],
  ],
  [
    'TLS may be on in a file that was not read',
    { '/d/pg_hba.conf': 'hostssl app all all cert\n', '/d/postgresql.conf': "include 'x.conf'\n" },
    ['info include-not-followed'],
  ],
  [
    'TLS is on without a CA, and without files',
    {
      '/d/pg_hba.conf': 'hostssl app all all cert\n',
      '/d/postgresql.conf': 'ssl = on\n',
      '/d/server.crt': null,
      '/d/server.key': null,
    },
    ['warning hba-clientcert-without-ca', 'error configuration-file-missing', 'error configuration-file-missing'],
  ],
  ['a map is not defined', { '/d/pg_hba.conf': 'local app all peer map=m\n' }, ['warning access-map-undefined']],
  [
    'a map may be defined',
    { '/d/pg_hba.conf': 'local app all peer map=m\n', '/d/pg_ident.conf': undefined as never },
    ['info configuration-file-unread'],
  ],
  [
    'pg_ident.conf is elsewhere',
    { '/d/postgresql.conf': "ident_file = '/x/i.conf'\n", '/x/i.conf': 'm a b\n' },
    ['info access-map-unused'],
  ],
  [
    'db_user_namespace',
    {
      '/d/PG_VERSION': '15\n',
      '/d/postgresql.conf': 'db_user_namespace = on\n',
      '/d/pg_hba.conf': 'local app all md5\n',
    },
    ['error hba-md5-with-namespace'],
  ],
  [
    'a relative hba_file',
    { '/d/postgresql.conf': "hba_file = 'x'\n" },
    ['info setting-unchecked', 'info configuration-file-unread'],
  ],
  [
    'hba_file names a file that is there',
    { '/d/postgresql.conf': "hba_file = '/x/h'\n", '/x/h': 'local all all peer\n' },
    [],
  ],
  [
    'hba_file names a file that is there, and another line names a directory',
    { '/d/postgresql.conf': "data_directory = '/d'\nhba_file = '/x/h'\n", '/x/h': 'local all all peer\n' },
    ['info setting-unchecked'],
  ],
  [
    'postgresql.auto.conf names a file that is there in the line in which another file names a directory',
    {
      '/d/postgresql.conf': "data_directory = '/d'\n",
      '/d/postgresql.auto.conf': "hba_file = '/x/h'\n",
      '/x/h': 'local all all peer\n',
    },
    ['info setting-unchecked'],
  ],
  [
    'TLS is on in a line with a syntax error',
    { '/d/pg_hba.conf': 'hostssl app all all cert\n', '/d/postgresql.conf': "ssl = on;\nssl_ca_file = 'root.crt';\n" },
    ['error conf-syntax', 'error conf-syntax', 'info configuration-settings-unknown'],
  ],
  [
    'TLS is on, and another line has a syntax error',
    { '/d/postgresql.conf': 'ssl = on\nport = 5432;\n' },
    ['error conf-syntax', 'info configuration-settings-unknown'],
  ],
  [
    'postgresql.auto.conf has a syntax error',
    { '/d/pg_hba.conf': 'hostssl app all all cert\n', '/d/postgresql.auto.conf': "ssl = 'on\n" },
    ['error conf-syntax', 'info configuration-settings-unknown'],
  ],
  [
    'an included file with the TLS settings is not there',
    { '/d/pg_hba.conf': 'hostssl app all all cert\n', '/d/postgresql.conf': "include 'x.conf'\n", '/d/x.conf': null },
    ['error include-failed', 'info configuration-settings-unknown'],
  ],
  [
    'db_user_namespace may be on in a line with a syntax error',
    {
      '/d/PG_VERSION': '15\n',
      '/d/postgresql.conf': 'db_user_namespace = on;\n',
      '/d/pg_hba.conf': 'local app all md5\n',
    },
    ['error conf-syntax', 'info hba-md5-with-namespace'],
  ],
  ['TLS files were read', { '/d/postgresql.conf': `ssl = on\n${tlsPaths('tls/../x.pem')}`, '/d/x.pem': 'x' }, []],
  [
    'pg_hba.conf was read from another place',
    { '/d/postgresql.conf': "hba_file = '/x/hba'\n", '/x/hba': 'local app all peer\n' },
    [],
  ],
  [
    'TLS files outside of the data directory were read',
    { '/d/postgresql.conf': `ssl = on\n${tlsPaths('../x.pem')}`, '/x.pem': 'x' },
    [],
  ],
];

function tlsPaths(path: string): string {
  return ['ssl_cert_file', 'ssl_key_file', 'ssl_ca_file'].map((name) => `${name} = '${path}'\n`).join('');
}

for (const [name, files, expected] of cases) {
  test(`a configuration: ${name}`, async () => {
    const contents = Object.fromEntries(Object.entries(contentsOf(files)).filter(([, text]) => text !== undefined));
    assert.deepEqual(told(contents), expected);
    // The same files are read through a `ReadingPort`. Files whose content is not given exist there, but only their
    // owner may read them.
    const all = contentsOf(files);
    const included = name.includes('not read') ? { '/d/x.conf': null, '/d/x': null } : {};
    const tree = Object.fromEntries(
      Object.entries({ ...included, ...all }).flatMap(([path, text]): [string, string | null][] => {
        if (text === undefined || (path in included && !(path in all))) return [[path, null]];
        return text === null ? [] : [[path, text as string]];
      }),
    );
    const configuration = await readConfiguration('/d', { files: treePort(tree) });
    assert.deepEqual(
      configuration.diagnostics.map(({ severity, code }) => `${severity} ${code}`),
      expected,
    );
  });
}

test('a configuration is an input of each question about access', () => {
  const hba = 'hostssl app all all cert map=m\n';
  const configuration = Configuration.fromContents(
    contentsOf({
      '/d/postgresql.conf': "ssl = on\nssl_ca_file = 'r.crt'\n",
      '/d/pg_hba.conf': hba,
      '/d/pg_ident.conf': 'm cn zoe\n',
    }),
    '/d',
  );
  const connection = { transport: 'ssl', address: '10.0.0.1', database: 'app', user: 'zoe' } as const;
  assert.equal(authenticate(configuration, { ...connection, certificate: { subject: 'CN=cn' } }).kind, 'admitted');
  assert.equal(authenticate(configuration, { ...connection, certificate: { subject: 'CN=x' } }).kind, 'refused');
  assert.ok(lintAccess(configuration).every(({ severity }) => severity !== 'error'));
  assert.doesNotMatch(JSON.stringify(configuration), /secret/);
});

test('a pg_hba.conf that was not read is reported, and does not count as an empty file', () => {
  const configuration = Configuration.fromContents({ '/d/postgresql.conf': '' }, { dataDirectory: '/d', version: 18 });
  assert.throws(() => configuration.hba, { code: 'file-not-readable' });
  assert.throws(() => Configuration.fromContents({ '/d/postgresql.conf': '' }, '/d'), { code: 'version-unknown' });
  assert.throws(() => Configuration.fromContents({ '/d/PG_VERSION': '99\n' }, '/d'), /Major version 99 is not known/);
});

test('the TLS files are those of pg_hosts.conf and of the settings, each with its state', () => {
  const files = {
    '/d/postgresql.conf': "ssl = on\nssl_sni = on\nssl_ca_file = 'root.crt'\n",
    '/d/pg_hosts.conf': 'include more.conf\n',
    '/d/more.conf': 'a a.crt /k/a.key a.ca\nb b.crt b.key\n',
    ...{ '/d/a.crt': 'x', '/k/a.key': null, '/d/b.crt': 'x', '/d/b.key': 'x' },
    ...{ '/d/server.crt': 'x', '/d/server.key': null, '/d/root.crt': 'x' },
  };
  const { tlsFiles, diagnostics } = Configuration.fromContents(contentsOf(files, 19), '/d');
  assert.deepEqual(
    tlsFiles.map(({ setting, path, state, named }) => [setting, path, state, named?.field, named?.file, named?.line]),
    [
      ['ssl_cert_file', '/d/server.crt', 'read', undefined, undefined, undefined],
      ['ssl_key_file', '/d/server.key', 'missing', undefined, undefined, undefined],
      ['ssl_ca_file', '/d/root.crt', 'read', undefined, undefined, undefined],
      ['hosts_file', '/d/a.crt', 'read', 'certificate', '/d/more.conf', 1],
      ['hosts_file', '/k/a.key', 'missing', 'privateKey', '/d/more.conf', 1],
      ['hosts_file', '/d/a.ca', 'unread', 'ca', '/d/more.conf', 1],
      ['hosts_file', '/d/b.crt', 'read', 'certificate', '/d/more.conf', 2],
      ['hosts_file', '/d/b.key', 'read', 'privateKey', '/d/more.conf', 2],
    ],
  );
  // The server does not load the files of the settings, so the missing /d/server.key is no error.
  assert.deepEqual(
    diagnostics.map(({ severity, message, file, range }) => [severity, message, file, range.start.line]),
    [
      [
        'error',
        'The server does not start: ssl is on, and the file of pg_hosts.conf is not at /k/a.key',
        '/d/more.conf',
        1,
      ],
      ['info', '/d/a.ca was not read, so it is unknown whether the server starts', '/d/more.conf', 1],
    ],
  );
});

test('if pg_hosts.conf was not read, no file of a setting is an error', async () => {
  const files = {
    '/d/postgresql.conf': 'ssl = on\nssl_sni = on\n',
    '/d/pg_hba.conf': 'local all all trust\n',
    ...{ '/d/server.crt': 'x', '/d/server.key': null },
  };
  const told = async (changes: Readonly<Record<string, string | null>>) => {
    const configuration = Configuration.fromContents(contentsOf({ ...files, ...changes }, 19), '/d');
    const all = [...configuration.diagnostics, ...(await checkCertificates(configuration))];
    return all
      .filter(({ code }) => code !== 'hba-replication-uncovered')
      .map(({ severity, code }) => `${severity} ${code}`);
  };
  assert.deepEqual(await told({}), ['info configuration-file-unread']);
  const errors = ['error configuration-file-missing', 'error ssl-file-invalid'];
  for (const missing of [null, '# none\n']) assert.deepEqual(await told({ '/d/pg_hosts.conf': missing }), errors);
});

test('the CA file is that of the records of pg_hosts.conf, if it has records', () => {
  const factOf = (caFile: string, hosts: string | null | undefined): boolean | undefined => {
    const conf = `ssl = on\nssl_sni = on\nssl_ca_file = '${caFile}'\n`;
    const files = { '/d/postgresql.conf': conf, '/d/pg_hba.conf': 'hostssl all all all cert\n' };
    const configuration = Configuration.fromContents(
      contentsOf(hosts === undefined ? files : { ...files, '/d/pg_hosts.conf': hosts }, 19),
      '/d',
    );
    const { sslCa } = configuration.serverFacts;
    const connection = { transport: 'ssl', address: '10.0.0.1', database: 'a', user: 'u' } as const;
    const answer = authenticate(configuration, { ...connection, certificate: { subject: 'CN=u' } });
    assert.equal(answer.kind === 'refused' && answer.because === 'ca-missing', sslCa === false);
    return sslCa;
  };
  assert.deepEqual([factOf('root.crt', null), factOf('', null)], [true, false]);
  assert.deepEqual([factOf('root.crt', '# none\n'), factOf('', '# none\n')], [true, false]);
  assert.deepEqual([factOf('', 'a c k ca\n'), factOf('root.crt', 'a c k\n')], [true, false]);
  assert.equal(factOf('root.crt', 'a c k ""\n'), false);
  assert.equal(factOf('root.crt', 'a c k ca\n* c k\n'), undefined);
  assert.equal(factOf('root.crt', 'a c k ca\ninclude more\n'), undefined);
  assert.equal(factOf('root.crt', undefined), undefined);
});

test('pg_hosts.conf belongs to a configuration only if the major version has ssl_sni', () => {
  const files = { '/d/postgresql.conf': 'ssl_sni = on\n', '/d/pg_hba.conf': '', '/d/pg_hosts.conf': 'a c k\n' };
  const contents = { ...files, '/d/postgresql.auto.conf': null, '/d/postmaster.opts': null };
  const hostsOf = (version: 18 | 19) => Configuration.fromContents(contents, { dataDirectory: '/d', version }).hosts;
  assert.equal(hostsOf(18), undefined);
  assert.equal(hostsOf(19)?.hosts.length, 1);
  const off = { ...contents, '/d/postgresql.conf': '' };
  assert.equal(Configuration.fromContents(off, { dataDirectory: '/d', version: 19 }).hosts, undefined);
});

test('a file of DH parameters stays unchecked, because no function looks into it', () => {
  const conf = "ssl = on\nssl_dh_params_file = 'junk'\n";
  const contents = { '/d/postgresql.conf': conf, '/d/postgresql.auto.conf': null, '/d/junk': 'x' };
  const { diagnostics } = Configuration.fromContents(contents, { dataDirectory: '/d', version: 18 });
  const unchecked = diagnostics.filter(({ code }) => code === 'setting-unchecked');
  assert.deepEqual(
    unchecked.map(({ range }) => range.start.line),
    [2],
  );
});

test('a relative hba_file is named as the reason why pg_hba.conf was not read', () => {
  const said = (contents: Readonly<Record<string, string>>) => {
    const configuration = Configuration.fromContents(contents, { dataDirectory: '/d', version: 18 });
    const { message } = configuration.diagnostics.find(({ message }) => /pg_hba\.conf was not read/.test(message))!;
    assert.throws(() => configuration.hba, /The `diagnostics` of the configuration say why/);
    return message;
  };
  const relative = /The path in hba_file is relative to the directory in which the server was started/;
  assert.match(said({ '/d/postgresql.conf': "hba_file = 'pg_hba.conf'\n" }), relative);
  assert.doesNotMatch(said({ '/d/postgresql.conf': "hba_file = '/d/pg_hba.conf'\n" }), relative);
  assert.doesNotMatch(said({ '/d/postgresql.conf': '' }), relative);
});

test('include_dir, `..` and paths relative to the including file are followed on a disk', async () => {
  const tree = {
    '/c/PG_VERSION': '16\n',
    '/c/postgresql.conf': "include_dir = '../conf.d'\n",
    '/conf.d/b.conf': "include 'more/c.inc'\nport = 5434\n",
    '/conf.d/a.conf': 'port = 5433\n',
    '/conf.d/more/c.inc': "hba_file = '/h/pg_hba.conf'\n",
    '/h/pg_hba.conf': 'include rules/x.conf\nlocal @dbs all peer\n',
    '/h/rules/x.conf': 'local app all peer\n',
    '/h/dbs': 'a b\n',
  };
  const configuration = await readConfiguration('/c', { files: treePort(tree) });
  assert.equal(configuration.conf.effective('port')?.value, '5434');
  assert.deepEqual(
    configuration.diagnostics.map(({ code }) => code),
    ['setting-repeated'],
  );
  assert.equal(configuration.hba.expandedRecords().length, 2);
});

const layouts: readonly (readonly [
  name: string,
  tree: Readonly<Record<string, string | null>>,
  found: readonly string[],
])[] = [
  [
    'Debian',
    {
      '/etc/postgresql/15/main/postgresql.conf': "data_directory = '/var/lib/postgresql/15/main'\nport = 5433\n",
      '/var/lib/postgresql/15/main/PG_VERSION': '15\n',
      '/var/lib/postgresql/15/main/postmaster.opts': opts(
        '"-D" "/var/lib/postgresql/15/main" "-c" "config_file=/etc/postgresql/15/main/postgresql.conf"',
      ),
      '/etc/postgresql/16/other/postgresql.conf': "data_directory = '/srv/pg16'\n",
      '/srv/pg16/PG_VERSION': '16\n',
    },
    [
      'debian 15 5433 /var/lib/postgresql/15/main /etc/postgresql/15/main/postgresql.conf',
      'debian 16 - /srv/pg16 /etc/postgresql/16/other/postgresql.conf',
    ],
  ],
  [
    'Docker',
    {
      '/var/lib/postgresql/data/PG_VERSION': '17\n',
      '/var/lib/postgresql/data/postgresql.conf': '',
      '/var/lib/postgresql/18/docker/PG_VERSION': '18\n',
      '/var/lib/postgresql/18/docker/postgresql.conf': '',
      '/var/lib/postgresql/18/docker/postmaster.pid': '1\n/var/lib/postgresql/18/docker\n1700000000\n5432\n/tmp\n*\n',
    },
    ['debian 18 5432 /var/lib/postgresql/18/docker', 'docker 17 - /var/lib/postgresql/data'],
  ],
  [
    'RPM packages',
    {
      '/var/lib/pgsql/data/PG_VERSION': '13\n',
      '/var/lib/pgsql/data/postgresql.conf': '',
      '/var/lib/pgsql/16/data/PG_VERSION': '16\n',
      '/var/lib/pgsql/16/data/postgresql.conf': 'port = 5434\n',
    },
    ['rpm 13 - /var/lib/pgsql/data', 'rpm 16 5434 /var/lib/pgsql/16/data'],
  ],
  [
    'Homebrew',
    {
      '/opt/homebrew/var/postgresql@16/PG_VERSION': '16\n',
      '/opt/homebrew/var/postgresql@16/postgresql.conf': '',
      '/usr/local/var/postgres/PG_VERSION': '9.6\n',
    },
    ['homebrew 16 - /opt/homebrew/var/postgresql@16', 'homebrew 9.6 - /usr/local/var/postgres'],
  ],
];

for (const [name, tree, expected] of layouts) {
  test(`finds the servers of ${name}, with the evidence`, async () => {
    const found = await locateConfiguration({}, { files: treePort(tree) });
    assert.deepEqual(
      found.map(({ layout, version, port, dataDirectory, conf }) =>
        [layout, version, port ?? '-', dataDirectory, ...(conf.startsWith(dataDirectory) ? [] : [conf])].join(' '),
      ),
      expected,
    );
    for (const each of found) {
      assert.ok(each.evidence.length > 0);
      for (const { path } of each.evidence) assert.ok(path in tree, path);
    }
    const [first] = found;
    const { dataDirectory, conf } = first!;
    const ofCandidate = await readConfiguration(first!, { files: treePort(tree) });
    assert.deepEqual([ofCandidate.dataDirectory, ofCandidate.conf.main.options.file], [dataDirectory, conf]);
    const configuration = await readConfiguration({ dataDirectory, conf }, { files: treePort(tree) });
    assert.equal(configuration.version, first?.version);
    const [again] = await locateConfiguration({ dataDirectory }, { files: treePort(tree) });
    assert.equal(again?.dataDirectory, dataDirectory);
  });
}

test('a data directory is found by each of its paths, and only with its own postgresql.conf', async () => {
  const conf = '/etc/postgresql/16/main/postgresql.conf';
  const tree = {
    [conf]: "data_directory = '/var/lib/postgresql//16/main/'\nport = 5433\n",
    '/var/lib/postgresql/16/main/PG_VERSION': '16\n',
  };
  const port = treePort(tree);
  const files = {
    ...port,
    realPath: async (path: string) => (path === '/srv/link' ? '/var/lib/postgresql/16/main' : path),
  };
  const main = '/var/lib/postgresql/16/main';
  for (const dataDirectory of [undefined, main, `${main}/`, '/var/lib//postgresql/./16/main', '/srv/link']) {
    const found = await locateConfiguration(dataDirectory === undefined ? {} : { dataDirectory }, { files });
    assert.deepEqual(
      found.map((each) => [each.dataDirectory, each.conf, each.port]),
      [[main, conf, 5433]],
      dataDirectory,
    );
  }
  assert.deepEqual(await locateConfiguration({ port: 5432 }, { files }), []);
});

test('messages tell where else postgresql.conf can be, and why a file was not read', async () => {
  const tree = { '/data/PG_VERSION': '16\n', '/etc/pg/postgresql.conf': '' };
  const messagesOf = async (files: ReadingPort): Promise<readonly string[]> => {
    const { diagnostics } = await readConfiguration('/data', { files });
    return diagnostics.map(({ message }) => message);
  };
  const [missing] = await messagesOf(treePort(tree));
  assert.match(
    missing!,
    /postgresql\.conf is not at .*give its path as `conf`; locateConfiguration looks for the file$/,
  );
  await assert.rejects(readConfiguration('/etc/pg', { files: treePort(tree) }), {
    code: 'version-unknown',
    hint: /give the path of postgresql\.conf as `conf`/,
  });
  const port = treePort({ ...tree, '/data/postgresql.conf': '', '/data/pg_ident.conf': '' });
  const read: ReadingPort['read'] = async (path) => {
    if (path === '/data/pg_hba.conf') throw new Error('EACCES: permission denied');
    return await port.read(path);
  };
  const [unread] = await messagesOf({ ...port, read });
  assert.equal(unread, '/data/pg_hba.conf was not read, so its content is unknown. EACCES: permission denied');
});

test('a port selects the servers that use it, and those whose port is not known', async () => {
  const [, tree] = layouts[0]!;
  const found = await locateConfiguration({ port: 5499 }, { files: treePort(tree) });
  assert.deepEqual(
    found.map(({ dataDirectory }) => dataDirectory),
    ['/srv/pg16'],
  );
  for (const port of [0, -1, 1.5, 65_536, Number.NaN, '5432' as never]) {
    await assert.rejects(locateConfiguration({ port }, { files: treePort(tree) }), {
      code: 'argument-invalid',
      message: /^Port of locateConfiguration is no TCP port: /,
    });
  }
});

test('a place that is no path is rejected', async () => {
  for (const name of ['dataDirectory', 'conf', 'startDirectory']) {
    for (const path of ['', 'a\0b', 5]) {
      const place = { dataDirectory: '/d', [name]: path } as never;
      const refused = { code: 'argument-invalid', message: new RegExp(`${name} in .* must be a path`) };
      await assert.rejects(readConfiguration(place, { files: treePort({}) }), refused);
    }
  }
  for (const dataDirectory of ['', 'a\0b', 5 as never]) {
    const refused = { code: 'argument-invalid', message: /data directory of locateConfiguration must be a path/ };
    await assert.rejects(locateConfiguration({ dataDirectory }, { files: treePort({}) }), refused);
  }
});

test('the command line gives only the settings that its options change', async () => {
  const parameters =
    '"-c" "x" "--ssl=on" "-p" "5440" "-il" "-c" "work-mem=8MB" "-d" "5" "-S" "77" "-F" "-r" "port=1" "-eOPsW" "3"';
  const tree = { '/d/PG_VERSION': '18\n', '/d/postgresql.conf': '', '/d/postmaster.opts': opts(parameters) };
  const { conf } = await readConfiguration('/d', { files: treePort(tree) });
  const names = ['port', 'ssl', 'listen_addresses', 'work_mem', 'fsync', 'max_connections'];
  const others = ['DateStyle', 'allow_system_table_mods', 'ignore_system_indexes', 'log_statement_stats'];
  assert.deepEqual(
    [...names, ...others, 'post_auth_delay'].map((name) => conf.effective(name)?.value),
    ['5440', 'on', '*', '77', 'off', '100', 'euro', 'true', 'true', 'true', '3'],
  );
});

test('includes, postgresql.auto.conf and the last start say where a server is', async () => {
  const conf = '/etc/postgresql/16/main/postgresql.conf';
  const tree = {
    [conf]: "include_dir = 'conf.d'\n",
    '/etc/postgresql/16/main/conf.d/a.conf': "data_directory = '/srv/a'\nport = 5433\n",
    '/srv/a/PG_VERSION': '16\n',
    '/srv/a/postgresql.auto.conf': "port = '5434'\n",
  };
  const [found] = await locateConfiguration({}, { files: treePort(tree) });
  assert.deepEqual([found?.dataDirectory, found?.port], ['/srv/a', 5434]);
  const started = { ...tree, '/srv/a/postmaster.opts': opts('"-D" "/srv/a" "-p" "5435"') };
  const [again] = await locateConfiguration({}, { files: treePort(started) });
  assert.equal(again?.port, 5435);
  const configuration = await readConfiguration({ conf }, { files: treePort(started) });
  assert.deepEqual([configuration.dataDirectory, configuration.conf.effective('port')?.value], ['/srv/a', '5435']);
});

test('a PG_VERSION that may not be read is an error with the reason and the way out', async () => {
  const refuse = async (path: string): Promise<never> => {
    throw Object.assign(new Error(`EACCES: permission denied, open '${path}'`), { code: 'EACCES' });
  };
  const files = { read: refuse, list: refuse, statDirectory: refuse, realPath: async (path: string) => path };
  await assert.rejects(readConfiguration('/d', { files }), ({ code, message, hint }: PgHostsslError) => {
    assert.equal(code, 'version-unknown');
    assert.match(message, /EACCES/);
    assert.match(hint!, /account that owns the data directory/);
    return true;
  });
});

test('faults of the CA file are not blamed on the server certificate', async () => {
  const authority = await CertificateAuthority.create({ subject: '/CN=Own' });
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['a'], validity: { days: 90 } });
  const found = async (ca: string): Promise<readonly string[]> => {
    const files = contentsOf({
      '/d/postgresql.conf': "ssl = on\nssl_ca_file = 'root.crt'\n",
      '/d/server.crt': chain,
      '/d/server.key': privateKey.toPem(),
      '/d/root.crt': ca,
    });
    const diagnostics = await checkCertificates(Configuration.fromContents(files, '/d'));
    return diagnostics.map(({ severity, code, message }) => `${severity} ${code} ${/\/d\/\S+/.exec(message)}`);
  };
  const half = `${authority.certificate.slice(0, 200)}\n`;
  assert.deepEqual(await found(authority.certificate), []);
  assert.deepEqual(await found(authority.certificate + half), ['error ssl-file-invalid /d/root.crt']);
  assert.deepEqual(await found(`\uFEFF${authority.certificate}`), ['warning ssl-file-invalid /d/root.crt']);
  assert.deepEqual(await found(`\uFEFF# Own\n${authority.certificate}`), []);
});
