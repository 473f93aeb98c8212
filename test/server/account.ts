import type { SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** An account of the operating system. */
export interface Account {
  /** User id. */
  readonly uid: number;
  /** Group id. */
  readonly gid: number;
}

/**
 * The account that runs the test servers and owns their files, if it is not the account of this process. A server
 * refuses to run as root, so if root runs the tests, the servers run as `nobody`.
 */
export const serverAccount: Account | undefined = process.getuid?.() === 0 ? nobody() : undefined;

/**
 * Returns the options with which `spawn` starts a program of a server: its account, and an environment without the
 * user's variables.
 */
export function serverSpawnOptions(): Pick<SpawnOptions, 'uid' | 'gid' | 'cwd' | 'env'> {
  return {
    ...serverAccount,
    // The programs read their working directory. The account may lack the right to read the directory of this process.
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
  };
}

function nobody(): Account {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? { uid: 65534, gid: 65534 } : { uid: Number(uid), gid: Number(gid) };
}
