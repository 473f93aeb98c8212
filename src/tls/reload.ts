import { assertPath } from '../arguments.ts';
import { withOwnerFiles } from '../disk/account/owner-files.ts';
import { hasCode } from '../disk/system-error.ts';
import { messageOf, PgHostsslError } from '../errors.ts';

/** The result of {@link signalReload}. */
export interface ReloadSignal {
  /** The process id of the server that got the signal. */
  readonly pid: number;
}

/**
 * Makes the server of a data directory reload its files (SIGHUP). First the function checks that the process in
 * postmaster.pid is that server: it compares the working directory and the start time of the process. If root calls the
 * function, a process with the rights of the directory's owner sends the signal, so that the signal cannot reach a
 * process of another account. The server reloads its files a moment after the signal; `verifyServer` waits for that.
 *
 * If the server runs in a container, call the function in the same container. If you have a connection,
 * `SELECT pg_reload_conf()` also makes the server reload, from anywhere, but without these checks. Windows has no such
 * signal.
 *
 * @param dataDirectory the data directory
 * @returns the process that got the signal
 * @throws PgHostsslError `reload-failed` if no server of this data directory runs on this machine, or if the account
 * may not send the signal; `path-not-trusted`, `account-unavailable` or `file-not-readable` if root cannot work with
 * the owner's rights; `argument-invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { signalReload } from 'pg-hostssl/tls';
 *
 * await assert.rejects(signalReload('/there/is/no/such/directory'), { code: 'reload-failed' });
 * ```
 */
export async function signalReload(dataDirectory: string): Promise<ReloadSignal> {
  assertPath(dataDirectory, 'The data directory of signalReload');
  try {
    const pid = await withOwnerFiles({ dataDirectory }, (owner) => owner.hangUp(dataDirectory));
    return { pid };
  } catch (cause) {
    if (cause instanceof PgHostsslError && cause.code !== 'data-directory-incomplete') throw cause;
    throw new PgHostsslError('reload-failed', `The server cannot be told to reload: ${messageOf(cause)}`, {
      file: dataDirectory,
      hint: hasCode(cause, 'EACCES', 'EPERM')
        ? 'Run the program as the account that owns the data directory, or as root. Or run SELECT pg_reload_conf().'
        : 'Check that the server runs on this system, and in the same container as this process. Or run SELECT pg_reload_conf().',
      cause,
    });
  }
}
