import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  type ApplyOptions,
  type ApplyReport,
  applyPlan,
  diskFiles,
  planClientCertificates,
  readServer,
} from '../../src/tls/index.ts';
import { withContent } from '../../src/with-content.ts';
import { withFolder } from './folder.ts';
import { stockFiles } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });

// The attributes are set with Python, because Node has no function for extended attributes. An access control list is
// an extended attribute, too (acl(5), acl_ea.h of Linux). The one that is set here lets the user 12345 read the file.
// The mask of the list is the group part of the file's mode.
const program = `
import os, struct, sys
path = sys.argv[2]
if sys.argv[1] == 'set':
    rights = ((1, 6, 0xffffffff), (2, 4, 12345), (4, 0, 0xffffffff), (16, 4, 0xffffffff), (32, 0, 0xffffffff))
    os.setxattr(path, 'system.posix_acl_access', struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *r) for r in rights))
    os.setxattr(path, 'user.note', b'kept by hand')
for name in sorted(os.listxattr(path)):
    print(name, os.getxattr(path, name).hex())
`;

test('a replaced file keeps its access control list and its extended attributes', (context) =>
  withFolder(async (folder) => {
    const skip = whySkipped(folder);
    if (skip !== undefined) return context.skip(skip);
    const data = newData(join(folder, 'data'));
    const before = attributes('set', join(data, 'pg_hba.conf'));
    assert.match(before, /posix_acl_access.*\nuser\.note/);
    const { written, notCarriedOver } = await apply(data);
    assert.ok(written.includes(join(data, 'pg_hba.conf')));
    assert.deepEqual(notCarriedOver, []);
    assert.equal(attributes('get', join(data, 'pg_hba.conf')), before);
    assert.equal(statSync(join(data, 'pg_hba.conf')).mode & 0o777, 0o640);
    assert.equal(attributes('get', join(data, 'postgresql.conf')), '');
    assert.equal(attributes('get', join(data, 'server.key')), '');
  }));

test(
  'a process of another account keeps the attributes, too',
  { skip: process.getuid?.() !== 0 && 'needs root' },
  (context) =>
    withFolder(async (folder) => {
      const skip = whySkipped(folder);
      if (skip !== undefined) return context.skip(skip);
      chownSync(folder, 65534, 65534);
      const data = newData(join(folder, 'data'));
      for (const path of [data, ...readdirSync(data).map((name) => join(data, name))]) chownSync(path, 65534, 65534);
      const before = attributes('set', join(data, 'pg_hba.conf'));
      assert.deepEqual((await apply(data)).notCarriedOver, []);
      assert.equal(attributes('get', join(data, 'pg_hba.conf')), before);
      const { uid, mode } = statSync(join(data, 'pg_hba.conf'));
      assert.deepEqual([uid, mode & 0o777], [65534, 0o640]);
    }),
);

test('a relative path gets the attributes of the file that it names', (context) =>
  withFolder(async (folder) => {
    const skip = whySkipped(folder);
    if (skip !== undefined) return context.skip(skip);
    writeFileSync(join(folder, 'from'), '');
    const expected = attributes('set', join(folder, 'from'));
    const before = process.cwd();
    process.chdir(folder);
    try {
      const file = withContent({ path: 'to', like: 'from', mode: 0o640 }, new Uint8Array());
      assert.deepEqual(await diskFiles.create(file), { carriedOver: true });
    } finally {
      process.chdir(before);
    }
    assert.equal(attributes('get', join(folder, 'to')), expected);
  }));

test('a change that is rolled back keeps the attributes, too', (context) =>
  withFolder(async (folder) => {
    const skip = whySkipped(folder);
    if (skip !== undefined) return context.skip(skip);
    const data = newData(join(folder, 'data'));
    const before = attributes('set', join(data, 'pg_hba.conf'));
    const verify = (): never => {
      throw new Error('not as it has to be');
    };
    await assert.rejects(apply(data, { verify }), { code: 'verify-failed' });
    assert.equal(attributes('get', join(data, 'pg_hba.conf')), before);
  }));

/** Returns the reason why the attributes cannot be set on files of a folder; `undefined` if they can. */
function whySkipped(folder: string): string | undefined {
  if (process.platform !== 'linux') return 'these are the attributes of Linux';
  if (!existsSync('/bin/cp')) return 'there is no /bin/cp';
  const path = join(folder, 'probe');
  writeFileSync(path, '');
  const { status, error, stderr } = python('set', path);
  if (error !== undefined) return `python3 does not run: ${error.message}`;
  return status === 0 ? undefined : `the file system has none: ${stderr.trim().split('\n').at(-1)}`;
}

function attributes(action: 'get' | 'set', path: string): string {
  const { status, stdout, stderr } = python(action, path);
  assert.equal(status, 0, stderr);
  return stdout;
}

function python(action: 'get' | 'set', path: string) {
  return spawnSync('python3', ['-c', program, action, path], { encoding: 'utf8' });
}

function newData(data: string): string {
  mkdirSync(data, { mode: 0o700 });
  for (const [path, content] of Object.entries(stockFiles)) writeFileSync(join(data, path), content, { mode: 0o600 });
  return data;
}

async function apply(data: string, options: ApplyOptions = {}): Promise<ApplyReport> {
  const connection = { host: 'localhost', user: 'app', database: 'app' };
  const plan = await planClientCertificates({ server: await readServer(data), authority, connection });
  return await applyPlan(plan, options);
}
