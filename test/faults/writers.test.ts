import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { alterAutoConf, alterSystem, ConfFile } from '../../src/conf/index.ts';
import { forEachMajor, runPostgresC, withServer } from '../server/index.ts';

test('ConfFile.set rejects a value that the server refuses, unless it is forced', () => {
  const file = ConfFile.parse('');
  const refused = { code: 'setting-refused' };
  const set = (name: string, value: string | number): ConfFile => file.set(name as 'a.b', value);
  for (const [name, value] of [
    ['port', 99999],
    ['ssl', 'maybe'],
    ['ssl_cafile', 'x'],
    ['pg_stat_statements.max', 'abc'],
    ['checkpoint_segments', 3],
  ] as const) {
    assert.throws(() => set(name, value), refused, name);
    assert.equal(file.set(name as 'a.b', value, { force: true }).get(name), String(value));
  }
  assert.throws(
    () => set('ssl_passphrase_command', 'x').set('port', 'secret' as '1'),
    (error: Error) => {
      return !error.message.includes('secret');
    },
  );
});

test('alterSystem and alterAutoConf empty a list, or throw', () => {
  const lists = ['session_preload_libraries', 'shared_preload_libraries', 'local_preload_libraries'] as const;
  for (const name of lists) {
    for (const value of ['', []]) {
      assert.throws(() => alterSystem({ [name]: value }, 18), { code: 'setting-not-alterable' });
      assert.deepEqual(alterSystem({ [name]: value }, 19), [`ALTER SYSTEM SET ${name} = NULL`]);
    }
    const auto = alterAutoConf(ConfFile.parse(`${name} = 'x'\n`), { [name]: '' });
    assert.equal(auto.get(name), '');
  }
  assert.deepEqual(alterSystem({ temp_tablespaces: [] }, 18), ["ALTER SYSTEM SET temp_tablespaces = ''"]);
});

forEachMajor([10, 13, 15, 16, 18, 19], (major) => {
  test('the server reads an emptied list as a list without elements', () => {
    const main = "session_preload_libraries = 'no_such_library'\n";
    const auto = alterAutoConf(ConfFile.parse(''), { session_preload_libraries: [] }).toString();
    const files = { 'postgresql.conf': main, 'postgresql.auto.conf': auto };
    assert.equal(runPostgresC(major, files, 'session_preload_libraries').value, '');
  });

  test('the server makes temporary tables after temp_tablespaces was emptied', () =>
    withServer({ major }, async (server) => {
      for (const statement of alterSystem({ temp_tablespaces: '' }, major)) await server.query(statement);
      assert.match(readFileSync(`${server.dataDirectory}/postgresql.auto.conf`, 'utf8'), /temp_tablespaces/);
      await server.stop();
      await server.start();
      await server.query('CREATE TEMP TABLE t (a int)');
    }));
});
