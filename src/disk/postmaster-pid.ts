/**
 * The facts about a server in the file postmaster.pid of its data directory. The server writes the file when it starts,
 * and the file remains after a crash.
 */
export interface PostmasterPid {
  readonly pid: string;
  readonly dataDirectory: string;
  /** The start time of the server in seconds since 1970. */
  readonly started: string;
  readonly port: string;
  /** `starting`, `stopping`, `ready` or `standby`. Empty for servers before 10, which do not write the status. */
  readonly status: string;
}

/**
 * Reads the lines of a postmaster.pid. A missing line becomes an empty text. The function uses no variables from
 * outside, because its source text is sent to a child process of another account.
 *
 * @see CreateLockFile in miscinit.c and `LOCK_FILE_LINE_…` in pidfile.h
 */
export function readPostmasterPid(text: string): PostmasterPid {
  const [pid = '', dataDirectory = '', started = '', port = '', , , , status = ''] = text.split('\n');
  return { pid, dataDirectory, started, port, status: status.split(' ', 1)[0]! };
}
