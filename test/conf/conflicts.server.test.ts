import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfFile, settingDefinition } from '../../src/conf/index.ts';
import { runs, seed } from '../property.ts';
import { withServer } from '../server/index.ts';
import { judgingMajors } from './postgres.ts';
import { loadProblem, makeServerCertificate, startProblem } from './start.ts';

/**
 * Groups of settings that can contradict each other. For each setting, some values fit the values of the other
 * settings, and some contradict them.
 */
const groups: readonly Readonly<Record<string, readonly string[]>>[] = [
  {
    max_connections: ['7', '8', '12'],
    superuser_reserved_connections: ['0', '3', '7', '8', '12'],
    reserved_connections: ['0', '4', '5'],
    max_wal_senders: ['0', '4', '5', '7', '8'],
  },
  {
    wal_level: ['minimal', 'replica', 'archive', 'logical'],
    archive_mode: ['off', 'on', 'always', 'false'],
    max_wal_senders: ['0', '1'],
    summarize_wal: ['on', 'off'],
    sync_replication_slots: ['on', 'off'],
  },
  {
    log_statement_stats: ['on', 'off'],
    log_parser_stats: ['on', 'off'],
    log_planner_stats: ['on', 'off'],
    log_executor_stats: ['on', 'off'],
  },
  {
    recovery_target: ['', '', 'immediate'],
    recovery_target_lsn: ['', '', '0/0'],
    recovery_target_name: ['', '', 'x'],
    recovery_target_time: ['', '2020-01-01 00:00:00+00'],
    recovery_target_xid: ['', '', '1000'],
  },
  {
    ssl: ['on', 'off'],
    ssl_min_protocol_version: ['TLSv1', 'TLSv1.1', 'tlsv1.2', 'TLSv1.3'],
    ssl_max_protocol_version: ['', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'tlsv1.3'],
    ssl_cert_file: ['server.crt', 'server.crt', 'server.crt', ''],
    ssl_key_file: ['server.key', 'server.key', 'server.key', ''],
  },
  {
    autovacuum_max_workers: ['1', '9'],
    autovacuum_worker_slots: ['1', '3'],
    io_min_workers: ['2', '9'],
    io_max_workers: ['1', '8'],
    vacuum_failsafe_age: ['0'],
  },
  { shared_memory_type: ['sysv', 'mmap'], huge_pages: ['off', 'try'], min_dynamic_shared_memory: ['0', '1MB'] },
];

const settings = fc.constantFrom(...groups).chain((group) =>
  fc.record(Object.fromEntries(Object.entries(group).map(([name, values]) => [name, fc.constantFrom(...values)])), {
    requiredKeys: [],
  }),
);

const certificate = makeServerCertificate();

for (const version of judgingMajors) {
  test(`finds settings that contradict each other exactly as ${version} does at its start (seed ${seed})`, () =>
    withServer({ major: version, start: false }, async (server) => {
      server.writeFiles(await certificate);
      const stock = ConfFile.parse(readFileSync(`${server.dataDirectory}/postgresql.conf`), { version });
      let refused = 0;
      // These two samples are always tried: every version refuses the first sample, and no version refuses the second
      // one. So both counts are above zero for any seed.
      const certain = [{ log_statement_stats: 'on', log_parser_stats: 'on' }, {}];
      const samples = [...certain, ...fc.sample(settings, { seed, numRuns: runs(12) })];
      for (const given of samples) {
        const file = withSettings(stock, given);
        const errors = file.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
        const problem = await startProblem(server, file);
        if (problem !== undefined) refused += 1;
        assert.equal(errors.length > 0, problem !== undefined, `${JSON.stringify(given)}: ${problem ?? errors[0]}`);
      }
      assert.ok(refused > 0 && refused < samples.length, `${refused} of ${samples.length} refused`);
    }));

  test(`the highest number of processes of ${version} is computed as the server does (seed ${seed})`, () =>
    withServer({ major: version, start: false }, async (server) => {
      const stock = ConfFile.parse(readFileSync(`${server.dataDirectory}/postgresql.conf`), { version });
      for (const given of fc.sample(manyProcesses, { seed, numRuns: runs(12) })) {
        const file = withSettings(stock, given);
        const ours = codes(file);
        const decidedAtStart = settingDefinition('autovacuum_worker_slots', version) !== undefined;
        // A server with so many processes takes a minute to start. So the test starts a server only if the library
        // predicts that it refuses the number.
        if (decidedAtStart && ours.length === 0) continue;
        const problem = await (decidedAtStart ? startProblem : loadProblem)(server, file);
        const isRefused = /too many server processes|invalid value for parameter/.test(problem ?? '');
        assert.deepEqual(ours, isRefused ? ['setting-conflict'] : [], `${JSON.stringify(given)}: ${problem}`);
      }
    }));

  test(`huge pages need the right kind of shared memory in ${version}`, () =>
    withServer({ major: version, start: false }, async (server) => {
      const stock = ConfFile.parse(readFileSync(`${server.dataDirectory}/postgresql.conf`), { version });
      for (const type of ['sysv', 'mmap']) {
        const file = withSettings(stock, { huge_pages: 'on', shared_memory_type: type });
        const problem = await startProblem(server, file);
        const isRefused = /huge pages not supported with the current/.test(problem ?? '');
        assert.deepEqual(codes(file), isRefused ? ['setting-conflict'] : [], problem);
      }
    }));
}

/** Settings whose sum is near the largest number of server processes, which has 18 bits. */
const manyProcesses = fc.record({
  max_connections: fc.integer({ min: 262_100, max: 262_143 }).map(String),
  max_worker_processes: fc.integer({ min: 0, max: 9 }).map(String),
  autovacuum_max_workers: fc.integer({ min: 1, max: 9 }).map(String),
  autovacuum_worker_slots: fc.integer({ min: 1, max: 20 }).map(String),
  max_wal_senders: fc.integer({ min: 0, max: 9 }).map(String),
});

function withSettings(file: ConfFile, given: Readonly<Record<string, string | undefined>>): ConfFile {
  return Object.entries(given)
    .filter(([name]) => settingDefinition(name, file.version) !== undefined)
    .reduce((conf, [name, value]) => conf.set(name as 'a.b', value!, { force: true }), file);
}

function codes(file: ConfFile): string[] {
  return file.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}
