import { PgHostsslError } from '../errors.ts';
import { withOwnerFiles } from './files/owner-files.ts';

/** What {@link signalReload} has done. */
export interface ReloadSignal {
  /** The number of the process that was told. */
  readonly pid: number;
}

/**
 * Tells the server of a data directory to reload its files (SIGHUP), once the process that postmaster.pid names is known to
 * be that server, by its working directory and its start time. Root sends the signal with the rights of the directory's
 * owner, so that it reaches no other account's process. The server reloads a moment later; `verifyServer` tells when.
 *
 * Where a connection is at hand, `SELECT pg_reload_conf()` does the same without any of these doubts, also in a container.
 * Windows has no such signal.
 *
 * @param dataDirectory the data directory
 * @returns the process that was told
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
    throw new PgHostsslError('reload-failed', `The server cannot be told: ${(cause as Error).message}`, {
      file: dataDirectory,
      hint: 'See that it runs on this system, outside a container; or run SELECT pg_reload_conf().',
      cause,
    });
  }
}
