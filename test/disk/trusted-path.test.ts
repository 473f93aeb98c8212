import assert from 'node:assert/strict';
import { chmodSync, lchownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { followPath } from '../../src/disk/account/trusted-path.ts';
import { withFolder } from '../tls/folder.ts';

const skip = process.getuid?.() !== 0 && 'needs root';
const accounts: Readonly<Record<string, number>> = { root: 0, owner: 65534, third: 65533 };

/**
 * Rows of four texts. The first has files, directories and links, each with its owner, and its mode or the target of
 * the link. The others are the path to follow, and the expected result: the owner, and who can change where the path
 * leads. `root`: only root. `owner`: only root and the owner. `others`: also a third account.
 */
const rows: readonly (readonly [entries: string, path: string, owner: string, changers: string])[] = [
  ['a root 755', 'a', 'root', 'root'],
  ['a root 755', 'a/missing/file', 'root', 'root'],
  ['a root 775', 'a', 'root', 'others'],
  ['a root 757', 'a/missing', 'root', 'others'],
  ['a root 775, a/b root 755', 'a/b', 'root', 'others'],
  ['a root 1777', 'a', 'root', 'others'],
  ['a root 1777', 'a/missing', 'root', 'others'],
  ['a root 1777, a/b root 755', 'a/b', 'root', 'root'],
  ['a root 1777, a/b owner 755', 'a/b', 'owner', 'owner'],
  ['a root 755, a/b owner 700', 'a/b', 'owner', 'owner'],
  ['a root 755, a/b owner 770', 'a/b', 'owner', 'others'],
  ['a third 755, a/b owner 700', 'a/b', 'owner', 'others'],
  ['a third 755, a/b root 700', 'a/b', 'root', 'others'],
  ['a owner 755, a/b root 700', 'a/b', 'root', 'others'],
  ['a owner 755, a/b owner 700', 'a/b/missing', 'owner', 'owner'],
  ['a third 1755, a/b owner 755', 'a/b', 'owner', 'others'],
  ['a root 755, file root 644', 'file/below', 'root', 'root'],
  ['a root 755, link root a', 'link', 'root', 'root'],
  ['a root 755, link owner a', 'link', 'root', 'others'],
  ['a owner 755, link owner a', 'link/missing', 'owner', 'owner'],
  ['a owner 755, link third a', 'link', 'owner', 'others'],
  ['a owner 755, a/deep root 755, link root a/deep', 'link', 'root', 'others'],
  ['a root 755, inner-link owner a, link root inner-link/', 'link', 'root', 'others'],
  ['a root 755, file root 644, inner-link owner a, link root inner-link//../file', 'link', 'root', 'others'],
  ['link owner missing', 'link', 'root', 'others'],
  ['link root missing', 'link', 'root', 'root'],
];

test('a path is trusted only if no other account can change where it leads', { skip }, () =>
  withFolder(async (folder) => {
    chmodSync(folder, 0o755);
    for (const row of rows) {
      const [texts, path, owner, changers] = row;
      const base = join(folder, 'base');
      mkdirSync(base, { mode: 0o755 });
      const entries = texts.split(', ').map((text) => text.split(' ') as [name: string, account: string, made: string]);
      for (const [name, , made] of entries) {
        if (name.endsWith('link')) symlinkSync(made, join(base, name));
        else if (name === 'file') writeFileSync(join(base, name), '');
        else mkdirSync(join(base, name));
      }
      for (const [name, account, made] of entries) {
        lchownSync(join(base, name), accounts[account]!, accounts[account]!);
        if (!name.endsWith('link')) chmodSync(join(base, name), Number.parseInt(made, 8));
      }
      const found = await followPath(join(base, path));
      const expected = [accounts[owner], changers === 'root', changers !== 'others'];
      assert.deepEqual([found.owner.uid, found.isRootsAlone, found.isTrusted], expected, row.join('; '));
      // Who works at the path decides whether the path is trusted.
      for (const [account, uid] of Object.entries(accounts)) {
        const { isTrusted } = await followPath(join(base, path), uid);
        const isClosed = changers === 'root' || (changers === 'owner' && account === 'owner');
        if (changers !== 'others') assert.equal(isTrusted, isClosed, `${row.join('; ')} for ${account}`);
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
