/** What a server writes about itself into the postmaster.pid of its data directory. The file stays after a crash. */
export interface PostmasterPid {
  readonly pid: string;
  readonly dataDirectory: string;
  /** The start of the server in seconds since 1970. */
  readonly started: string;
  readonly port: string;
  /** `starting`, `stopping`, `ready` or `standby`. Versions before 10 do not write it. */
  readonly status: string;
}

/**
 * The lines of a postmaster.pid as they are; a line that the file does not have is empty. A child process is given the text
 * of this function, so it refers to nothing outside itself.
 *
 * @see CreateLockFile in miscinit.c and `LOCK_FILE_LINE_…` in pidfile.h
 */
export function readPostmasterPid(text: string): PostmasterPid {
  const [pid = '', dataDirectory = '', started = '', port = '', , , , status = ''] = text.split('\n');
  return { pid, dataDirectory, started, port, status: status.replace(/ +$/, '') };
}
