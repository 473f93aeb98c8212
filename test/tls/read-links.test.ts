import assert from 'node:assert/strict';
import { chownSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PgHostsslError } from '../../src/errors.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  describePlan,
  diskFiles,
  planClientCertificates,
  planRevocation,
  readClient,
  readServer,
} from '../../src/tls/index.ts';
import { withFolder } from './folder.ts';
import { stockFiles } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Authority' });
const connection = 'postgresql://webadmin@localhost/app';
const isRoot = process.getuid?.() === 0;

/** A line of a file that only the owner of the file may read. No error may show this line. */
const secret = 'root:hunter2:19000';

interface Layout {
  readonly data: string;
  readonly etc: string;
}

/** Makes a data directory, and beside it a directory with a file that contains the secret. */
function withServer(use: (layout: Layout) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const [data, etc] = [join(folder, 'data'), join(folder, 'etc')];
    for (const path of [data, etc]) mkdirSync(path);
    writeFileSync(join(etc, 'shadow'), `${secret}\n`);
    for (const [name, content] of Object.entries(stockFiles)) writeFileSync(join(data, name), content);
    await use({ data, etc });
  });
}

test('a description shows where links lead, also links to missing files', () =>
  withServer(async ({ data, etc }) => {
    symlinkSync('../etc/new.crt', join(data, 'server.crt'));
    symlinkSync(etc, join(data, 'certs'));
    writeFileSync(join(data, 'postgresql.conf'), "ssl_ca_file = 'certs/root.crt'\n");
    const client = join(data, '..', 'client');
    mkdirSync(client);
    symlinkSync(join(etc, 'key'), join(client, 'postgresql.key'));
    const plan = await planClientCertificates({
      server: await readServer(data),
      client: await readClient(client),
      authority,
      connection,
    });
    const described = describePlan(plan);
    for (const [from, to] of [
      [join(data, 'server.crt'), join(etc, 'new.crt')],
      [join(data, 'certs/root.crt'), join(etc, 'root.crt')],
      [join(client, 'postgresql.key'), join(etc, 'key')],
    ]) {
      assert.ok(described.includes(`  create  ${from} -> ${to} `), described);
    }
    assert.ok(described.includes(`  create  ${join(data, 'server.key')} `));
    assert.ok(!described.includes('SHA-256'));
    const hba = plan.preconditions.find(({ path }) => path === join(data, 'pg_hba.conf'));
    assert.ok(describePlan(plan, { verbose: true }).includes(`  ${hba!.path}: SHA-256 ${hba!.sha256}\n`));
  }));

test('files in a data directory that is itself reached through a link are not linked files', () =>
  withServer(async ({ data, etc }) => {
    symlinkSync(data, join(etc, 'pgdata'));
    const server = await readServer(join(etc, 'pgdata'));
    assert.equal(server.hba.realPath, undefined);
    assert.equal(server.certificate.realPath, undefined);
  }));

const ways: readonly [what: string, prepare: (layout: Layout) => void, code: string][] = [
  ['pg_hba.conf that is a link', ({ data, etc }) => link(data, 'pg_hba.conf', etc), 'hba-refused'],
  ['postgresql.conf that is a link', ({ data, etc }) => link(data, 'postgresql.conf', etc), 'conf-refused'],
  ['PG_VERSION that is a link', ({ data, etc }) => link(data, 'PG_VERSION', etc), 'version-unknown'],
  [
    'an included file that is a link',
    ({ data, etc }) => {
      symlinkSync(join(etc, 'shadow'), join(data, 'more.conf'));
      writeFileSync(join(data, 'postgresql.conf'), "include 'more.conf'\n");
    },
    'conf-refused',
  ],
  [
    'an @file that is a link',
    ({ data, etc }) => {
      symlinkSync(join(etc, 'shadow'), join(data, 'types'));
      writeFileSync(join(data, 'pg_hba.conf'), '@types all all all md5\n');
    },
    'hba-refused',
  ],
  ['a certificate that is a link', ({ data, etc }) => link(data, 'server.crt', etc), 'certificate-foreign'],
  ['a private key that is a link', ({ data, etc }) => link(data, 'server.key', etc), 'certificate-foreign'],
  ['a root file that is a link', ({ data, etc }) => link(data, 'root.crt', etc), 'certificate-foreign'],
];

for (const [what, prepare, code] of ways) {
  test(`no message quotes ${what}`, () =>
    withServer(async (layout) => {
      prepare(layout);
      assert.equal(await messageOf(layout.data, code), '');
    }));
}

test('new directories in directories that are reached through links are made where the links lead', () =>
  withServer(async ({ data, etc }) => {
    const folder = join(data, '..');
    symlinkSync(data, join(folder, 'linked-data'));
    symlinkSync(etc, join(folder, 'home'));
    const [dataDirectory, client] = [join(folder, 'linked-data'), join(folder, 'home/.postgresql')];
    const plan = await planClientCertificates({
      ...{ server: await readServer(dataDirectory), client: await readClient(client), authority, connection },
    });
    assert.ok(plan.writes.every(({ realPath }) => realPath === undefined));
    assert.equal((await applyPlan(plan)).written.length, 8);
    assert.deepEqual(readdirSync(join(etc, '.postgresql')).toSorted(), [
      'postgresql.crt',
      'postgresql.key',
      'root.crt',
    ]);

    const server = await readServer(dataDirectory, { paths: { crlDirectory: 'crls' } });
    await applyPlan(await planRevocation({ server, authority, revoked: [{ serialNumber: '02' }] }));
    assert.equal(readdirSync(join(data, 'crls')).length, 1);
  }));

test('a file of the data directory is quoted', () =>
  withServer(async ({ data }) => {
    writeFileSync(join(data, 'pg_hba.conf'), `${secret} all all\n`);
    assert.equal(await messageOf(data, 'hba-refused'), 'root:');
  }));

test("no message quotes another account's file that a name leads to", { skip: !isRoot && 'needs root' }, () =>
  withServer(async ({ data, etc }) => {
    chownSync(data, 65534, 65534);
    for (const name of ['PG_VERSION', 'postgresql.conf', 'pg_hba.conf']) chownSync(join(data, name), 65534, 65534);
    writeFileSync(join(data, 'postgresql.conf'), `include '${etc}/shadow'\n`);
    assert.equal(await messageOf(data, 'conf-refused'), '');
    writeFileSync(join(data, 'postgresql.conf'), `hba_file = '${etc}/shadow'\n`);
    assert.equal(await messageOf(data, 'hba-refused'), '');
  }),
);

function link(data: string, name: string, etc: string): void {
  const path = join(data, name);
  writeFileSync(path, '');
  symlinkSync(join(etc, 'shadow'), `${path}.link`);
  renameSync(`${path}.link`, path);
}

/**
 * Reads the server and makes a plan, which must fail with this code. Returns the part of the secret that the error
 * message shows; an empty text if it shows no part.
 */
async function messageOf(data: string, code: string): Promise<string> {
  try {
    // The files are read with the rights of this process, as a caller's own `files` may do.
    const server = await readServer(data, { files: diskFiles });
    await planClientCertificates({ server, authority, connection });
  } catch (error) {
    assert.ok(error instanceof PgHostsslError, String(error));
    assert.equal(error.code, code, error.message);
    const shown = [error, error.cause].map((one) => `${(one as Error | undefined)?.message}`).join();
    return /hunter2|19000|root:/.exec(shown)?.[0] ?? '';
  }
  return assert.fail('planned');
}
