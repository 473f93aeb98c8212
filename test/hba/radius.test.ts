import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HbaFile } from '../../src/hba/index.ts';
import { forEachMajor, queryWithFiles, startServer, type TestServer } from '../server/index.ts';
import { serverFacts } from './server-facts.ts';

/** Values of `radiusservers`. For each value, the table says whether the server must look up a host name. */
const servers = {
  '127.0.0.1': 'address',
  '"0x7f.1,::1, fe80::1%1"': 'address',
  localhost: 'found',
  '"127.0.0.1,localhost"': 'found',
  'nowhere.invalid': 'not found',
  '"127.0.0.1,nowhere.invalid"': 'not found',
  '"127.0.0.1,"""""': 'empty',
} as const;

forEachMajor([10, 18], (major) => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ major });
  });
  after(() => server.remove());

  for (const [list, kind] of Object.entries(servers)) {
    test(`RADIUS servers ${list}: ${kind}`, async () => {
      const text = `host all all all radius radiusservers=${list} radiussecrets=s\n`;
      const [row] = await queryWithFiles(server, { 'pg_hba.conf': text }, 'SELECT type FROM pg_hba_file_rules');
      assert.equal(row!.type, kind === 'address' || kind === 'found' ? 'host' : null);
      const found = HbaFile.parse(text, { version: major, server: serverFacts(major) }).diagnostics.map(
        ({ code, severity }) => `${severity} ${code}`,
      );
      assert.equal(found.includes('warning hba-radius-server-unchecked'), kind === 'found' || kind === 'not found');
      assert.equal(found.includes('error hba-option-value'), kind === 'empty');
    });
  }
});
