import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { attempt } from '../../examples/attempt.ts';
import { inspectCertificate, Ledger } from '../../src/pki/index.ts';
import { fileLedgerStore, loadOrCreateAuthority, verifyServer } from '../../src/tls/index.ts';
import { repositoryRoot } from '../repository.ts';
import { availableMajors, temporaryFolder, withServer } from '../server/index.ts';

const folder = temporaryFolder();
const authority = join(folder, 'authority');
const noOpenssl = hasProgram('openssl') ? false : 'openssl is not installed';

before(() => run('create-authority', authority, 'localhost', 'webadmin'));

test('create-authority: keys are private, and nothing is overwritten', () => {
  const modes = Object.fromEntries(
    readdirSync(authority).map((name) => [name, (statSync(join(authority, name)).mode & 0o777).toString(8)]),
  );
  assert.deepEqual(modes, {
    'authority.crt': '644',
    'authority.key': '600',
    'postgresql.crt': '644',
    'postgresql.key': '600',
    'server.crt': '644',
    'server.key': '600',
  });
  assert.throws(() => run('create-authority', authority, 'localhost', 'webadmin'), /EEXIST/);
});

test('create-authority: OpenSSL verifies the certificates', { skip: noOpenssl }, () => {
  for (const [purpose, name] of [
    ['sslserver', 'server.crt'],
    ['sslclient', 'postgresql.crt'],
  ] as const) {
    const parameters = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', join(authority, 'authority.crt')];
    assert.match(execFileSync('openssl', [...parameters, join(authority, name)], { encoding: 'utf8' }), /: OK/);
  }
});

test('edit-files: two lines change, one is added, and a file that the server refuses stays as it is', () => {
  const data = temporaryFolder();
  const put = (hba: string): void => {
    writeFileSync(join(data, 'pg_hba.conf'), hba);
    writeFileSync(join(data, 'postgresql.conf'), "#ssl = off\t# note\n#ssl_ca_file = ''\n");
  };
  const read = (name: string): string => readFileSync(join(data, name), 'utf8');
  put('host all all all md5 # others\n');
  assert.equal(run('edit-files', data, 'webadmin'), 'the rule is added\n');
  assert.equal(
    read('pg_hba.conf').replace(/ +/g, ' '),
    'hostssl all webadmin all cert\nhost all all all md5 # others\n',
  );
  assert.equal(read('postgresql.conf'), "ssl = on\t# note\nssl_ca_file = 'root.crt'\n");
  assert.equal(run('edit-files', data, 'webadmin'), 'the rule is present\n');
  put('host all all 10.0.0.1 md5\n');
  assert.throws(() => run('edit-files', data, 'webadmin'), /pg_hba\.conf:1: /);
  assert.equal(read('pg_hba.conf'), 'host all all 10.0.0.1 md5\n');
});

test('hosting-panel: the remaining tenants get in with certificates of the next CA only', async (t) => {
  const major = availableMajors.at(-1);
  if (major === undefined) return t.skip('no server');
  await withServer({ major }, async (server) => {
    for (const user of ['alice', 'bob', 'carol']) await server.query(`CREATE ROLE ${user} LOGIN`);
    // The account of the servers owns the folder of the tests, and root trusts no path in it.
    const panel = mkdtempSync(join(tmpdir(), 'pg-hostssl-panel-'));
    after(() => rmSync(panel, { recursive: true }));
    const output = run('hosting-panel', server.dataDirectory, panel);
    assert.deepEqual(output.trim().split('\n'), [
      `Each of "alice", "bob", "carol" logs in with a certificate at 127.0.0.1:${server.port}`,
      'Removes the ways in of "bob"',
      "Renews the client's certificate",
      'Step 1 of 4: both CAs are trusted',
      'Step 1 of 4: both CAs are trusted',
      "Step 2 of 4: the next CA issues the server's certificate",
      "Step 3 of 4: the next CA issues the client's certificate",
      "Step 3 of 4: the next CA issues the client's certificate",
      'Step 4 of 4: the current CA is no longer trusted',
      'Step 4 of 4: the current CA is no longer trusted',
    ]);
    const read = (path: string): string => readFileSync(path, 'utf8');
    const probe = (user: string) => ({
      user,
      database: 'postgres',
      client: {
        certificate: read(join(panel, user, 'postgresql.crt')),
        privateKey: read(join(panel, user, 'postgresql.key')),
      },
    });
    const recorded = (await new Ledger(fileLedgerStore(join(panel, 'ledger.json'))).certificates()).map(
      ({ serialNumber }) => serialNumber,
    );
    for (const user of ['alice', 'bob', 'carol']) {
      const { serialNumber } = inspectCertificate(probe(user).client.certificate);
      assert.ok(recorded.includes(serialNumber), user);
    }
    const current = await loadOrCreateAuthority(join(panel, 'authority'), { subject: '/CN=not used' });
    const { chain, privateKey } = await current.issueClientCertificate({ user: 'alice' });
    const former = { ...probe('alice'), client: { certificate: chain, privateKey: privateKey.toPem() } };
    const expected = {
      mustEnter: [probe('alice'), probe('carol')],
      mustNotEnter: [probe('bob'), former, { user: 'alice', database: 'postgres' }],
    };
    const result = await verifyServer({ address: { host: server.host, port: server.port }, expected });
    assert.deepEqual(result, { kind: 'verified', reasons: [] });
  });
});

test('end-to-end: the program leads from a stock server to a login with the certificate, and a second run changes nothing', async (t) => {
  const major = availableMajors.at(-1);
  if (major === undefined) return t.skip('no server');
  await withServer({ major }, async (server) => {
    await server.query('CREATE ROLE webadmin LOGIN');
    await server.query('CREATE DATABASE app');
    const url = `postgresql://webadmin@localhost:${server.port}/app`;
    const cwd = temporaryFolder();
    const parameters = [join(repositoryRoot, 'build/examples/end-to-end.js'), server.dataDirectory, url, 'client'];
    const output = execFileSync(process.execPath, parameters, { cwd, encoding: 'utf8' });
    // The page shows another data directory, port and owner, which also change the width of the columns.
    const shown = output
      .replaceAll(server.dataDirectory, '/var/lib/postgresql/data')
      .replaceAll(`${cwd}/`, '/home/app/')
      .replaceAll(`:${server.port}`, ':5432');
    const page = readFileSync(join(repositoryRoot, 'docs/first-set-up.md'), 'utf8');
    assert.ok(withoutColumns(page).includes(withoutColumns(shown)), shown);
    await server.reload();
    const connectionString = /^psql "(.*)"$/m.exec(output)?.[1]?.replaceAll('=client/', `=${cwd}/client/`);
    assert.ok(connectionString);
    const outcome = await attempt({ connectionString });
    assert.ok('session' in outcome && outcome.session.client === '/CN=webadmin', JSON.stringify(outcome));
    const key = join(cwd, 'authority/authority.key');
    assert.equal(statSync(key).mode & 0o777, 0o600);
    const before = readFileSync(key, 'utf8');
    const again = execFileSync(process.execPath, parameters, { cwd, encoding: 'utf8' });
    assert.match(again, /^All files are as planned already\.$/m);
    assert.match(again, /^The server needs: none\. Then connect:$/m);
    assert.equal(readFileSync(key, 'utf8'), before);
  });
});

/** Returns a text without the owners of files, and with one blank between its columns. */
function withoutColumns(text: string): string {
  return text.replace(/ \d+:\d+ /g, ' ').replace(/ {2,}/g, ' ');
}

/** Runs an example from the command line, and returns its output. */
function run(name: string, ...parameters: string[]): string {
  const program = join(repositoryRoot, 'build', 'examples', `${name}.js`);
  return execFileSync(process.execPath, [program, ...parameters], { encoding: 'utf8', stdio: 'pipe' });
}

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
