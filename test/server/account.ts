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
 * The account that servers run as and that owns their files, if it is not the account of this process. A server refuses to run
 * as root, so root runs it as `nobody`.
 */
export const serverAccount: Account | undefined = process.getuid?.() === 0 ? nobody() : undefined;

/** Returns how to spawn a program of a server: its account, and an environment without variables of the user. */
export function serverSpawnOptions(): Pick<SpawnOptions, 'uid' | 'gid' | 'cwd' | 'env'> {
  return {
    ...serverAccount,
    // The programs want to read their working directory, which this account may not be allowed to read.
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
