import assert from 'node:assert/strict';
import fs, { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeModules } from '../../src/disk/disk-reader.ts';
import { nodeReader } from '../../src/disk/node-reader.ts';
import { withFolder } from '../tls/folder.ts';

test('a file that another process removes while it is read counts as missing', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'journal');
    writeFileSync(path, 'text');
    const readFile = async (name: string): Promise<Uint8Array> => {
      rmSync(name);
      return await fs.promises.readFile(name);
    };
    const promises = { ...fs.promises, readFile } as typeof fs.promises;
    const reader = nodeReader({ ...nodeModules, fs: { ...fs, promises } });
    assert.equal(await reader.read(path), undefined);
  }));
