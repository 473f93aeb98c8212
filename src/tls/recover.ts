import { basename, dirname } from 'node:path';
import { assertKnownValue, assertPath, assertPaths, assertProperties, type PropertyNames } from '../arguments.ts';
import { clientFilePaths } from '../client/bundle/files.ts';
import { withOwnerFiles } from '../disk/account/owner-files.ts';
import { checkedTlsFiles } from '../disk/checked-files.ts';
import { diskFiles } from '../disk/disk-files.ts';
import { isBelow } from '../disk/is-below.ts';
import { lockPath } from '../disk/own-names.ts';
import type { TlsFiles } from '../disk/tls-files.ts';
import { PgHostsslError } from '../errors.ts';
import { assertNotAborted, assertSignal, type Signal } from './abort-signal.ts';
import { incompleteError, nothingWrittenError, rolledBackError } from './apply-errors.ts';
import { placeOf } from './data-directory.ts';
import { type Journal, readJournal, removeJournal } from './files/journal.ts';
import { withLock } from './files/lock.ts';
import { isStillThere } from './files/remove-if-there.ts';
import { EditedTarget } from './files/switch-target.ts';
import { commit, discard, finish, rollBack, switchAll, type Transaction, transactionOf } from './files/transaction.ts';
import { assertOwnJournal, confirmedTargets } from './journal-trust.ts';
import { assertLimit } from './limits.ts';

/** Options of {@link recoverApply}. */
export interface RecoverOptions {
  /**
   * The direction of the recovery: `complete` replaces the remaining files, `rollback` restores the former files. If
   * the change stopped before the first replacement, after the last one, or during a roll-back, only one direction is
   * possible, and this option has no effect.
   */
  readonly direction: 'complete' | 'rollback';
  /** Files outside the data directory and the client's directory that the interrupted change may have written. */
  readonly paths?: readonly string[] | undefined;
  /** The directory of the client, if the interrupted change may have written files there. */
  readonly clientDirectory?: string | undefined;
  /**
   * The {@link TlsFiles} that read and write the files. If not given, the files of this machine, each accessed with the
   * rights of its owner.
   */
  readonly files?: TlsFiles | undefined;
  /** Milliseconds to wait for another process that changes the same data directory; 10,000 by default. */
  readonly timeout?: number | undefined;
  /** A signal that ends the waiting for another process. */
  readonly signal?: Signal | undefined;
}

const optionNames: PropertyNames<RecoverOptions> = {
  direction: true,
  paths: true,
  clientDirectory: true,
  files: true,
  timeout: true,
  signal: true,
};

/** The result of {@link recoverApply}. */
export interface RecoveryReport {
  /** The outcome. `nothing`: no change was interrupted. */
  readonly outcome: 'nothing' | 'completed' | 'rolled-back';
  /** The paths of the files that the change creates, replaces or removes. */
  readonly paths: readonly string[];
  /**
   * The paths of former certificate and key files that the plan removes and that still exist. A recovery does not
   * remove them, because nobody has verified that the server works without them. A later plan removes them.
   */
  readonly notRemoved: readonly string[];
}

/**
 * Ends a change that was interrupted by a crash, or by an error that could not be rolled back. Afterwards either all
 * files are as planned, or all have their former content, mode and owner. No leftover file with a key remains. If the
 * recovery itself is interrupted, it can be repeated. Afterwards the server must reload its files.
 *
 * The owner of a data directory could write a journal that lists files of other accounts. The recovery therefore
 * changes a file outside the data directory only if the directory of that file confirms the journal: `applyPlan` writes
 * a digest of the journal there, with the rights of that directory's owner. If root calls the function, `paths` or
 * `clientDirectory` must also name the file. An account other than root recovers only from journals that it wrote
 * itself.
 *
 * @param dataDirectory the data directory of the server
 * @param options the direction, and the paths of files outside the data directory
 * @returns whether the change was completed or rolled back
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `target-changed` if another program has
 * changed one of the files: `complete` then stops before that file, `rollback` has restored the files that were
 * replaced after it; `apply-interrupted` for a path outside the data directory that `paths` and `clientDirectory` do
 * not name; `apply-aborted`, `apply-busy`, `apply-incomplete`, `target-not-writable`, `journal-invalid`,
 * `account-unavailable`, `path-not-trusted`, `data-directory-incomplete`
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
  assertPath(dataDirectory, 'The data directory of recoverApply');
  assertProperties(options, optionNames, 'options of recoverApply');
  const { direction, paths, clientDirectory, signal } = options;
  assertKnownValue(direction, ['complete', 'rollback'], 'direction of recoverApply');
  const files = checkedTlsFiles(options.files, 'the files of recoverApply');
  assertPaths(paths, 'paths of recoverApply');
  if (clientDirectory !== undefined) assertPath(clientDirectory, 'The clientDirectory of recoverApply');
  assertSignal(signal, 'signal of recoverApply');
  assertLimit(options.timeout, 'The timeout of recoverApply');
  try {
    if (files !== undefined) return await recoverLocked(dataDirectory, options, { files, pid: process.pid });
    const client = clientDirectory === undefined ? undefined : { directory: clientDirectory };
    return await withOwnerFiles({ dataDirectory, client, named: paths ?? [] }, (owner) =>
      recoverLocked(dataDirectory, options, { files: owner.files, pid: owner.pid, account: process.geteuid?.() }),
    );
  } catch (error) {
    assertNotAborted(signal, error);
    throw nothingWrittenError(error);
  }
}

/** The files for a recovery, and who works on them. */
interface Worker {
  readonly files: TlsFiles;
  /** The process that takes the lock. */
  readonly pid: number;
  /** The account that called the function; `undefined` if the caller gave the files, and on Windows. */
  readonly account?: number | undefined;
}

/** Takes the lock of the data directory, checks the journal, and recovers the files that the journal may name. */
async function recoverLocked(
  dataDirectory: string,
  { direction, paths = [], clientDirectory, signal, timeout, files: queue }: RecoverOptions,
  { files, pid, account }: Worker,
): Promise<RecoveryReport> {
  const place = await placeOf(dataDirectory, files);
  const lock = { path: lockPath(place.directory), files, queue: queue ?? diskFiles, pid, owner: place.owner };
  return await withLock({ ...lock, signal, patience: timeout, code: 'apply-busy' }, async () => {
    const journal = await readJournal(place);
    if (journal === undefined) {
      await removeJournal(place);
      return { outcome: 'nothing', paths: [], notRemoved: [] };
    }
    await assertOwnJournal(place, account);
    const named = await namedPaths(files, paths, clientDirectory);
    // If the data directory is a copy, the recovery ignores the paths outside, and the caller need not name them.
    const isOriginal = journal.directory === place.id;
    const isIncluded = (path: string): boolean =>
      isBelow(path, place.directory) || named.has(path) || (account !== 0 && isOriginal);
    if (isOriginal) assertNamed(journal, isIncluded);
    const isTarget = await confirmedTargets(journal, place, isIncluded, direction);
    // A directory that the change made needs no witness: it is removed only if its mark file confirms the journal.
    const parts = { isTarget, isDirectory: isIncluded };
    return await recover(transactionOf(files, place, journal, parts), direction);
  });
}

/** The paths that the caller named, with symbolic links resolved. */
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

/** Checks that the caller named all paths of the journal that are outside the data directory. */
function assertNamed(journal: Journal, isIncluded: (path: string) => boolean): void {
  const missing = [...journal.directories, ...journal.targets.map(({ path }) => path)].find(
    (path) => !isIncluded(path),
  );
  if (missing === undefined) return;
  const client = journal.directories.includes(missing) ? missing : dirname(missing);
  throw new PgHostsslError('apply-interrupted', 'The interrupted change also includes the path', {
    file: missing,
    hint: `Nothing was written. Name ${client} as clientDirectory, or ${basename(missing)} with its path in paths.`,
  });
}

async function recover(transaction: Transaction, direction: RecoverOptions['direction']): Promise<RecoveryReport> {
  const { state } = transaction.journal;
  const isCompleted = state === 'finishing' || (state === 'switching' && direction === 'complete');
  try {
    if (state === 'switching' && isCompleted) {
      await complete(transaction);
      await commit(transaction);
    }
    if (isCompleted) await finish(transaction);
    else if (state === 'staging') await discard(transaction);
    else await restore(transaction);
  } catch (error) {
    if (error instanceof PgHostsslError) throw error;
    const what = `The interrupted change could not be ${isCompleted ? 'completed' : 'rolled back'}`;
    throw await incompleteError(what, error, transaction);
  }
  const paths = transaction.targets.map(({ path }) => path);
  if (!isCompleted) return { outcome: 'rolled-back', paths, notRemoved: [] };
  return { outcome: 'completed', paths, notRemoved: await notRemoved(transaction) };
}

/** The paths of the files that the plan removes and that still exist. */
async function notRemoved({ targets, files }: Transaction): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const { path, after } of targets) if (after === null && (await isStillThere(path, files))) paths.push(path);
  return paths;
}

/** Rolls the change back. Throws if another program has changed one of the files. */
async function restore(transaction: Transaction): Promise<void> {
  const outcome = await rollBack(transaction);
  if (outcome.stoppedAt === undefined) return;
  throw await rolledBackError(new EditedTarget(outcome.stoppedAt), outcome, transaction, '');
}

/**
 * Replaces the targets that have not been replaced yet. The files that the plan removes are not removed, because nobody
 * has verified that the server works without them.
 */
async function complete(transaction: Transaction): Promise<void> {
  try {
    await switchAll(
      transaction,
      transaction.targets.filter(({ after }) => after !== null),
    );
  } catch (error) {
    if (!(error instanceof EditedTarget)) throw error;
    throw new PgHostsslError('target-changed', 'The file has changed since the interrupted change', {
      file: error.target.path,
      hint: `The file stays as it is. Roll the change back: recoverApply(dataDirectory, { direction: 'rollback' }).`,
      cause: error,
    });
  }
}
