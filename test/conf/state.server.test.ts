import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfFile, settingDefinitions } from '../../src/conf/index.ts';
import { runs, seed } from '../property.ts';
import { withServer } from '../server/index.ts';
import { judgingMajors } from './postgres.ts';
import { makeServerCertificate, startProblem } from './start.ts';

const certificate = makeServerCertificate();

/**
 * Settings that can have values which a running server loads but with which a server does not start. The test server
 * itself does not set them.
 */
const decidedAtStart = [
  ...['ssl_ciphers', 'ssl_tls13_ciphers', 'ssl_ecdh_curve', 'ssl_groups', 'ssl_cert_file', 'ssl_key_file'],
  ...['ssl_ca_file', 'ssl_crl_file', 'ssl_dh_params_file', 'shared_preload_libraries', 'unix_socket_group'],
  ...['data_directory', 'hba_file'],
];

/** Settings that the test server sets on its command line, so that their lines in the file have no effect. */
const setByTestServer = ['listen_addresses', 'unix_socket_directories'];

for (const version of judgingMajors) {
  test(`if a text keeps ${version} from starting, there is a diagnostic (seed ${seed})`, () =>
    withServer({ major: version, start: false }, async (server) => {
      server.writeFiles(await certificate);
      const stock = ConfFile.parse(readFileSync(`${server.dataDirectory}/postgresql.conf`), { version }).set(
        'ssl',
        true,
      );
      const names = settingDefinitions(version)
        .filter(({ type, context }) => (type === 'string' || type === 'list') && context !== 'internal')
        .map(({ name }) => name)
        .filter((name) => !setByTestServer.includes(name));
      const late = decidedAtStart.filter((name) => names.includes(name));
      const name = fc.oneof(fc.constantFrom(...late), fc.constantFrom(...names)).map((name) => name as 'a.b');
      const samples = fc.sample(fc.tuple(name, fc.constantFrom('x', '/x/y', 'A:b', '')), { seed, numRuns: runs(8) });
      let refused = 0;
      // The first pair always prevents the start, so that the test sees at least one failed start.
      for (const [name, text] of [['shared_preload_libraries', 'x'] as const, ...samples]) {
        const file = stock.set(name, text, { force: true });
        const problem = await startProblem(server, file);
        if (problem !== undefined) refused += 1;
        const severities = file.diagnostics.map(({ severity }) => severity);
        assert.ok(problem === undefined || severities.length > 0, `${name} = '${text}': ${problem}`);
        assert.ok(problem !== undefined || !severities.includes('error'), `${name} = '${text}' starts`);
      }
      assert.ok(refused > 0);
    }));
}
