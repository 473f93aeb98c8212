import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { signalReload } from '../../src/tls/index.ts';
import { withFolder } from '../tls/folder.ts';

const skip = process.platform === 'win32' && 'Windows has no SIGHUP';

test('only the process that postmaster.pid describes in every line gets the signal', { skip }, () =>
  withFolder(async (folder) => {
    const [data, other, pidFile] = [join(folder, 'data'), join(folder, 'other'), join(folder, 'data/postmaster.pid')];
    for (const path of [data, other]) mkdirSync(path, { mode: 0o700 });
    const server = spawn('sleep', ['60'], { cwd: data, stdio: 'ignore' });
    const elsewhere = spawn('sleep', ['60'], { cwd: other, stdio: 'ignore' });
    try {
      const now = Math.round(Date.now() / 1000);
      const right = [String(server.pid), data, String(now), '5432', '/tmp', '*', '  1  2', 'ready   '];
      const ended = String(spawnSync('true').pid);
      const wrong: readonly (readonly [line: number, texts: readonly string[]])[] = [
        [0, ['', 'x', '0', '-1', `-${server.pid}`, `0${server.pid}`, `${server.pid}.0`, ended, '4194305']],
        [1, [other, '/']],
        [2, ['', 'x', 'NaN', String(now - 60), String(now + 60)]],
        [7, ['starting', 'stopping', 'x']],
      ];
      const write = (lines: readonly string[]): void => writeFileSync(pidFile, `${lines.join('\n')}\n`);
      const refused = { code: 'reload-failed' };
      for (const [line, texts] of wrong) {
        for (const text of texts) {
          write(right.with(line, text));
          await assert.rejects(signalReload(data), refused, `line ${line + 1}: ${text}`);
        }
      }
      write(right.with(0, ended));
      await assert.rejects(signalReload(data), { ...refused, message: /which .* names, does not run/ });
      if (process.platform === 'linux') {
        write(right.with(0, String(elsewhere.pid)));
        await assert.rejects(signalReload(data), refused);
      }
      write(right);
      renameSync(pidFile, join(other, 'postmaster.pid'));
      symlinkSync('../other/postmaster.pid', pidFile);
      await assert.rejects(signalReload(data), refused);
      renameSync(join(other, 'postmaster.pid'), pidFile);
      assert.deepEqual([server.signalCode, elsewhere.signalCode], [null, null]);
      const exit = once(server, 'exit');
      assert.deepEqual(await signalReload(data), { pid: server.pid });
      assert.deepEqual(await exit, [null, 'SIGHUP']);
      assert.equal(elsewhere.signalCode, null);
    } finally {
      server.kill('SIGKILL');
      elsewhere.kill('SIGKILL');
    }
  }),
);
