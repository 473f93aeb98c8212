import { withOwnerFiles } from '../disk/account/owner-files.ts';
import { PgHostsslError } from '../errors.ts';

/** The result of {@link signalReload}. */
export interface ReloadSignal {
  /** The number of the process that got the signal. */
  readonly pid: number;
}

/**
 * Tells the server of a data directory to reload its files (SIGHUP). Before that it checks by working directory and start
 * time that the process in postmaster.pid is that server. Root sends the signal with the rights of the directory's owner, so
 * that it reaches no process of another account. The server reloads a moment later; `verifyServer` tells when.
 *
 * With a connection, `SELECT pg_reload_conf()` does the same without these checks, also in a container. Windows has no such
 * signal.
 *
 * @param dataDirectory the data directory
 * @returns the process that got the signal
 * @throws PgHostsslError `reload-failed` if no such server runs here, or it may not be told
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { signalReload } from 'pg-hostssl/tls';
 *
 * await assert.rejects(signalReload('/there/is/no/such/directory'), { code: 'reload-failed' });
 * ```
 */
export async function signalReload(dataDirectory: string): Promise<ReloadSignal> {
  try {
    const pid = await withOwnerFiles({ dataDirectory }, (owner) => owner.hangUp(dataDirectory));
    return { pid };
  } catch (cause) {
    if (cause instanceof PgHostsslError && cause.code !== 'data-directory-incomplete') throw cause;
    throw new PgHostsslError('reload-failed', `The server cannot be told to reload: ${(cause as Error).message}`, {
      file: dataDirectory,
      hint: 'See that it runs on this system, outside a container; or run SELECT pg_reload_conf().',
      cause,
    });
  }
}
