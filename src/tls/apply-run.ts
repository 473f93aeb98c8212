import { randomBytes } from 'node:crypto';
import { isTextList, kindOf } from '../arguments.ts';
import { keyFileMode } from '../c/key-file-permissions.ts';
import type { TlsFiles } from '../disk/tls-files.ts';
import { PgHostsslError } from '../errors.ts';
import { assertNotAborted } from './abort-signal.ts';
import { incompleteError, reason, rolledBackError } from './apply-errors.ts';
import type { ApplyOptions, ApplyReport, ApplyTimeouts } from './apply-options.ts';
import { type Journal, type JournalPlace, readJournal } from './files/journal.ts';
import { isStillThere } from './files/remove-if-there.ts';
import {
  assertReplaced,
  beginTransaction,
  commit,
  discard,
  finish,
  rollBack,
  stageFiles,
  switchAll,
  type Transaction,
  transactionOf,
} from './files/transaction.ts';
import { interruptedError } from './interrupted-error.ts';
import { withinLimit } from './limits.ts';
import {
  checkPreconditions,
  type PendingRemoval,
  type PendingWrite,
  pendingRemovals,
  pendingWrites,
} from './pending.ts';
import type { TlsPlan } from './plan/data/plan-data.ts';
import type { VerifyResult } from './verify.ts';

const verdicts: Readonly<Record<VerifyResult['kind'], true>> = { verified: true, unproved: true, failed: true };

/**
 * Checks the result of the caller's `verify`: a value of another kind, such as `false`, must not count as a success.
 */
function assertVerdict(result: unknown): asserts result is VerifyResult | undefined {
  const { kind, reasons } = Object(result) as Partial<VerifyResult>;
  if (result === undefined || (Object.hasOwn(verdicts, String(kind)) && isTextList(reasons))) return;
  throw new Error(`verify must return undefined or a result of verifyServer; got ${kindOf(result)}`);
}

/** The time limits of {@link ApplyTimeouts}, each with its default if not given. */
type TimeLimits = Readonly<Record<'reload' | 'verify', number>>;

/** The parameters of an {@link ApplyRun}. */
export interface ApplyRunRequest extends Pick<ApplyOptions, 'reload' | 'verify' | 'signal'> {
  readonly plan: TlsPlan;
  readonly timeouts: TimeLimits;
  /** The {@link TlsFiles} that read and write the files of the plan. */
  readonly files: TlsFiles;
  readonly place: JournalPlace;
}

/** One application of a plan. It runs while the process holds the lock on the data directory. */
export class ApplyRun {
  readonly #request: ApplyRunRequest;
  readonly #plan: TlsPlan;
  readonly #files: TlsFiles;
  readonly #place: JournalPlace;

  constructor(request: ApplyRunRequest) {
    this.#request = request;
    this.#plan = request.plan;
    this.#files = request.files;
    this.#place = request.place;
  }

  async run(): Promise<ApplyReport> {
    const journal = await readJournal(this.#place);
    if (journal !== undefined) {
      throw interruptedError(this.#place.directory, { started: journal.started, isRunning: false });
    }
    await checkPreconditions(this.#plan, this.#files);
    const writes = await pendingWrites(this.#plan, this.#files);
    const removals = this.#mayRemove(writes) ? await pendingRemovals(this.#plan, this.#files) : [];
    const { notCarriedOver, removed } = await this.#change(writes, removals);
    const written = writes.map(({ write }) => write.path);
    return {
      written,
      unchanged: this.#plan.writes.map(({ path }) => path).filter((path) => !written.includes(path)),
      removed,
      notRemoved: await this.#stillThere(removed),
      notCarriedOver,
      action: this.#plan.action,
    };
  }

  /**
   * Whether the files that the plan removes may be removed. This needs a `verify` that shows that the server works
   * without these files, in this call of `applyPlan` or in an earlier one.
   */
  #mayRemove(writes: readonly PendingWrite[]): boolean {
    return this.#request.verify !== undefined || (writes.length === 0 && this.#plan.action === 'none');
  }

  async #stillThere(removed: readonly string[]): Promise<readonly string[]> {
    const left: string[] = [];
    for (const { path } of this.#plan.removals) {
      const real = await this.#files.realPath(path).catch(() => undefined);
      if (real !== undefined && removed.includes(real)) continue;
      if (real === undefined || (await isStillThere(path, this.#files))) left.push(path);
    }
    return left;
  }

  async #change(
    writes: readonly PendingWrite[],
    removals: readonly PendingRemoval[],
  ): Promise<Pick<ApplyReport, 'notCarriedOver' | 'removed'>> {
    if (writes.length + removals.length === 0) {
      await this.#tellServer(new Date()).catch((cause) => {
        throw new PgHostsslError('verify-failed', `All files were as planned before: ${reason(cause)}`, { cause });
      });
      return { notCarriedOver: [], removed: [] };
    }
    const begun = transactionOf(this.#files, this.#place, await this.#journal(writes, removals));
    const { transaction, notCarriedOver } = await this.#stage(begun, writes);
    const written = transaction.targets.slice(0, writes.length);
    const removed = transaction.targets.slice(writes.length);
    let isSwitched = false;
    let mayRemove = true;
    try {
      const switchedAt = new Date();
      await switchAll(transaction, written);
      isSwitched = true;
      mayRemove = await this.#tellServer(switchedAt);
      await assertReplaced(transaction, written);
      if (mayRemove) await switchAll(transaction, removed);
      await commit(transaction);
    } catch (cause) {
      throw await this.#rollBack(transaction, cause, { mustReload: isSwitched });
    }
    try {
      await finish(transaction);
    } catch (cause) {
      throw await incompleteError(
        'All files are as planned, but some leftover files could not be removed',
        cause,
        transaction,
      );
    }
    return { notCarriedOver, removed: mayRemove ? removals.map(({ path }) => path) : [] };
  }

  async #journal(writes: readonly PendingWrite[], removals: readonly PendingRemoval[]): Promise<Journal> {
    const directories: string[] = [];
    for (const { path } of this.#plan.directories) {
      if ((await this.#files.statDirectory(path)) === undefined) directories.push(await this.#files.realPath(path));
    }
    return {
      version: 1,
      id: randomBytes(8).toString('hex'),
      state: 'staging',
      started: new Date().toISOString(),
      directory: this.#place.id,
      directories,
      targets: [...writes, ...removals].map(({ path, before }) => ({ path, before, after: null })),
    };
  }

  /** Creates the new content of all files beside their targets. If this fails, no target file has been changed. */
  async #stage(begun: Transaction, writes: readonly PendingWrite[]): ReturnType<typeof stageFiles> {
    const contents = writes.map(({ write, before }) => ({
      content: () => write.content(),
      mode: write.mode ?? before?.mode ?? keyFileMode,
      owner: write.owner ?? before?.owner,
    }));
    const isNew = (path: string): boolean => begun.directories.includes(path);
    const directories = [];
    for (const directory of this.#plan.directories) {
      const path = await this.#files.realPath(directory.path);
      if (isNew(path)) directories.push({ ...directory, path });
    }
    try {
      await beginTransaction(begun);
      const staged = await stageFiles(begun, directories, contents);
      // Another program may have saved a file while the staged files were being created.
      await checkPreconditions(this.#plan, this.#files);
      await pendingWrites(this.#plan, this.#files);
      assertNotAborted(this.#request.signal);
      return staged;
    } catch (cause) {
      try {
        await discard(begun);
      } catch (second) {
        const what = 'No file was replaced, but the staged files could not be removed';
        throw await incompleteError(what, second, begun, cause);
      }
      throw cause;
    }
  }

  /**
   * Calls `reload` and `verify`. The result is false if `verify` could not prove that the server uses the new files.
   */
  async #tellServer(switchedAt: Date): Promise<boolean> {
    const { reload, verify, signal } = this.#request;
    const { action } = this.#plan;
    const step = (name: 'reload' | 'verify') => ({ name, limit: this.#request.timeouts[name], signal });
    signal?.throwIfAborted();
    if (reload !== undefined && action !== 'none') {
      await withinLimit(step('reload'), (own) => reload({ action, switchedAt, signal: own }));
    }
    signal?.throwIfAborted();
    if (verify === undefined) return true;
    const result = await withinLimit(step('verify'), (own) => verify({ action, switchedAt, signal: own }));
    signal?.throwIfAborted();
    assertVerdict(result);
    if (result?.kind === 'failed') throw new Error(result.reasons.join('; '));
    return result?.kind !== 'unproved';
  }

  /** Rolls the change back, and returns the error to throw. */
  async #rollBack(
    transaction: Transaction,
    cause: unknown,
    { mustReload }: { readonly mustReload: boolean },
  ): Promise<unknown> {
    try {
      const outcome = await rollBack(transaction);
      return await rolledBackError(
        cause,
        outcome,
        transaction,
        mustReload ? await this.#reloadAgain(reason(cause)) : '',
      );
    } catch (second) {
      return await incompleteError('The change could not be rolled back', second, transaction, cause);
    }
  }

  /**
   * Calls `reload` after a roll-back, and returns a sentence about it for the error message. The signal of the caller
   * may be aborted already, so `reload` gets another signal.
   */
  async #reloadAgain(cause: string): Promise<string> {
    const { reload } = this.#request;
    const { action } = this.#plan;
    if (reload === undefined || action === 'none') return '';
    const limit = { name: 'reload', limit: this.#request.timeouts.reload };
    try {
      await withinLimit(limit, (signal) => reload({ action, switchedAt: new Date(), signal }));
      return '. The server was told to reload';
    } catch (error) {
      const isSame = reason(error) === cause;
      return `. The server could not be told to reload${isSame ? ', for the same reason' : `: ${reason(error)}`}`;
    }
  }
}
