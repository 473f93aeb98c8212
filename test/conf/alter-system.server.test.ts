import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { alterAutoConf, alterSystem, ConfFile, type SystemChanges } from '../../src/conf/index.ts';
import { quoteIdentifier } from '../../src/conf/server/keywords.ts';
import { runs, seed } from '../property.ts';
import { runPostgresC, type TestServer, withServer } from '../server/index.ts';
import { foretold, judgingMajors } from './postgres.ts';
import { valueText } from './property.ts';

const steps: readonly SystemChanges[] = [
  { work_mem: '5MB', log_line_prefix: "it's \\ %m ", ssl: false, max_connections: 50 },
  { search_path: ['$user', 'My "Schema"', 'a,b', 'public'], listen_addresses: 'localhost, 127.0.0.1' },
  { work_mem: 128, random_page_cost: 1.5 },
  { ssl: null, port: null, log_line_prefix: '', search_path: '"$user", Public' },
  { unix_socket_directories: ['/tmp'], DateStyle: 'ISO, DMY', log_destination: ['stderr', 'csvlog'] },
  { search_path: ['select', 'user', 'abort', 'between', 'json', 'xmltable', 'system_user', 'normalize'] },
];

const text = valueText.map((value) => value.replaceAll('\n', ''));
/** Values of settings whose elements the server reads as names. */
const names = fc.array(text, { minLength: 1, maxLength: 4 });
const step: fc.Arbitrary<SystemChanges> = fc.record(
  {
    application_name: text,
    log_line_prefix: text,
    ssl_ca_file: text,
    ssl_cert_file: text,
    search_path: names,
    cluster_name: text,
    unix_socket_directories: names.map((list) => list.map((path) => `/${path}`.slice(0, 60))),
  },
  { requiredKeys: [] },
);

for (const version of judgingMajors) {
  test(`ALTER SYSTEM on ${version} sets what alterSystem was given, and alterAutoConf writes the same file (seed ${seed})`, () =>
    withServer({ major: version }, async (server) => {
      await knowsKeyWords(server);
      const path = `${server.dataDirectory}/postgresql.auto.conf`;
      let file = ConfFile.parse(readFileSync(path), { version });
      for (const changes of [...steps, ...fc.sample(step, { seed, numRuns: runs(10) })]) {
        for (const sql of alterSystem(changes, version)) await server.query(sql);
        file = alterAutoConf(file, changes);
        assert.equal(file.toString(), readFileSync(path, 'utf8'));
        await server.reload();
        const session = await server.connect();
        const { rows } = await session.query('SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [taken]);
        await session.end();
        for (const { name, setting } of rows.filter(({ name }) => file.get(name) !== undefined)) {
          assert.equal(setting, foretold(name, file.get(name)!, version), name);
        }
      }
      await server.query('SET "select".x = 1');
      for (const sql of alterSystem({ 'select.x': "it's" }, version)) await server.query(sql);
      assert.equal(alterAutoConf(file, { 'select.x': "it's" }).toString(), readFileSync(path, 'utf8'));
      for (const name of needsRestart.filter((name) => file.get(name) !== undefined)) {
        const { value, messages } = runPostgresC(version, server.dataDirectory, name);
        assert.deepEqual([value, messages], [foretold(name, file.get(name)!, version), []], name);
      }
    }));
}

const standbys = ['my-standby', 'pg.1', 'any', 'first', 's1', 'Bob', '2', '2x', '*', 'a "b"'];

for (const version of judgingMajors) {
  test(`the names of standbys have the quotes that ${version} needs`, () => {
    const files = [
      ConfFile.parse('', { version }).set('synchronous_standby_names', standbys),
      alterAutoConf(ConfFile.parse('', { version }), { synchronous_standby_names: standbys }),
    ];
    for (const file of files) {
      const answer = runPostgresC(
        version,
        { 'postgresql.conf': file.toString(), PG_VERSION: `${version}\n` },
        'synchronous_standby_names',
      );
      const expected = '"my-standby", "pg.1", "any", "first", s1, "Bob", 2, "2x", *, "a ""b"""';
      assert.deepEqual([answer.messages, answer.value], [[], expected]);
    }
  });
}

/** Settings whose values are compared after a reload: a new session shows the value from postgresql.auto.conf. */
const taken = ['application_name', 'log_line_prefix', 'ssl_ca_file', 'ssl_cert_file', 'search_path'];
const needsRestart = ['cluster_name', 'unix_socket_directories'];

/** Checks that the library's list of SQL key words is the list of the server. */
async function knowsKeyWords(server: TestServer): Promise<void> {
  const rows = await server.query<{ word: string; quoted: string }>(
    'SELECT word, quote_ident(word) AS quoted FROM pg_get_keywords()',
  );
  assert.ok(rows.length > 400);
  for (const { word, quoted } of rows) assert.equal(quoteIdentifier(word, server.major), quoted);
}
