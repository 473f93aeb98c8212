import assert from 'node:assert/strict';
import { chmodSync, lchownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { followPath } from '../../src/disk/account/trusted-path.ts';
import { withFolder } from '../tls/folder.ts';

const skip = process.getuid?.() !== 0 && 'needs root';
const [owner, third] = [65534, 65533];

/** A file, directory or link: its path, its owner, and its mode or the target of the link. */
type Entry = readonly [path: string, uid: number, modeOrTarget: number | string];

/**
 * Entries, the path to follow, and the expected result: the owner, and who can change where the path leads. \`root\`:
 * only root. \`owner\`: only root and the owner. \`others\`: also a third account.
 */
const rows: readonly (readonly [readonly Entry[], path: string, uid: number, changers: 'root' | 'owner' | 'others'])[] =
  [
    [[['a', 0, 0o755]], 'a', 0, 'root'],
    [[['a', 0, 0o755]], 'a/missing/file', 0, 'root'],
    [[['a', 0, 0o775]], 'a', 0, 'others'],
    [[['a', 0, 0o757]], 'a/missing', 0, 'others'],
    [
      [
        ['a', 0, 0o775],
        ['a/b', 0, 0o755],
      ],
      'a/b',
      0,
      'others',
    ],
    [[['a', 0, 0o1777]], 'a', 0, 'others'],
    [[['a', 0, 0o1777]], 'a/missing', 0, 'others'],
    [
      [
        ['a', 0, 0o1777],
        ['a/b', 0, 0o755],
      ],
      'a/b',
      0,
      'root',
    ],
    [
      [
        ['a', 0, 0o1777],
        ['a/b', owner, 0o755],
      ],
      'a/b',
      owner,
      'owner',
    ],
    [
      [
        ['a', 0, 0o755],
        ['a/b', owner, 0o700],
      ],
      'a/b',
      owner,
      'owner',
    ],
    [
      [
        ['a', 0, 0o755],
        ['a/b', owner, 0o770],
      ],
      'a/b',
      owner,
      'others',
    ],
    [
      [
        ['a', third, 0o755],
        ['a/b', owner, 0o700],
      ],
      'a/b',
      owner,
      'others',
    ],
    [
      [
        ['a', third, 0o755],
        ['a/b', 0, 0o700],
      ],
      'a/b',
      0,
      'others',
    ],
    [
      [
        ['a', owner, 0o755],
        ['a/b', 0, 0o700],
      ],
      'a/b',
      0,
      'others',
    ],
    [
      [
        ['a', owner, 0o755],
        ['a/b', owner, 0o700],
      ],
      'a/b/missing',
      owner,
      'owner',
    ],
    [
      [
        ['a', third, 0o1755],
        ['a/b', owner, 0o755],
      ],
      'a/b',
      owner,
      'others',
    ],
    [
      [
        ['a', 0, 0o755],
        ['file', 0, 0o644],
      ],
      'file/below',
      0,
      'root',
    ],
    [
      [
        ['a', 0, 0o755],
        ['link', 0, 'a'],
      ],
      'link',
      0,
      'root',
    ],
    [
      [
        ['a', 0, 0o755],
        ['link', owner, 'a'],
      ],
      'link',
      0,
      'others',
    ],
    [
      [
        ['a', owner, 0o755],
        ['link', owner, 'a'],
      ],
      'link/missing',
      owner,
      'owner',
    ],
    [
      [
        ['a', owner, 0o755],
        ['link', third, 'a'],
      ],
      'link',
      owner,
      'others',
    ],
    [
      [
        ['a', owner, 0o755],
        ['a/deep', 0, 0o755],
        ['link', 0, 'a/deep'],
      ],
      'link',
      0,
      'others',
    ],
    [[['link', owner, 'missing']], 'link', 0, 'others'],
    [[['link', 0, 'missing']], 'link', 0, 'root'],
  ];

test('the owner of a path, and who can change where the path leads', { skip }, () =>
  withFolder(async (folder) => {
    chmodSync(folder, 0o755);
    for (const [entries, path, uid, changers] of rows) {
      const base = join(folder, 'base');
      mkdirSync(base, { mode: 0o755 });
      for (const [name, , made] of entries) {
        const at = join(base, name);
        if (typeof made === 'string') symlinkSync(made, at);
        else if (name === 'file') writeFileSync(at, '');
        else mkdirSync(at);
      }
      for (const [name, account, made] of entries) {
        lchownSync(join(base, name), account, account);
        if (typeof made === 'number') chmodSync(join(base, name), made);
      }
      const row = JSON.stringify([entries, path]);
      const { owner: found, isRootsAlone, isTrusted } = await followPath(join(base, path));
      assert.deepEqual([found.uid, isRootsAlone, isTrusted], [uid, changers === 'root', changers !== 'others'], row);
      // Who works at the path decides whether the path is trusted.
      for (const account of [0, owner, third]) {
        const isTrusted = (await followPath(join(base, path), account)).isTrusted;
        const isClosed = changers === 'root' || (changers === 'owner' && account === owner);
        if (changers !== 'others') assert.equal(isTrusted, isClosed, `${row} for ${account}`);
      }
      rmSync(base, { recursive: true });
    }
  }),
);

test('a path that the system cannot follow is an error', () =>
  withFolder(async (folder) => {
    symlinkSync('b', join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    await assert.rejects(followPath(join(folder, 'a')), { code: 'ELOOP' });
    await assert.rejects(followPath(join(folder, 'a'.repeat(300))), { code: 'ENAMETOOLONG' });
    assert.equal((await followPath(folder)).owner.uid, (await followPath(join(folder, 'none'))).owner.uid);
  }));
