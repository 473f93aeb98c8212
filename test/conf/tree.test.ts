import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { systemError } from '../../src/disk/system-error.ts';
import { PgHostsslError } from '../../src/errors.ts';
import { unreadCode } from '../../src/include/open-failure.ts';

const files: Readonly<Record<string, string>> = {
  '/d/postgresql.conf': "work_mem = 1MB\ninclude 'a.conf'\ninclude_dir 'conf.d'\nssl = on\n#port = 5432\n",
  '/d/a.conf': 'work_mem = 2MB\nshared_buffers = 1GB\n',
  '/d/conf.d/1.conf': 'Work_Mem = 3MB # last\n',
  '/d/conf.d/2.conf': "include_if_exists '../none.conf'\n",
  '/d/postgresql.auto.conf': "shared_buffers = '2GB'\n",
};
const notThere = (code: string) => Object.assign(new Error(code), { code });
const readFile = (path: string): Uint8Array => {
  if (files[path] === undefined) throw notThere('ENOENT');
  return new TextEncoder().encode(files[path]);
};
const readDirectory = (path: string): readonly string[] => {
  const names = Object.keys(files).filter((name) => name.startsWith(`${path}/`));
  if (names.length === 0) throw notThere('ENOTDIR');
  return names.map((name) => name.slice(path.length + 1)).reverse();
};
const parse = (file: string) => ConfFile.parse(readFile(file), { file, readFile, readDirectory });
const tree = ConfTree.read({
  main: parse('/d/postgresql.conf'),
  auto: parse('/d/postgresql.auto.conf'),
  commandLine: { port: 5433 },
});
const brief = ({ source, value, file, line }: ReturnType<ConfTree['effective']> & object) =>
  [source, value, file?.options.file, line].filter((part) => part !== undefined).join(' ');

test('effective returns the value in effect with its place and the overridden values', () => {
  const workMem = tree.effective('work_mem')!;
  assert.equal(brief(workMem), 'file 3MB /d/conf.d/1.conf 1');
  assert.deepEqual(
    workMem.overrides.map((other) => brief({ ...other, overrides: [] })),
    ['file 1MB /d/postgresql.conf 1', 'file 2MB /d/a.conf 1'],
  );
  assert.equal(brief(tree.effective('shared_buffers')!), 'auto 2GB /d/postgresql.auto.conf 1');
  assert.equal(brief(tree.effective('PORT')!), 'command-line 5433');
  assert.equal(brief(tree.effective('max_connections')!), 'default 100');
  assert.equal(tree.effective('no_such_setting'), undefined);
  assert.deepEqual(
    tree.files.map((file) => file.options.file),
    ['/d/postgresql.conf', '/d/a.conf', '/d/conf.d/1.conf', '/d/conf.d/2.conf', '/d/postgresql.auto.conf'],
  );
  assert.deepEqual(
    tree.diagnostics.map(({ code, severity }) => [code, severity]),
    [1, 2, 3].map(() => ['setting-repeated', 'info']),
  );
});

test('set changes the line that is in effect', () => {
  const { tree: after, file, overriddenBy } = tree.set('work_mem', '5MB');
  assert.equal(file.toString(), 'Work_Mem = 5MB # last\n');
  assert.equal(file.options.file, '/d/conf.d/1.conf');
  assert.equal(overriddenBy, undefined);
  assert.equal(brief(after.effective('work_mem')!), 'file 5MB /d/conf.d/1.conf 1');
  assert.equal(after.main, tree.main);
  assert.equal(brief(after.set('work_mem', '6MB').tree.effective('work_mem')!), 'file 6MB /d/conf.d/1.conf 1');
});

test('set names the lines that will override the new value', () => {
  const buffers = tree.set('shared_buffers', '3GB');
  assert.equal(buffers.file.toString(), 'work_mem = 2MB\nshared_buffers = 3GB\n');
  assert.equal(brief({ ...buffers.overriddenBy!, overrides: [] }), 'auto 2GB /d/postgresql.auto.conf 1');
  const port = tree.set('port', 5434);
  assert.match(port.file.toString(), /^port = 5434$/m);
  assert.equal(port.overriddenBy?.source, 'command-line');
  const early = tree.set('work_mem', '9MB', { file: '/d/postgresql.conf' });
  assert.equal(early.file.get('work_mem'), '9MB');
  assert.equal(early.overriddenBy?.value, '3MB');
  assert.throws(
    () => tree.set('work_mem', 1, { file: '/x' }),
    (error) => error instanceof PgHostsslError && error.code === 'file-unknown',
  );
});

test('a line of a file that is included twice is not reported as repeated', () => {
  const twice = ConfFile.parse("include 'a.conf'\ninclude_if_exists 'a.conf'\n", {
    file: '/d/x.conf',
    readFile: () => new TextEncoder().encode('work_mem = 1MB\n'),
  });
  assert.deepEqual(twice.diagnostics, []);
});

test('diagnostics follow includes, and name the file', () => {
  const main = ConfFile.parse("include 'a.conf'\ninclude 'none.conf'\nwork_mem = 1 # x\nssl = maybe\n", {
    file: '/d/x.conf',
    readFile: (path) =>
      path === '/d/a.conf' ? new TextEncoder().encode('ssl = on\nport = x\nwork_mem = y\n') : readFile(path),
  });
  assert.deepEqual(
    main.diagnostics.map(({ code, file, range }) => [code, file, range.start.line]),
    [
      ['include-failed', '/d/x.conf', 2],
      ['setting-out-of-range', '/d/x.conf', 3],
      ['setting-value-invalid', '/d/x.conf', 4],
      ['setting-repeated', '/d/a.conf', 1],
      ['setting-value-invalid', '/d/a.conf', 2],
      ['setting-repeated', '/d/a.conf', 3],
    ],
  );
  assert.deepEqual(
    ConfFile.parse("include 'a.conf'").diagnostics.map(({ code, severity }) => [code, severity]),
    [['include-not-followed', 'info']],
  );
});

test('the diagnostic of an unread include says whether the function or the right to read is missing', () => {
  const failing = (): never => {
    throw systemError(unreadCode, 'not read');
  };
  const text = "include 'a.conf'\ninclude_dir 'conf.d'\n";
  const messages = (readers: object) =>
    ConfFile.parse(text, { file: '/d/postgresql.conf', ...readers }).diagnostics.map(({ message }) => message);
  const give = 'were not read. Give the options readFile and readDirectory';
  assert.deepEqual(messages({}), [
    `The files of this include line ${give}`,
    `The files of this include_dir line ${give}`,
  ]);
  assert.deepEqual(messages({ readFile: failing, readDirectory: failing }), [
    'The files of this include line were not read: this process could not read /d/a.conf',
    'The files of this include_dir line were not read: this process could not read /d/conf.d',
  ]);
});

test('an include of a directory is reported as such', () => {
  const readDirectory = () => [];
  const readFile = () => {
    throw Object.assign(new Error('EISDIR'), { code: 'EISDIR' });
  };
  const { diagnostics } = ConfFile.parse("include 'conf.d'\n", { file: '/d/x.conf', readFile, readDirectory });
  assert.deepEqual(
    diagnostics.map(({ code, message }) => [code, message]),
    [
      [
        'include-failed',
        'The server does not load the file: /d/conf.d is a directory. Write include_dir to include its files',
      ],
    ],
  );
});

test('an unread file of an include_dir does not hide the later files', () => {
  const readers = {
    readFile: (path: string): Uint8Array => {
      if (path === '/d/conf.d/a.conf') throw systemError(unreadCode, 'not read');
      return new TextEncoder().encode('work_mem = 5MB\nport = bogus\n');
    },
    readDirectory: (path: string): readonly string[] => {
      if (path !== '/d/conf.d') throw notThere('ENOTDIR');
      return ['a.conf', 'b.conf'];
    },
  };
  const main = ConfFile.parse("include_dir 'conf.d'\n", { file: '/d/postgresql.conf', ...readers });
  const found = ConfTree.read({ main });
  assert.equal(found.effective('work_mem')?.value, '5MB');
  assert.deepEqual(
    found.diagnostics.map(({ code, file }) => [code, file]),
    [
      ['include-not-followed', '/d/postgresql.conf'],
      ['setting-value-invalid', '/d/conf.d/b.conf'],
    ],
  );
});

test('the message about reserved connections names reserved_connections only where the setting exists', () => {
  for (const [version, names] of [
    [15, 'superuser_reserved_connections'],
    [16, 'superuser_reserved_connections plus reserved_connections'],
  ] as const) {
    const { diagnostics } = ConfFile.parse('max_connections = 3\nsuperuser_reserved_connections = 3\n', { version });
    assert.deepEqual(
      diagnostics.map(({ message }) => message),
      [`The server does not start: ${names} must be less than max_connections`],
    );
  }
});
