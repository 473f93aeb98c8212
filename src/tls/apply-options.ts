import type { TlsFiles } from '../disk/tls-files.ts';
import type { Signal } from './abort-signal.ts';
import type { ServerAction } from './plan/plan-data.ts';
import type { VerifyResult } from './verify.ts';

/** The argument of `reload` and `verify` in {@link ApplyOptions}. */
export interface ApplyStep {
  /** The action of the plan: what the server needs. */
  readonly action: ServerAction;
  /** The moment before the first file was replaced, by the clock of this machine. */
  readonly switchedAt: Date;
  /** A signal that is aborted when the time limit of the step is over, or when the caller's own signal is aborted. */
  readonly signal: Signal;
}

/** The time limits of {@link applyPlan}, in milliseconds. */
export interface ApplyTimeouts {
  /** How long `applyPlan` waits for another process that changes the same data directory; 10,000 by default. */
  readonly lock?: number;
  /** How long `reload` may take; 30,000 by default. */
  readonly reload?: number;
  /** How long `verify` may take; 30,000 by default. */
  readonly verify?: number;
}

/** Options of {@link applyPlan}. */
export interface ApplyOptions {
  /** Where the files are; this machine's disk, each file with its owner's rights, if not given. */
  readonly files?: TlsFiles;
  /**
   * Paths of the plan below directories that root owns. If the caller is root and another account owns the data directory,
   * root itself replaces only files that are named here and that no other account can change.
   */
  readonly paths?: readonly string[];
  /** Tells the server to read its files again. It is called after all files are replaced, and once more after a roll-back. */
  readonly reload?: (step: ApplyStep) => unknown;
  /** Finds out whether the server uses the new files. If it throws or returns `failed`, the change is rolled back. */
  readonly verify?: (step: ApplyStep) => VerifyResult | undefined | Promise<VerifyResult | undefined>;
  /** Ends the work. If no file has been replaced yet, nothing is written; otherwise the change is rolled back. */
  readonly signal?: Signal;
  /** Time limits. */
  readonly timeout?: ApplyTimeouts;
}

/** What applying a plan has done. */
export interface ApplyReport {
  /** The paths of the files written, in order. */
  readonly written: readonly string[];
  /** The paths of the files that were as planned before. */
  readonly unchanged: readonly string[];
  /** The paths of the files removed. */
  readonly removed: readonly string[];
  /**
   * The paths of files that the plan removes and that are still there. Either nothing was verified, so that the server may
   * still use them, or their content is not the planned one. A later plan removes them.
   */
  readonly notRemoved: readonly string[];
  /**
   * The paths of written files whose access control list, extended attributes and security label may be lost, because no
   * program of the system copies them.
   */
  readonly notCarriedOver: readonly string[];
  /** The action of the plan, also if all files were as planned: an earlier run may have ended before its `reload`. */
  readonly action: ServerAction;
}
