import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PgMajor } from '../../src/version.ts';
import { serverSpawnOptions } from './account.ts';
import { packagedServer, programsFromEnvironment } from './packages.ts';
import { cacheFolder } from './temporary.ts';

const readable = new Map<PgMajor, string>();

/**
 * Returns the path of a program of a server, in a place where the account of the test servers can run it.
 *
 * @param programs the folder of the program, if the program is not the one from npm
 */
export function serverBinary(major: PgMajor, program: 'postgres' | 'initdb', programs?: string): string {
  const own = programs ?? programsFromEnvironment(major);
  if (own !== undefined) return join(own, program);
  let folder = readable.get(major);
  if (folder === undefined) {
    folder = packagedServer(major);
    if (!runs(folder)) folder = readableCopy(major, folder);
    readable.set(major, folder);
  }
  return join(folder, 'bin', program);
}

function runs(folder: string): boolean {
  return spawnSync(join(folder, 'bin', 'postgres'), ['--version'], serverSpawnOptions()).status === 0;
}

/**
 * Copies the programs if the repository is in a place that other accounts cannot read, such as `/root`. Returns the
 * folder to use.
 */
function readableCopy(major: PgMajor, source: string): string {
  const target = join(cacheFolder(), `server-${major}`);
  if (!existsSync(target)) {
    const fresh = mkdtempSync(`${target}-`);
    run('cp', ['-RP', `${source}/.`, fresh]);
    run('chmod', ['-R', 'a+rX', fresh]);
    moveOnce(fresh, target);
  }
  if (!runs(target)) throw new Error(`The PostgreSQL ${major} in ${source} does not run here`);
  return target;
}

/** Renames a finished folder, unless another process has done the same already. */
export function moveOnce(fresh: string, target: string): void {
  try {
    renameSync(fresh, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
    rmSync(fresh, { recursive: true });
  }
}

function run(command: string, parameters: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, parameters);
  if (status !== 0) throw error ?? new Error(`${command} failed: ${stderr}`);
}
