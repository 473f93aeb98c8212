/**
 * The facts that a server writes about itself into postmaster.pid of its data directory. The file remains after a
 * crash.
 */
export interface PostmasterPid {
  readonly pid: string;
  readonly dataDirectory: string;
  /** The start of the server in seconds since 1970. */
  readonly started: string;
  readonly port: string;
  /** `starting`, `stopping`, `ready` or `standby`. Empty before version 10, which does not write it. */
  readonly status: string;
}

/**
 * The unchanged lines of a postmaster.pid. A missing line is an empty text. The function uses nothing outside itself,
 * because its source text is sent to a child process.
 *
 * @see CreateLockFile in miscinit.c and `LOCK_FILE_LINE_…` in pidfile.h
 */
export function readPostmasterPid(text: string): PostmasterPid {
  const [pid = '', dataDirectory = '', started = '', port = '', , , , status = ''] = text.split('\n');
  return { pid, dataDirectory, started, port, status: status.replace(/ +$/, '') };
}
