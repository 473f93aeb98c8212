import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChildFiles } from '../../src/disk/account/child.ts';
import { withFolder } from '../tls/folder.ts';

const skip = process.platform === 'win32' && 'needs a shell';

test('only a process with the rights of the account, and with no others, makes the calls', { skip }, () =>
  withFolder(async (folder) => {
    const { execPath } = process;
    const right = { nonce: 'NONCE', uid: 1234, euid: 1234, gid: 2345, groups: [] as readonly number[] };
    let count = 0;
    // The program says only what its rights are.
    const start = (greeting: string) => {
      process.execPath = join(folder, `program-${count++}`);
      const shown = greeting.replace('NONCE', `'"$1"'`);
      const lines = ['#!/bin/sh', 'set -- $PG_HOSTSSL_FILES_CHILD', `printf '%s\\n' '${shown}'`, 'read -r line', ''];
      writeFileSync(process.execPath, lines.join('\n'), { mode: 0o700 });
      return startChildFiles({ uid: right.uid, gid: right.gid });
    };
    try {
      for (const groups of [[], [2345]]) (await start(JSON.stringify({ ...right, groups }))).end();
      const others = { nonce: 'other', uid: 0, euid: 0, gid: 0, groups: [2345, 0] };
      const wrong = Object.entries(others).map(([name, value]) => JSON.stringify({ ...right, [name]: value }));
      for (const greeting of [...wrong, JSON.stringify({ ...right, groups: undefined }), 'no JSON']) {
        const ended = start(greeting).then(({ end }) => end());
        await assert.rejects(ended, { code: 'account-unavailable' }, greeting);
      }
    } finally {
      process.execPath = execPath;
    }
  }),
);
