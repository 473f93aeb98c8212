import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { HbaFile, hbaFileRules } from '../../src/hba/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { runs, seed } from '../property.ts';
import { distributionServer, forEachMajor, queryWithFiles, startServer, type TestServer } from '../server/index.ts';
import { type FileTree, hbaTrees } from './generate.ts';
import { linesWithErrors } from './lines-with-errors.ts';
import { serverFacts } from './server-facts.ts';
import { readersOf } from './tree.ts';

const authority = await CertificateAuthority.create({ subject: 'CN=Authority' });
const issued = await authority.issueServerCertificate({ hosts: ['localhost'] });
/**
 * The OAuth validators of the servers that support OAuth. If a server has only one validator, rules can omit the option
 * `validator`.
 */
const oauthValidators = seed % 2 === 0 ? ['x'] : ['x', 'v'];

/**
 * Returns the settings of a server. TLS is on for every second major version, because a server with TLS checks more of
 * a `hostssl` line.
 */
function settingsOf(major: PgMajor): Record<string, string> {
  return {
    ...(major % 2 === 0 ? { ssl: 'on' } : {}),
    ...(major >= 18 ? { oauth_validator_libraries: oauthValidators.join() } : {}),
  };
}

forEachMajor([10, 11, 12, 13, 14, 15, 16, 17, 18, 19], (major) => compare(major));

// The server of the Linux distribution is compared, too. Of the servers from npm, only version 10 supports LDAP and
// similar methods, and since version 11 LDAP has other rules.
const { major: distributed, programs, missing } = distributionServer();
if (missing !== undefined) test('PostgreSQL of the distribution', { skip: missing });
else {
  describe(`PostgreSQL ${distributed} of the distribution`, () => compare(distributed, programs));
}

function compare(major: PgMajor, programs?: string): void {
  let server: TestServer;
  before(async () => {
    const files = { 'server.crt': issued.chain, 'server.key': issued.privateKey.toPem() };
    server = await startServer({ major, programs, files, settings: settingsOf(major) });
    const [{ ssl }] = (await server.query<{ ssl: string }>('SHOW ssl')) as [{ ssl: string }];
    assert.equal(ssl, major % 2 === 0 ? 'on' : 'off');
  });
  after(() => server.remove());

  async function assertSame(tree: FileTree): Promise<void> {
    const path = join(server.dataDirectory, 'pg_hba.conf');
    const file = HbaFile.parse(new TextEncoder().encode(tree['pg_hba.conf']), {
      version: major,
      file: path,
      server: { ...serverFacts(major, programs), ssl: major % 2 === 0, oauthValidators },
      ...readersOf(tree, server.dataDirectory),
    });
    // A damaged regular expression may contain syntax that JavaScript and PostgreSQL read differently.
    fc.pre(
      file.diagnostics.every(({ code, message }) => code !== 'regex-unchecked' && !/crashes the server$/.test(message)),
    );
    // A damaged `radiusservers` option can contain a host name that does not resolve. Only the server itself can check
    // such a name.
    const lookedUp = file.diagnostics.filter(({ code }) => code === 'hba-radius-server-unchecked');
    fc.pre(lookedUp.every(({ message }) => message.includes('"localhost"')));
    const fromServer = await queryWithFiles(server, tree, 'SELECT * FROM pg_hba_file_rules');
    const ours = hbaFileRules(file).map((row) => ({ ...row }));
    assert.deepEqual(ours, fromServer);
    const refused = fromServer.length === 0 || fromServer.some((row) => row.type === null);
    assert.equal(
      file.diagnostics.some(({ severity }) => severity === 'error'),
      refused,
    );
    if (file.toString().includes('\0')) return;
    const refusedRows = fromServer.filter((row) => row.type === null && (row.file_name ?? path) === path);
    assert.deepEqual(linesWithErrors(file, path), new Set(refusedRows.map((row) => row.line_number)));
  }

  test('reads generated files as the server does', async (t) => {
    const numRuns = runs(400);
    await fc.assert(fc.asyncProperty(hbaTrees(major), assertSame), { numRuns, seed });
    t.diagnostic(`${numRuns} trees of files, seed ${seed}`);
  });
}
