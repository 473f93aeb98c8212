import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { forEachMajor, serverAccount, serverBinary, withServer } from '../server/index.ts';

const isContainer = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;
const skip = !isContainer && 'needs the right to make a namespace of processes';
const run = promisify(execFile);

forEachMajor([10, 18, 19], (major) => {
  test('a server that is process 1 of its container gets the signal of a process in the container', { skip }, () =>
    withServer({ major, start: false }, async ({ dataDirectory, socketDirectory }) => {
      const { uid, gid } = serverAccount!;
      const asServer = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
      const command = [serverBinary(major, 'postgres'), '-D', dataDirectory, '-k', socketDirectory, '-h', ''];
      const container = spawn('unshare', ['--pid', '--fork', '--kill-child', '--mount-proc', ...asServer, ...command], {
        cwd: '/',
        env: { PATH: process.env.PATH, LC_ALL: 'C' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let log = '';
      container.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
      try {
        await until(() => log.includes('ready to accept connections'));
        assert.equal(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0], '1');
        const inner = readFileSync(`/proc/${container.pid}/task/${container.pid}/children`, 'utf8').trim();
        const program = `
          const { signalReload } = await import(${JSON.stringify(new URL('../../src/tls/index.js', import.meta.url).href)});
          console.log((await signalReload(${JSON.stringify(dataDirectory)})).pid);`;
        const node = [process.execPath, '--input-type=module', '-e', program];
        for (const account of [[], asServer]) {
          log = '';
          const { stdout } = await run('nsenter', ['-t', inner, '-p', '-m', ...account, ...node], { cwd: '/' });
          assert.equal(stdout, '1\n');
          await until(() => log.includes('received SIGHUP'));
        }
      } finally {
        container.kill('SIGKILL');
      }
    }),
  );
});

async function until(isDone: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !isDone(); await sleep(20)) assert.ok(Date.now() < end, 'it took too long');
}
