import type { WritingModules } from '../node-files.ts';
import type { readPostmasterPid } from '../postmaster-pid.ts';
import type { readProcessStat } from '../process-stat.ts';
import type { startByPs } from '../start-by-ps.ts';

/** The modules and functions that {@link hangUp} needs. */
export interface HangUpModules extends Pick<WritingModules, 'fs' | 'path' | 'childProcess'> {
  readonly readPid: typeof readPostmasterPid;
  readonly readProcessStat: typeof readProcessStat;
  readonly startByPs: typeof startByPs;
}

/**
 * Sends SIGHUP to the server of a data directory. First the function checks that the process in postmaster.pid is that
 * server: the file remains after a crash, and the process id may then belong to another process. Errors have the form
 * of those of `node:fs`.
 *
 * The function uses no variables from outside, because its source text is sent to a child process of another account.
 *
 * @returns the process id of the server
 */
export async function hangUp(
  { fs, path: paths, childProcess, readPid, readProcessStat, startByPs }: HangUpModules,
  dataDirectory: string,
): Promise<number> {
  const { lstat, readFile, stat } = fs.promises;
  if (process.platform === 'win32') throw refusal('Windows has no SIGHUP');
  const path = paths.join(dataDirectory, 'postmaster.pid');
  if (!(await lstat(path)).isFile()) throw refusal(`${path} is not a regular file`);
  const { pid: number, dataDirectory: directory, started, status } = readPid(await readFile(path, 'utf8'));
  const pid = Number(number);
  if (!/^[1-9][0-9]{0,9}$/.test(number)) throw refusal(`${path} does not name the process of a server`);
  // In a container, the server is often process 1. Outside, process 1 is another program, from which only the working
  // directory below distinguishes the server.
  if (pid === 1 && process.platform !== 'linux') throw refusal(`${path} names process 1, which may be no server`);
  if (!(await isSame(directory, dataDirectory))) throw refusal(`${path} is for the data directory ${directory}`);
  if (status !== '' && !['ready', 'standby'].includes(status)) throw refusal(`the server is ${status}`);
  const start = await (process.platform === 'linux' ? secondsByProc(pid) : secondsByPs(pid));
  if (start === undefined) throw refusal(`process ${pid}, which ${path} names, does not run`);
  // The comparison is false if a time is not a number.
  if (!(Math.abs(start - Number(started)) <= 2)) {
    const reason = 'Either the process is another program, or the clock was set after the start of the server';
    throw refusal(`process ${pid} started at another time than ${path} says. ${reason}`);
  }
  if (process.platform === 'linux' && !(await isSame(`/proc/${pid}/cwd`, dataDirectory))) {
    throw refusal(`process ${pid} does not use this data directory`);
  }
  process.kill(pid, 'SIGHUP');
  return pid;

  function refusal(message: string): Error {
    return Object.assign(new Error(message), { code: 'ESRCH' });
  }

  async function isSame(one: string, other: string): Promise<boolean> {
    const [a, b] = await Promise.all([one, other].map((name) => stat(name, { bigint: true })));
    return a?.dev === b?.dev && a?.ino === b?.ino;
  }

  /** The start time of a process in seconds since 1970, as `ps` shows it; `undefined` if the process does not run. */
  async function secondsByPs(id: number): Promise<number | undefined> {
    const time = await startByPs(childProcess, id);
    return time === undefined ? undefined : Date.parse(`${time} UTC`) / 1000;
  }

  /** The same time from /proc. */
  async function secondsByProc(id: number): Promise<number | undefined> {
    const facts = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => undefined);
    const boot = /^btime ([0-9]+)$/m.exec(await readFile('/proc/stat', 'utf8'))?.[1];
    const ticks = facts && readProcessStat(facts).start;
    return ticks === undefined ? undefined : Number(boot) + Number(ticks) / 100;
  }
}
