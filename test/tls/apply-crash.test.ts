import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { PgHostsslError } from '../../src/errors.ts';
import { contenders } from '../../src/tls/files/lock.ts';
import { applyPlan, diskFiles, readServer, recoverApply, type TlsFiles } from '../../src/tls/index.ts';
import { type Fate, failingReads, type MutatingCall, stoppableFiles } from './crash/calls.ts';
import { type Entries, entries, type Scenario, scenario, scenarioNames } from './crash/scenarios.ts';
import { callsOf, errorCodes, isSame, plainDisk, sample, stopAt, withoutLock } from './crash/trials.ts';
import { withFolderInMemory } from './folder.ts';

for (const name of scenarioNames) {
  test(`${name}: if a change stops at any call, the next process completes it or rolls it back`, () =>
    withFolderInMemory(async (folder) => {
      const change = await scenario(name, folder);
      const calls = await callsOf(change);
      assert.ok(calls.length > 20, `${calls.length} calls`);
      for (const call of sample(calls, 6)) {
        for (const direction of ['complete', 'rollback'] as const) await stopAndRecover(change, call, direction);
      }
    }));

  test(`${name}: EIO at any call that reads leaves everything as before, or the error says the way out`, () =>
    withFolderInMemory(async (folder) => {
      const change = await scenario(name, folder);
      change.reset();
      const all = failingReads(plainDisk, -1, 'EIO');
      await applyPlan(change.plan, { ...change.options, files: all.files }).catch(({ code }) => {
        assert.equal(code, 'verify-failed');
      });
      assert.ok(all.count() > 30, `${all.count()} calls`);
      for (const index of sample([...Array(all.count()).keys()], 6)) {
        change.reset();
        await applyAndJudge(change, failingReads(plainDisk, index, 'EIO').files, `read ${index}`);
      }
    }));

  for (const code of errorCodes) {
    test(`${name}: ${code} at any call, made or not, leaves everything as before, or the error says the way out`, () =>
      withFolderInMemory(async (folder) => {
        const change = await scenario(name, folder);
        for (const call of sample(await callsOf(change), code === 'EIO' ? 5 : 2)) {
          for (const made of [false, true]) await failAndJudge(change, call, { code, made });
        }
      }));
  }
}

test('a disk that is full from any call on leaves everything as before', () =>
  withFolderInMemory(async (folder) => {
    const change = await scenario('new server key', folder);
    const calls = await callsOf(change);
    const refused: boolean[] = [];
    for (const { index } of sample(calls, 8)) {
      change.reset();
      const files = stoppableFiles(plainDisk, (call) =>
        call.index >= index && call.name.startsWith('create') ? { code: 'ENOSPC', made: false } : 'go',
      );
      const error: unknown = await applyPlan(change.plan, { ...change.options, files }).then(
        () => undefined,
        (reason) => reason,
      );
      const state = entries(change.folder);
      if (error === undefined) assertState(state, change.after, String(index));
      else {
        assert.ok(error instanceof PgHostsslError, String(error));
        assert.match(error.message, /ENOSPC/);
        assertState(state, change.before, error.message);
      }
      refused.push(error !== undefined);
    }
    assert.ok(refused.includes(true) && refused.includes(false), refused.join());
  }));

async function stopAndRecover(change: Scenario, call: MutatingCall, direction: 'complete' | 'rollback'): Promise<void> {
  const what = `${call.index} ${call.name} ${call.path}, ${direction}`;
  await stopAt(change, call);
  const data = join(change.folder, 'data');
  const { interrupted } = await readServer(data, { files: diskFiles });
  if (interrupted !== undefined) {
    assert.equal(interrupted.isRunning, false, what);
    const again = applyPlan(change.plan, { ...change.options });
    await assert.rejects(again, { code: 'apply-interrupted', message: /recoverApply/ }, what);
  }
  const report = await recoverApply(data, { direction, files: diskFiles });
  assert.equal(report.outcome === 'nothing', interrupted === undefined, what);
  if (interrupted?.directions.includes(direction)) {
    assert.equal(report.outcome, direction === 'complete' ? 'completed' : 'rolled-back', what);
  }
  const expected = report.outcome === 'completed' ? [change.after] : [change.before, change.after];
  assert.ok(
    expected.some((one) => isSame(one, entries(change.folder))),
    what,
  );
  if (report.outcome === 'rolled-back') assertState(entries(change.folder), change.before, what);
  assert.equal((await recoverApply(data, { direction, files: diskFiles })).outcome, 'nothing', what);
}

/** Checks that a state is the expected one. The message names only paths, because the contents include private keys. */
function assertState(state: Entries, expected: Entries, what: string): void {
  const paths = [...new Set([...Object.keys(state), ...Object.keys(expected)])];
  assert.deepEqual(
    paths.filter((path) => state[path] !== expected[path]),
    [],
    what,
  );
}

async function failAndJudge(change: Scenario, failing: MutatingCall, fate: Fate): Promise<void> {
  const what = `${failing.index} ${failing.name} ${failing.path} ${JSON.stringify(fate)}`;
  change.reset();
  const files = stoppableFiles(plainDisk, ({ index }) => (index === failing.index ? fate : 'go'));
  await applyAndJudge(change, files, what);
}

/**
 * Applies a plan while one file operation fails. Afterwards all files must be as before or as planned, or a recovery
 * must achieve this.
 */
async function applyAndJudge(change: Scenario, files: TlsFiles, what: string): Promise<void> {
  const data = join(change.folder, 'data');
  const error: unknown = await applyPlan(change.plan, { ...change.options, files }).then(
    () => undefined,
    (reason) => reason,
  );
  const holders = await contenders(join(data, 'pgsql_tmp.pg-hostssl.lock'), diskFiles);
  assert.ok(
    holders.every(({ hasEnded }) => hasEnded),
    `${what}: the lock is still held`,
  );
  const state = entries(change.folder);
  if (error === undefined) return assertState(withoutLock(state), change.after, what);
  assert.ok(error instanceof PgHostsslError, `${what}: ${String(error)}`);
  if (error.code !== 'apply-incomplete') {
    assert.match(error.message, /Nothing was written|All files are as before/, what);
    return assertState(withoutLock(state), change.before, `${what}: ${error.message}`);
  }
  assert.match(error.message, /recoverApply/, what);
  for (const direction of ['rollback', 'complete'] as const) {
    const { outcome } = await recoverApply(data, { direction, files: diskFiles });
    if (outcome === 'nothing') continue;
    assertState(entries(change.folder), outcome === 'completed' ? change.after : change.before, what);
  }
}
