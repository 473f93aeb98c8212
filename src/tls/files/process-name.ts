import childProcess from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { readProcessStat } from '../../disk/process-stat.ts';
import { startByPs } from '../../disk/start-by-ps.ts';
import { hasCode } from '../../disk/system-error.ts';

/**
 * The identity of a process. It distinguishes a process from an earlier process with the same process id. An unknown
 * property is `0`. The properties contain only letters, digits and `_`.
 */
export interface ProcessName {
  /** The process id. */
  readonly pid: number;
  /** The start time of the process, in a unit of the operating system. */
  readonly start: string;
  /** The id of the system's last boot. */
  readonly boot: string;
  /** The namespace of process ids. A container has its own namespace. */
  readonly space: string;
}

/** The identity of this process, or of a running child process. */
export async function processName(pid: number): Promise<ProcessName> {
  return { pid, start: (await startOf(pid)) ?? '0', ...(await systemNames()) };
}

/**
 * Whether a process is known to have ended. The result is false for a process in another container, because such a
 * process cannot be looked up, and for a process whose start time is unreadable.
 */
export async function hasProcessEnded({ pid, start, boot, space }: ProcessName): Promise<boolean> {
  const here = await systemNames();
  if (boot !== here.boot) return true;
  if (space !== here.space) return false;
  if (!isThere(pid)) return true;
  const current = await startOf(pid);
  // `ended` means a zombie: a process that has ended, but whose parent has not read its exit status. In some
  // containers, the first process never reads the exit status of its children.
  if (current === 'ended') return true;
  return current !== undefined && start !== '0' && current !== start;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM means that the process exists and belongs to another account.
    return !hasCode(error, 'ESRCH');
  }
}

/** The ids of the system's last boot and of the namespace of this process. */
async function systemNames(): Promise<Pick<ProcessName, 'boot' | 'space'>> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const space = await readlink('/proc/self/ns/pid').catch(() => '');
  return { boot: plain(boot), space: plain(space) };
}

/** The start time of a process. The result is `ended` for a zombie, and `undefined` if the time cannot be read. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  if (process.platform !== 'linux') {
    const time = await startByPs(childProcess, pid);
    return time === undefined ? undefined : plain(time);
  }
  try {
    const { state, start } = readProcessStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
    return state === 'Z' || state === 'X' ? 'ended' : start;
  } catch {
    return undefined;
  }
}

/** A text of which only the letters and digits are left; `0` if there are none. */
function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, '') || '0';
}
