import assert from 'node:assert/strict';
import { chmodSync, lchownSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { followPath } from '../../src/disk/account/trusted-path.ts';
import { diskReader } from '../../src/disk/disk-reader.ts';
import { withFolder } from '../tls/folder.ts';

/** Targets of a link in a directory with the link `inner` to `../other/deep`. */
const targets = [
  ...['inner/../file', 'inner/../../dir/file', './inner/.././file', 'inner/..//file', '../dir/inner/../file'],
  ...['inner/..', 'inner/../', 'inner/.', '../dir/../dir/file', 'file'],
  ...['inner/', 'inner//', '../dir/inner/', 'inner//../file'],
];

function withLinks(use: (folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    for (const path of ['dir', 'dir/missing', 'other', 'other/deep']) mkdirSync(join(folder, path), { mode: 0o755 });
    for (const path of ['dir/file', 'other/file']) writeFileSync(join(folder, path), '');
    symlinkSync('../other/deep', join(folder, 'dir/inner'));
    for (const [index, target] of targets.entries()) symlinkSync(target, join(folder, 'dir', `link${index}`));
    await use(folder);
  });
}

test('realPath follows a link whose target has .. behind another link as the system does', () =>
  withLinks(async (folder) => {
    for (const [index, target] of targets.entries()) {
      const link = join(folder, 'dir', `link${index}`);
      assert.equal(await diskReader.realPath(link), realpathSync.native(link), target);
    }
  }));

test(
  'every directory on the way of such a link counts for the owners of the path',
  {
    skip: process.getuid?.() !== 0 && 'needs root',
  },
  () =>
    withLinks(async (folder) => {
      chmodSync(folder, 0o755);
      const link = join(folder, 'dir/link0');
      assert.equal((await followPath(link)).isRootsAlone, true);
      lchownSync(join(folder, 'other'), 65534, 65534);
      assert.deepEqual([(await followPath(link)).isRootsAlone, (await followPath(link)).isTrusted], [false, false]);
      lchownSync(join(folder, 'other/file'), 65534, 65534);
      assert.deepEqual([(await followPath(link)).owner.uid, (await followPath(link)).isTrusted], [65534, true]);
    }),
);

test('realPath follows such a link also if the directory of its target does not exist', () =>
  withLinks(async (folder) => {
    const link = join(folder, 'dir/missing-link');
    for (const [target, expected] of [
      ['inner/../missing/file', 'other/missing/file'],
      ['inner//../missing//file', 'other/missing/file'],
      ['inner/missing/', 'other/deep/missing'],
    ] as const) {
      symlinkSync(target, link);
      assert.equal(await diskReader.realPath(link), join(realpathSync(folder), expected), target);
      rmSync(link);
    }
  }));
