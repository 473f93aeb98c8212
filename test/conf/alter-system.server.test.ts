import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { alterAutoConf, alterSystem, ConfFile, type SystemChanges } from '../../src/conf/index.ts';
import { withServer } from '../server/index.ts';
import { judgingMajors } from './postgres.ts';

const steps: readonly SystemChanges[] = [
  { work_mem: '5MB', log_line_prefix: "it's \\ %m ", ssl: false, max_connections: 50 },
  { search_path: ['$user', 'My "Schema"', 'a,b', 'public'], listen_addresses: 'localhost, 127.0.0.1' },
  { session_preload_libraries: [], temp_tablespaces: '', work_mem: 128, random_page_cost: 1.5 },
  { ssl: null, port: null, log_line_prefix: '', search_path: '"$user", Public' },
  { unix_socket_directories: ['/tmp'], DateStyle: 'ISO, DMY', log_destination: ['stderr', 'csvlog'] },
];

for (const version of judgingMajors) {
  test(`ALTER SYSTEM on ${version} does what was meant, and the file can be written as it writes it`, () =>
    withServer({ major: version }, async (server) => {
      const path = `${server.dataDirectory}/postgresql.auto.conf`;
      let foretold = ConfFile.parse(readFileSync(path), { version });
      for (const step of steps) {
        for (const sql of alterSystem(step, version)) await server.query(sql);
        foretold = alterAutoConf(foretold, step);
        const written = ConfFile.parse(readFileSync(path), { version });
        // The server writes names as the parser gives them, in lower case.
        assert.equal(
          foretold.toString().replace('DateStyle', 'datestyle'),
          written.toString().replace('DateStyle', 'datestyle'),
        );
      }
      assert.deepEqual(foretold.value('search_path'), ['$user', 'public']);
    }));
}
