import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { startByPs } from '../../src/disk/start-by-ps.ts';

test('ps prints the start time of a process, and nothing for an ended process', {
  skip: !existsSync('/bin/ps') && 'ps is not installed',
}, async () => {
  const time = Date.parse(`${await startByPs(childProcess, process.pid)} UTC`);
  const start = Date.now() - process.uptime() * 1000;
  assert.ok(Math.abs(time - start) < 5_000, `${time} ${start}`);
  const { pid } = childProcess.spawnSync('true');
  assert.equal(await startByPs(childProcess, pid), undefined);
});
