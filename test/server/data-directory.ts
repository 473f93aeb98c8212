import { type SpawnOptions, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { PgMajor } from '../../src/version.ts';
import { serverAccount, serverSpawnOptions } from './account.ts';
import { moveOnce, serverBinary } from './binaries.ts';
import { cacheFolder } from './temporary.ts';

/** The superuser that initdb makes. */
export const superuser = 'postgres';

/**
 * Makes a data directory as initdb of this major version makes it, with the stock configuration files.
 *
 * @param programs the folder of the initdb program, if it is not the one from npm
 */
export async function createDataDirectory(major: PgMajor, target: string, programs?: string): Promise<void> {
  // A data directory of initdb is copied, because copying takes a tenth of the time of initdb.
  await run('cp', ['-RPp', join(await template(major, programs), 'data'), target]);
}

async function template(major: PgMajor, programs: string | undefined): Promise<string> {
  const target = join(cacheFolder(), `template-${programs?.replaceAll('/', '_') ?? major}`);
  if (!existsSync(target)) {
    const fresh = mkdtempSync(`${target}-`);
    chmodSync(fresh, 0o755);
    const data = join(fresh, 'data');
    mkdirSync(data, { mode: 0o700 });
    if (serverAccount !== undefined) chownSync(data, serverAccount.uid, serverAccount.gid);
    await run(serverBinary(major, 'initdb', programs), [
      ...['-D', data, '-U', superuser, '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'],
    ]);
    moveOnce(fresh, target);
  }
  return target;
}

/** Runs a program with the account of the test servers. */
async function run(command: string, parameters: readonly string[]): Promise<void> {
  const options: SpawnOptions = { ...serverSpawnOptions(), stdio: ['ignore', 'pipe', 'pipe'] };
  const child = spawn(command, parameters, options);
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (status !== 0) throw new Error(`${command} failed:\n${output}`);
}
