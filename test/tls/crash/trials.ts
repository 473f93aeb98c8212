import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { diskReader, nodeModules } from '../../../src/disk/disk-reader.ts';
import { nodeFiles } from '../../../src/disk/node-files.ts';
import type { PgHostsslError } from '../../../src/errors.ts';
import { applyPlan, readServer, type TlsFiles } from '../../../src/tls/index.ts';
import { type MutatingCall, stoppableFiles } from './calls.ts';
import { type Entries, endHolders, type Scenario } from './scenarios.ts';

/**
 * File operations on this machine, without the program that copies access control lists. Starting this program takes
 * longer than all other calls together, and other tests run it.
 */
export const plainDisk: TlsFiles = nodeFiles(
  {
    ...nodeModules,
    childProcess: {
      ...childProcess,
      execFile: ((_file: string, _parameters: readonly string[], _options: object, done: (error: null) => void) =>
        done(null)) as unknown as typeof childProcess.execFile,
    },
  },
  diskReader,
);

/** True if the tests stop at each call of a change, and not only at a sample of the calls. */
export const isWhole: boolean = process.env.PG_HOSTSSL_CRASH === 'all';

/** The errors of a full disk, a broken disk and missing rights. */
export const errorCodes = ['ENOSPC', 'EIO', 'EACCES', 'EPERM'] as const;

/** Applies a change without interruption, and returns all its calls that change files. */
export async function callsOf(change: Scenario): Promise<readonly MutatingCall[]> {
  const calls: MutatingCall[] = [];
  const files = stoppableFiles(plainDisk, (call) => {
    calls.push(call);
    return 'go';
  });
  change.reset();
  await applyPlan(change.plan, { ...change.options, files }).catch((error) => {
    assert.equal((error as PgHostsslError).code, 'verify-failed');
  });
  return calls;
}

/** Returns `count` elements of a list, evenly spread; all elements if {@link isWhole}. */
export function sample<T>(all: readonly T[], count: number): readonly T[] {
  if (isWhole) return all;
  return all.filter((_, i) => Math.floor((i * count) / all.length) !== Math.floor(((i - 1) * count) / all.length));
}

/**
 * Applies a change until a call, at which it stops for ever. Afterwards, the lock looks as if its process had ended.
 */
export async function stopAt(change: Scenario, stopped: MutatingCall): Promise<void> {
  change.reset();
  const data = join(change.folder, 'data');
  await untilStopped((files) => applyPlan(change.plan, { ...change.options, files }), stopped.index);
  if (existsSync(join(data, 'pgsql_tmp.pg-hostssl.lock'))) endHolders(data);
}

/**
 * Runs a function whose call number `index` to a file operation never returns, as if the process stopped there. Returns
 * false if the function ends before that call.
 */
export async function untilStopped(run: (files: TlsFiles) => Promise<unknown>, index: number): Promise<boolean> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<boolean>((resolve) => {
    stop = () => resolve(true);
  });
  const files = stoppableFiles(plainDisk, (call) => (call.index === index ? 'stop' : 'go'), stop);
  return await Promise.race([
    stopped,
    run(files).then(
      () => false,
      () => false,
    ),
  ]);
}

/**
 * Returns the directions that a test of a recovery must try. If there is no journal, or if the journal allows only one
 * direction, both directions do the same, and only one is returned.
 */
export async function directionsOf(change: Scenario): Promise<readonly ('complete' | 'rollback')[]> {
  const { interrupted } = await readServer(join(change.folder, 'data'), { files: plainDisk });
  return interrupted?.directions ?? ['rollback'];
}

/** Returns true if two objects have the same properties in the same order. */
export function isSame(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Returns a state without the lock, because the lock may stay if removing its entry failed twice. */
export function withoutLock(state: Entries): Entries {
  return Object.fromEntries(Object.entries(state).filter(([path]) => !path.includes('pgsql_tmp.pg-hostssl.lock')));
}
