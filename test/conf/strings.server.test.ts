import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfFile } from '../../src/conf/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { runs, seed } from '../property.ts';
import { readSample, withServer } from '../server/index.ts';
import { judgingMajors, loadConf } from './postgres.ts';
import { valueText } from './property.ts';

/** Text settings that a reload changes in new sessions. */
const reloaded = ['application_name', 'log_line_prefix', 'ssl_cert_file', 'ssl_key_file', 'ssl_ca_file'] as const;
/** Text settings that take effect only at a start of the server. */
const started = [
  'cluster_name',
  'unix_socket_directories',
  'ssl_crl_file',
  'dynamic_library_path',
  'event_source',
] as const;

/** Lists of schema names of at most 63 bytes, without the server's own schemas except `public`. */
const schemaNames = fc
  .uniqueArray(
    valueText.map(cut).filter((name) => name !== '' && !/^pg_|^\$user$|^public$/.test(name)),
    { maxLength: 4 },
  )
  .map((names) => [...names, 'public']);

function cut(text: string): string {
  const characters = [...text];
  while (Buffer.byteLength(characters.join('')) > 63) characters.pop();
  return characters.join('');
}

for (const version of judgingMajors) {
  test(`a running server ${version} shows any text unchanged (seed ${seed})`, () =>
    withServer({ major: version }, async (server) => {
      const stock = ConfFile.parse(readFileSync(`${server.dataDirectory}/postgresql.conf`), { version });
      const samples = fc.sample(fc.tuple(fc.tuple(...reloaded.map(() => valueText)), schemaNames), {
        seed,
        numRuns: runs(6),
      });
      for (const [texts, schemas] of samples) {
        const file = reloaded
          .reduce((conf, name, i) => conf.set(name, texts[i]!, { force: true }), stock)
          .set('search_path', schemas);
        server.writeFiles({ 'postgresql.conf': file.toBytes() });
        await server.reload();
        const session = await server.connect();
        const { rows: shown } = await session.query('SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [
          reloaded,
        ]);
        assert.deepEqual(
          new Map(shown.map(({ name, setting }) => [name, setting])),
          new Map([...reloaded].sort().map((name) => [name, file.value(name)])),
        );
        for (const name of reloaded.slice(1)) assert.equal(file.value(name), texts[reloaded.indexOf(name)]);
        for (const name of schemas) {
          await session.query(`CREATE SCHEMA IF NOT EXISTS "${name.replaceAll('"', '""')}"`);
        }
        const { rows } = await session.query('SELECT current_schemas(false)::text[] AS names');
        await session.end();
        assert.deepEqual([rows[0].names, file.value('search_path')], [schemas, schemas]);
      }
    }));

  test(`${version} shows any text unchanged after a start (seed ${seed})`, () => {
    for (const [name, text] of fc.sample(fc.tuple(fc.constantFrom(...started), valueText), {
      seed,
      numRuns: runs(15),
    })) {
      comesBack(version, name, text);
    }
  });
}

function comesBack(version: PgMajor, name: (typeof started)[number], text: string): void {
  const file = ConfFile.parse(readSample(version, 'postgresql.conf.sample'), { version }).set(name, text, {
    force: true,
  });
  const { value, messages } = loadConf(version, { 'postgresql.conf': file.toBytes() }, name);
  assert.deepEqual([file.get(name), messages], [text, []]);
  const read = file.value(name);
  assert.equal(value, typeof read === 'string' ? read : text);
}
