import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PgHostsslError } from '../../src/errors.ts';
import { diskFiles, recoverApply, type TlsFiles } from '../../src/tls/index.ts';
import { type Fate, failingReads, stoppableFiles } from './crash/calls.ts';
import { saveFolder } from './crash/saved-folder.ts';
import { endHolders, entries, type Scenario, scenario, scenarioNames } from './crash/scenarios.ts';
import {
  callsOf,
  directionsOf,
  errorCodes,
  isSame,
  isWhole,
  sample,
  stopAt,
  untilStopped,
  withoutLock,
} from './crash/trials.ts';
import { withFolderInMemory } from './folder.ts';

for (const name of scenarioNames) {
  test(`${name}: if a recovery stops or fails at any call, the next recovery completes it`, () =>
    withFolderInMemory(async (folder) => {
      const change = await scenario(name, folder);
      const seen = new Set<string>();
      let stops = 0;
      let failures = 0;
      let reads = 0;
      for (const call of sample(await callsOf(change), 4)) {
        await stopAt(change, call);
        // If stopping at this call leaves a state that another call has left already, the recovery is not tried again.
        if (!isNew(seen, stateOf(change))) continue;
        const restore = saveFolder(change.folder);
        for (const direction of await directionsOf(change)) {
          for (let index = 0; ; index++) {
            if (!isWhole && index % 13 !== 6) continue;
            restore();
            if (!(await stopRecovery(change, `${call.index} ${call.name}`, direction, index, seen))) break;
            stops += 1;
            for (const fate of failuresOf(index)) {
              restore();
              const files = stoppableFiles(diskFiles, (one) => (one.index === index ? fate : 'go'));
              const what = `${call.index} ${call.name}, ${direction}, ${index}, ${JSON.stringify(fate)}`;
              await failRecovery(change, what, direction, files, seen);
              failures += 1;
            }
          }
          for (let index = isWhole ? 0 : call.index % 29; ; index += isWhole ? 1 : 29) {
            restore();
            const { files, count } = failingReads(diskFiles, index, 'EIO');
            const what = `${call.index} ${call.name}, ${direction}, read ${index}`;
            await failRecovery(change, what, direction, files, seen);
            if (count() <= index) break;
            reads += 1;
          }
        }
      }
      assert.ok(stops > 0 && failures > 0 && reads > 0);
      const failing = `${failures} and at a call that reads ${reads} failing recoveries`;
      console.log(`${name}: ${seen.size} states, ${stops} stopped and ${failing}`);
    }));
}

/** Runs a recovery until a call, at which it stops for ever. Returns false if the recovery ends before that call. */
async function stopRecovery(
  change: Scenario,
  what: string,
  direction: 'complete' | 'rollback',
  index: number,
  seen: Set<string>,
): Promise<boolean> {
  const data = join(change.folder, 'data');
  const recover = (files: typeof diskFiles) => recoverApply(data, { direction, files });
  const isStopped = await untilStopped(recover, index);
  if (isStopped && existsSync(join(data, 'pgsql_tmp.pg-hostssl.lock'))) endHolders(data);
  if (!isNew(seen, `${direction} ${stateOf(change)}`)) return isStopped;
  await recover(diskFiles);
  const state = entries(change.folder);
  assert.ok(isSame(state, change.before) || isSame(state, change.after), `${what}, ${direction} ${index}`);
  return isStopped;
}

/**
 * The ways in which a call of a recovery is made to fail: with each error code, before or after the system call was
 * made. If only a sample is tested, each call fails in one of these ways.
 */
function failuresOf(index: number): readonly Fate[] {
  const all = errorCodes.map((code, i) => ({ code, made: (index + i) % 2 === 1 }));
  return isWhole ? all : [all[index % all.length]!];
}

/** Runs a recovery in which one file operation fails, and checks that another recovery then ends the change. */
async function failRecovery(
  change: Scenario,
  what: string,
  direction: 'complete' | 'rollback',
  files: TlsFiles,
  seen: Set<string>,
): Promise<void> {
  const data = join(change.folder, 'data');
  const error: unknown = await recoverApply(data, { direction, files }).then(
    () => undefined,
    (reason) => reason,
  );
  assert.ok(error === undefined || error instanceof PgHostsslError, `${what}: ${String(error)}`);
  if (!isNew(seen, `${direction} ${stateOf(change)}`)) return;
  await recoverApply(data, { direction, files: diskFiles });
  const state = withoutLock(entries(change.folder));
  assert.ok(isSame(state, change.before) || isSame(state, change.after), what);
}

/** Returns a text for the content of the folder, without random names, times and process ids. */
function stateOf(change: Scenario): string {
  return JSON.stringify(entries(change.folder)).replace(/[0-9a-f]{16}|"started\\": [^,]*|[0-9]+-[0-9]+-/g, '');
}

/** Returns true if the state is not in the set, and adds it to the set. */
function isNew(seen: Set<string>, state: string): boolean {
  if (seen.has(state)) return false;
  seen.add(state);
  return true;
}
