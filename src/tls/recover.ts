import { basename, dirname } from 'node:path';
import { assertProperties, type PropertyNames } from '../arguments.ts';
import { clientFilePaths } from '../client/index.ts';
import { withOwnerFiles } from '../disk/account/owner-files.ts';
import { isBelow } from '../disk/is-below.ts';
import { lockPath } from '../disk/own-names.ts';
import { assertTlsFiles, type TlsFiles } from '../disk/tls-files.ts';
import { PgHostsslError } from '../errors.ts';
import { assertNotAborted, type Signal } from './abort-signal.ts';
import { notStarted, stuck, takenBack } from './apply-errors.ts';
import { placeOf } from './data-directory.ts';
import { type Journal, readJournal, removeJournal } from './files/journal.ts';
import { withLock } from './files/lock.ts';
import { EditedTarget } from './files/switch-target.ts';
import { decide, discard, finish, rollBack, switchAll, type Transaction, transactionOf } from './files/transaction.ts';
import { assertOwnJournal, confirmedTargets } from './journal-trust.ts';
import { assertLimit } from './limits.ts';

/** Options of {@link recoverApply}. */
export interface RecoverOptions {
  /**
   * The direction to take if both are possible: `complete` makes all files as planned, `rollback` makes them as they were
   * before. If the change stopped before the first or after the last file was replaced, only one direction is possible.
   */
  readonly direction: 'complete' | 'rollback';
  /** Files outside the data directory and the client's directory that the interrupted change may have written. */
  readonly paths?: readonly string[];
  /** The directory of the client whose files the interrupted change may have written. */
  readonly clientDirectory?: string;
  /** Where the files are; this machine's disk, each file with its owner's rights, if not given. */
  readonly files?: TlsFiles;
  /** How long the call waits for another process that changes the same data directory, in milliseconds; 10,000 by default. */
  readonly timeout?: number;
  /** Ends the waiting for another process. */
  readonly signal?: Signal;
}

const optionNames: PropertyNames<RecoverOptions> = {
  ...{ direction: true, paths: true, clientDirectory: true, files: true, timeout: true, signal: true },
};

/** The result of {@link recoverApply}. */
export interface RecoveryReport {
  /** `nothing`: no change was interrupted. */
  readonly outcome: 'nothing' | 'completed' | 'rolled-back';
  /** The files that the change was about. */
  readonly paths: readonly string[];
  /**
   * The files of former pairs that the change was to remove and that stay, because nobody has seen the server do without
   * them. A later plan removes them.
   */
  readonly notRemoved: readonly string[];
}

/**
 * Ends a change that was interrupted, by a crash or by an error that could not be taken back: all files become as planned,
 * or byte for byte, with mode and owner, as they were before. Nothing that holds a key is left over. It can itself be
 * interrupted and repeated at any time. The server has to reload its files afterwards.
 *
 * The owner of a data directory can write any journal there. So a path outside the data directory counts only if its own
 * directory confirms the journal (`applyPlan` leaves a digest there, which the account of that directory writes), and for
 * root only if it is named here. An account other than root recovers from its own journals alone.
 *
 * @param dataDirectory the data directory of the server
 * @param options the direction, and where files outside the data directory are
 * @returns whether the change was completed or rolled back
 * @throws PgHostsslError `target-changed` if another program has changed one of the files: `complete` has then written
 * nothing more, `rollback` has taken back what does not depend on that file; `apply-interrupted` for a path outside the
 * data directory that has to be named; `apply-aborted`, `apply-busy`, `apply-incomplete`, `target-not-writable`, `journal-invalid`, `account-unavailable`,
 * `path-not-trusted`, `data-directory-incomplete`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { memoryFiles, recoverApply } from 'pg-hostssl/tls';
 *
 * const files = memoryFiles({ '/data/PG_VERSION': '18\n' });
 * const report = await recoverApply('/data', { direction: 'complete', files });
 * assert.deepEqual(report, { outcome: 'nothing', paths: [], notRemoved: [] });
 * ```
 */
export async function recoverApply(dataDirectory: string, options: RecoverOptions): Promise<RecoveryReport> {
  assertProperties(options, optionNames, 'options of recoverApply');
  const { direction, files, paths = [], clientDirectory, signal, timeout = 10_000 } = options;
  if (direction !== 'complete' && direction !== 'rollback') {
    throw new PgHostsslError('argument-invalid', "The direction of recoverApply must be 'complete' or 'rollback'");
  }
  assertTlsFiles(files, 'the files of recoverApply');
  assertLimit(options.timeout, 'The timeout of recoverApply');
  const run = async (port: TlsFiles, pid: number, account: number | undefined): Promise<RecoveryReport> => {
    const place = await placeOf(dataDirectory, port);
    const lock = { path: lockPath(place.directory), files: port, pid, owner: place.owner, signal };
    return await withLock({ ...lock, patience: timeout, code: 'apply-busy' }, async () => {
      const journal = await readJournal(place);
      if (journal === undefined) {
        await removeJournal(place);
        return { outcome: 'nothing', paths: [], notRemoved: [] };
      }
      await assertOwnJournal(place, account);
      const named = await namedPaths(port, paths, clientDirectory);
      const isOriginal = journal.directory === place.id;
      const isIncluded = (path: string): boolean =>
        isBelow(path, place.directory) || named.has(path) || (account !== 0 && isOriginal);
      assertNamed(journal, isIncluded, isOriginal);
      const isConfirmed = await confirmedTargets(journal, place, isIncluded, direction);
      return await recover(transactionOf(port, place, journal, isConfirmed), direction);
    });
  };
  try {
    if (files !== undefined) return await run(files, process.pid, undefined);
    const client = clientDirectory === undefined ? undefined : { directory: clientDirectory };
    return await withOwnerFiles({ dataDirectory, client, named: paths }, (owner) =>
      run(owner.files, owner.pid, process.geteuid?.()),
    );
  } catch (error) {
    assertNotAborted(signal, error);
    throw notStarted(error);
  }
}

/** The paths that the caller has named, without symbolic links. */
async function namedPaths(
  files: TlsFiles,
  paths: readonly string[],
  clientDirectory: string | undefined,
): Promise<ReadonlySet<string>> {
  const client =
    clientDirectory === undefined ? [] : [clientDirectory, ...Object.values(clientFilePaths(clientDirectory))];
  const named = new Set<string>();
  for (const path of [...paths, ...client]) named.add(await files.realPath(path));
  return named;
}

/** Checks that all paths of the journal are included. In a copy of the data directory, paths outside it are ignored instead. */
function assertNamed(journal: Journal, isIncluded: (path: string) => boolean, isOriginal: boolean): void {
  const missing = [...journal.directories, ...journal.targets.map(({ path }) => path)].find(
    (path) => !isIncluded(path),
  );
  if (missing === undefined || !isOriginal) return;
  throw new PgHostsslError('apply-interrupted', 'The interrupted change was also about this path', {
    file: missing,
    hint: `Nothing was written. Name ${dirname(missing)} as clientDirectory, or ${basename(missing)} with its path in paths.`,
  });
}

async function recover(transaction: Transaction, direction: RecoverOptions['direction']): Promise<RecoveryReport> {
  const { state } = transaction.journal;
  const paths = transaction.targets.map(({ path }) => path);
  try {
    if (state === 'staging') {
      await discard(transaction);
      return { outcome: 'rolled-back', paths, notRemoved: [] };
    }
    if (state === 'finishing' || (state === 'switching' && direction === 'complete')) {
      if (state === 'switching') {
        await complete(transaction);
        await decide(transaction);
      }
      await finish(transaction);
      return { outcome: 'completed', paths, notRemoved: await notRemoved(transaction) };
    }
    const outcome = await rollBack(transaction);
    if (outcome.stoppedAt !== undefined) {
      throw await takenBack(new EditedTarget(outcome.stoppedAt), outcome, transaction, '');
    }
    return { outcome: 'rolled-back', paths, notRemoved: [] };
  } catch (error) {
    if (error instanceof PgHostsslError) throw error;
    throw await stuck('The interrupted change could not be ended', error, transaction);
  }
}

/** The files that the change was to remove and that are still there. */
async function notRemoved({ targets, files }: Transaction): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const { path, after } of targets) {
    if (after === null && (await files.inspect(path)) !== undefined) paths.push(path);
  }
  return paths;
}

/** Replaces the targets that are not replaced yet. No file is removed: nobody has seen the server work without it. */
async function complete(transaction: Transaction): Promise<void> {
  try {
    await switchAll(
      transaction,
      transaction.targets.filter(({ after }) => after !== null),
    );
  } catch (error) {
    if (!(error instanceof EditedTarget)) throw error;
    throw new PgHostsslError('target-changed', 'This file is not as the interrupted change left it', {
      file: error.target.path,
      hint: `It stays as it is. Take the change back: recoverApply(dataDirectory, { direction: 'rollback' }).`,
      cause: error,
    });
  }
}
