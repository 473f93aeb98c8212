import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alterAutoConf, alterSystem, ConfFile, ConfTree, changes } from '../../src/conf/index.ts';
import { PgHostsslError } from '../../src/errors.ts';

const before = ConfFile.parse(
  'ssl = on\nwork_mem = 4MB\nport = 5432\na.b = 1\nlog_connections = on\nshared_buffers = 1GB\n',
);

test('changes say when they act', () => {
  const after = before
    .set('port', 5433)
    .set('work_mem', '8MB')
    .set('log_connections', 'off')
    .set('a.b', 2)
    .set('shared_buffers', '1024MB')
    .unset('ssl');
  assert.deepEqual(
    changes(before, after).map(({ name, before, after, takesEffect }) => [name, before, after, takesEffect]),
    [
      ['ssl', 'on', undefined, 'reload'],
      ['work_mem', '4MB', '8MB', 'reload'],
      ['port', '5432', '5433', 'restart'],
      ['a.b', '1', '2', 'reload'],
      ['log_connections', 'on', 'off', 'new-sessions'],
    ],
  );
  assert.deepEqual(changes(before, before.unset('port').set('ssl', 'true')), []);
});

test('in a tree only what is in effect counts', () => {
  const auto = ConfFile.parse("port = '5434'\n");
  const tree = ConfTree.read({ main: before, auto });
  assert.deepEqual(changes(tree, tree.set('port', 5433).tree), []);
  assert.deepEqual(
    changes(tree, ConfTree.read({ main: before, auto: alterAutoConf(auto, { port: null, fsync: false }) })).map(
      (change) => change.name,
    ),
    ['port', 'fsync'],
  );
});

test('the context of a setting is that of its major', () => {
  const old = (text: string) => ConfFile.parse(text, { version: 9.6 });
  assert.equal(changes(old('ssl = off'), old('ssl = on'))[0]?.takesEffect, 'restart');
});

test('ALTER SYSTEM statements hold what they are given and no more', () => {
  assert.deepEqual(alterSystem({ 'my.x': "a'; DROP TABLE t; --\\", application_name: 'x"y' }), [
    "ALTER SYSTEM SET my.x = E'a''; DROP TABLE t; --\\\\'",
    "ALTER SYSTEM SET application_name = 'x\"y'",
  ]);
  const code = (expected: string) => (error: unknown) => error instanceof PgHostsslError && error.code === expected;
  const alter = alterSystem as (values: object) => readonly string[];
  for (const name of ['data_directory', 'server_version', 'no_such', 'config_file', 'a.b.c', '']) {
    assert.throws(() => alter({ [name]: 'x' }), code('setting-not-alterable'), name);
  }
  assert.throws(() => alterSystem({ unix_socket_directories: '' }), code('setting-not-alterable'));
  assert.throws(() => alterSystem({ application_name: 'a\nb' }), code('text-invalid'));
  assert.throws(() => alterAutoConf(ConfFile.parse('x'), {}), code('setting-not-alterable'));
});
