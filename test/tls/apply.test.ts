import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { digest } from '../../src/disk/digest.ts';
import { PgHostsslError } from '../../src/errors.ts';
import {
  type ApplyOptions,
  applyPlan,
  diskFiles,
  type NewFile,
  type PlannedWrite,
  type TlsFiles,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { withContent } from '../../src/with-content.ts';
import { asOrdinaryUser, snapshot, withFolder } from './folder.ts';

const isRoot = process.getuid?.() === 0;
const noMounts = mountsFail() ? 'bind mounts need root and its capabilities' : false;

test(
  'a file that is mounted by itself, as in containers, is found before anything is written',
  { skip: noMounts },
  () =>
    withFolder(async (folder) => {
      const mounted = join(folder, 'pg hba');
      for (const name of ['source', 'conf', 'pg hba']) writeFileSync(join(folder, name), 'old\n');
      assert.equal(spawnSync('mount', ['--bind', join(folder, 'source'), mounted]).status, 0);
      try {
        const expected = await digest(bytes('old\n'));
        const plan = planOf(folder, [
          { path: join(folder, 'conf'), content: bytes('new\n'), expected },
          { path: mounted, content: bytes('new\n'), expected },
        ]);
        await assert.rejects(applyPlan(plan), {
          code: 'target-not-writable',
          message: /Mount the directory of the file/,
        });
        assert.equal(readFileSync(join(folder, 'conf'), 'utf8'), 'old\n');
        assert.deepEqual(readdirSync(folder).sort(), ['conf', 'pg hba', 'source']);
      } finally {
        spawnSync('umount', [mounted]);
      }
    }),
);

test('files get content, mode and owner, and a second run changes nothing', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'conf'), 'old\n', { mode: 0o640 });
    const owner = isRoot ? { owner: { uid: 65534, gid: 65534 } } : {};
    const plan = planOf(
      folder,
      [
        { path: join(folder, 'new/key'), content: bytes('key\n'), mode: 0o600, secret: true, ...owner },
        { path: join(folder, 'conf'), content: bytes('new\n'), expected: await digest(bytes('old\n')) },
      ],
      [join(folder, 'new')],
    );
    const report = await applyPlan(plan);
    assert.deepEqual(
      report.written,
      plan.writes.map((write) => write.path),
    );
    assert.deepEqual([report.unchanged, report.action, report.notCarriedOver], [[], 'reload', []]);
    assert.equal(statSync(join(folder, 'new')).mode & 0o7777, 0o700);
    const { mode, uid } = statSync(join(folder, 'new/key'));
    assert.deepEqual([mode & 0o7777, uid], [0o600, isRoot ? 65534 : process.getuid?.()]);
    // Files that are not in the plan stay unchanged.
    assert.equal(statSync(join(folder, 'conf')).mode & 0o7777, 0o640);
    assert.deepEqual(readdirSync(folder, { recursive: true }).sort(), ['conf', 'new', 'new/key']);

    const before = snapshot(folder);
    const again = await applyPlan(plan);
    assert.deepEqual(again, { ...report, written: [], unchanged: report.written });
    assert.deepEqual(snapshot(folder), before);
  }));

test('a target with the planned content but another mode or owner is written', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'key'), 'key\n', { mode: 0o644 });
    const plan = planOf(folder, [{ path: join(folder, 'key'), content: bytes('key\n'), mode: 0o600 }]);
    assert.deepEqual((await applyPlan(plan)).written, [join(folder, 'key')]);
    assert.equal(statSync(join(folder, 'key')).mode & 0o7777, 0o600);
  }));

test('if a target has changed since the plan was made, nothing is written', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'conf'), 'edited\n');
    const other = { path: join(folder, 'cert'), content: bytes('x') };
    const before = snapshot(folder);
    const expected = await digest(bytes('old\n'));
    await refusal(
      planOf(folder, [other, { path: join(folder, 'conf'), content: bytes('new\n'), expected }]),
      'target-changed',
    );
    // The first plan expects that the target does not exist, but it exists. The second plan expects a target that does
    // not exist.
    await refusal(planOf(folder, [other, { path: join(folder, 'conf'), content: bytes('new\n') }]), 'target-changed');
    await refusal(
      planOf(folder, [other, { path: join(folder, 'gone'), content: bytes('new\n'), expected }]),
      'target-changed',
    );
    assert.deepEqual(snapshot(folder), before);
  }));

test('if a target changes while files are written beside it, no target is replaced', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'conf'), 'old\n');
    const files: TlsFiles = {
      ...diskFiles,
      create: async (file) => {
        if (file.path.endsWith('.new')) writeFileSync(join(folder, 'conf'), 'edited\n');
        return diskFiles.create(file);
      },
    };
    const expected = await digest(bytes('old\n'));
    const plan = planOf(
      folder,
      [
        { path: join(folder, 'dir/cert'), content: bytes('x') },
        { path: join(folder, 'conf'), content: bytes('new\n'), expected },
      ],
      [join(folder, 'dir')],
    );
    await refusal(plan, 'target-changed', { files });
    assert.deepEqual(readdirSync(folder), ['conf']);
    assert.equal(readFileSync(join(folder, 'conf'), 'utf8'), 'edited\n');
  }));

test('if a folder is missing or not writable, or a target is not a file, nothing is written', () =>
  withFolder(async (folder) => {
    const open = join(folder, 'open');
    const closed = join(folder, 'closed');
    mkdirSync(open);
    mkdirSync(closed);
    writeFileSync(join(closed, 'conf'), 'old\n');
    chmodSync(folder, 0o755);
    chmodSync(open, 0o777);
    chmodSync(closed, 0o555);
    const before = snapshot(folder);
    const expected = await digest(bytes('old\n'));
    const first = { path: join(open, 'key'), content: bytes('x') };
    const second = { path: join(closed, 'conf'), content: bytes('new'), expected };
    await asOrdinaryUser(async () => {
      const error = await refusal(planOf(open, [first, second]), 'target-not-writable');
      assert.equal(error.file, second.path);
      assert.match(error.message, /EACCES.*Nothing was written.*as the account that owns the directory/);
    });
    const nowhere = { path: join(folder, 'no', 'where'), content: bytes('x') };
    await refusal(planOf(folder, [first, nowhere]), 'target-not-writable');
    await refusal(planOf(folder, [first, { path: closed, content: bytes('x') }]), 'file-not-readable');
    const below = join(folder, 'no', 'where');
    const { message } = await refusal(planOf(folder, [first], [join(folder, 'made'), below]), 'target-not-writable');
    assert.match(message, /The parent directory must exist: make it first/);
    assert.deepEqual(snapshot(folder), before);
    chmodSync(closed, 0o755);
  }));

test('if an owner cannot be set, nothing is written', () =>
  withFolder(async (folder) => {
    chmodSync(folder, 0o777);
    const before = snapshot(folder);
    const files = [
      { path: join(folder, 'a'), content: bytes('x') },
      { path: join(folder, 'b'), content: bytes('x'), owner: { uid: 1, gid: 1 } },
    ];
    await asOrdinaryUser(() => refusal(planOf(folder, files), 'target-not-writable'));
    assert.deepEqual(snapshot(folder), before);
  }));

test(
  "if another account's file in one's own folder would lose its owner, nothing is written",
  { skip: !isRoot && 'needs root' },
  () =>
    withFolder(async (folder) => {
      chownSync(folder, 65534, 65534);
      writeFileSync(join(folder, 'conf'), 'old\n');
      const before = snapshot(folder);
      const expected = await digest(bytes('old\n'));
      const plan = planOf(folder, [{ path: join(folder, 'conf'), content: bytes('new\n'), expected }]);
      await asOrdinaryUser(() => refusal(plan, 'target-not-writable'));
      assert.deepEqual(snapshot(folder), before);
      // If root calls `applyPlan`, the call fails, too, because files in that folder are then written with the rights
      // of the folder's owner.
      await refusal(plan, 'target-not-writable');
      assert.deepEqual(snapshot(folder), before);
    }),
);

test('rolls back everything if a file cannot be replaced', () =>
  withFolder(async (folder) => {
    for (const name of ['conf', 'hba']) writeFileSync(join(folder, name), 'old\n');
    const before = snapshot(folder);
    const expected = await digest(bytes('old\n'));
    const plan = planOf(
      folder,
      [
        { path: join(folder, 'dir/key'), content: bytes('key') },
        { path: join(folder, 'conf'), content: bytes('new\n'), expected },
        { path: join(folder, 'hba'), content: bytes('new\n'), expected },
      ],
      [join(folder, 'dir')],
    );
    const error = await refusal(plan, 'target-not-writable', { files: failingReplace(join(folder, 'hba')) });
    assert.equal(error.file, join(folder, 'hba'));
    assert.match(error.message, /EBUSY.*All files are as before the change.*mount its directory/);
    assert.deepEqual(snapshot(folder), before);
    assert.equal((await applyPlan(plan)).written.length, 3);
  }));

test('rejects a file system without hard links, and writes nothing', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'conf'), 'old\n');
    const before = snapshot(folder);
    const link = () => Promise.reject(Object.assign(new Error('ENOTSUP: no links'), { code: 'ENOTSUP' }));
    const plan = planOf(folder, [
      { path: join(folder, 'conf'), content: bytes('new\n'), expected: await digest(bytes('old\n')) },
      { path: join(folder, 'key'), content: bytes('key') },
    ]);
    const error = await refusal(plan, 'target-not-writable', { files: { ...diskFiles, link, replace: link } });
    assert.match(error.message, /All files are as before the change.*hard links/);
    assert.deepEqual(snapshot(folder), before);
  }));

test('a symbolic link is followed and stays, also a link to a file that does not exist yet', () =>
  withFolder(async (folder) => {
    mkdirSync(join(folder, 'etc'));
    writeFileSync(join(folder, 'etc/hba'), 'old\n');
    symlinkSync('etc/hba', join(folder, 'hba'));
    symlinkSync('etc/key', join(folder, 'key'));
    const expected = await digest(bytes('old\n'));
    const plan = planOf(folder, [
      { path: join(folder, 'key'), realPath: join(folder, 'etc/key'), content: bytes('key'), mode: 0o600 },
      { path: join(folder, 'hba'), realPath: join(folder, 'etc/hba'), content: bytes('new\n'), expected },
    ]);
    await applyPlan(plan);
    assert.equal(readlinkSync(join(folder, 'hba')), 'etc/hba');
    assert.equal(readFileSync(join(folder, 'etc/hba'), 'utf8'), 'new\n');
    assert.equal(readFileSync(join(folder, 'etc/key'), 'utf8'), 'key');
    symlinkSync('loop', join(folder, 'loop'));
    await refusal(planOf(folder, [{ path: join(folder, 'loop'), content: bytes('') }]), 'file-not-readable');
  }));

test('mode and owner are set while the file is empty', () =>
  withFolder(async (folder) => {
    const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const owner = isRoot ? { uid: 65534, gid: 65534 } : self;
    const seen: string[] = [];
    const look = (): void => {
      for (const name of readdirSync(folder)) {
        const { size, mode, uid } = statSync(join(folder, name));
        seen.push(`${size} bytes ${(mode & 0o7777).toString(8)} ${uid}`);
      }
    };
    const umask = process.umask(0);
    // `create` reads each property when it needs it, so the getters here can check the state of the file at that
    // moment.
    const file: NewFile = {
      path: join(folder, 'key'),
      mode: 0o400,
      get owner() {
        look();
        return owner;
      },
      content() {
        look();
        return bytes('key');
      },
    };
    await diskFiles.create(file);
    process.umask(umask);
    assert.deepEqual(seen, [`0 bytes 600 ${self.uid}`, `0 bytes 400 ${owner.uid}`]);
    assert.equal(readFileSync(file.path, 'utf8'), 'key');
    assert.deepEqual(readdirSync(folder), ['key']);
  }));

function planOf(
  dataDirectory: string,
  writes: readonly (Omit<PlannedWrite, 'what' | 'secret' | 'step' | 'content'> & {
    secret?: boolean;
    content: Uint8Array;
  })[],
  directories: readonly string[] = [],
): TlsPlan {
  return {
    summary: 'a test',
    version: 18,
    directories: directories.map((path) => ({ path, mode: 0o700 })),
    dataDirectory,
    preconditions: [],
    removals: [],
    writes: writes.map(({ content, ...facts }) =>
      withContent({ what: 'a file', step: 'new-file', secret: false, ...facts }, content),
    ),
    action: 'reload',
    rules: [],
    diagnostics: [],
  };
}

async function refusal(plan: TlsPlan, code: string, options: ApplyOptions = {}): Promise<PgHostsslError> {
  try {
    await applyPlan(plan, options);
  } catch (error) {
    assert.ok(error instanceof PgHostsslError, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail('the plan was applied');
}

/** Returns file operations that fail to replace the file at this path. */
function failingReplace(path: string): TlsFiles {
  const busy = () => Promise.reject(Object.assign(new Error('EBUSY: busy'), { code: 'EBUSY' }));
  return {
    ...diskFiles,
    replace: (replacement) => (replacement.target === path ? busy() : diskFiles.replace(replacement)),
  };
}

/** Returns true if this process cannot make bind mounts. In a container, even root may lack the right. */
function mountsFail(): boolean {
  if (!isRoot || process.platform !== 'linux') return true;
  const file = join(mkdtempSync(join(tmpdir(), 'pg-hostssl-mount-')), 'file');
  writeFileSync(file, '');
  const { status } = spawnSync('mount', ['--bind', file, file]);
  if (status === 0) spawnSync('umount', [file]);
  rmSync(dirname(file), { recursive: true });
  return status !== 0;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
