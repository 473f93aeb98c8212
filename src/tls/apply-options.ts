import type { TlsFiles } from '../disk/tls-files.ts';
import type { Signal } from './abort-signal.ts';
import type { ServerAction } from './plan/plan-data.ts';
import type { VerifyResult } from './verify.ts';

/** The argument of `reload` and `verify` in {@link ApplyOptions}. */
export interface ApplyStep {
  /** The action of the plan: whether the server needs a reload or a restart. */
  readonly action: ServerAction;
  /** The moment before the first file was replaced, by the clock of this machine. */
  readonly switchedAt: Date;
  /** A signal that is aborted when the time limit of the step ends, or when the caller's own signal is aborted. */
  readonly signal: Signal;
}

/** The time limits of {@link applyPlan}, in milliseconds. */
export interface ApplyTimeouts {
  /** The longest time to wait for another process that changes the same data directory; 10,000 by default. */
  readonly lock?: number;
  /** The longest time for `reload`; 30,000 by default. */
  readonly reload?: number;
  /** The longest time for `verify`; 30,000 by default. */
  readonly verify?: number;
}

/** Options of {@link applyPlan}. */
export interface ApplyOptions {
  /** The port for the files. If not given, the disk of this machine, and each file with the rights of its owner. */
  readonly files?: TlsFiles;
  /**
   * Paths of the plan that are below directories owned by root. They matter if root calls and another account owns the
   * data directory. Root itself then replaces only the files that are named here, and only if no other account can
   * redirect their paths.
   */
  readonly paths?: readonly string[];
  /** Makes the server reload its files. It is called after all files are replaced, and again after a roll-back. */
  readonly reload?: (step: ApplyStep) => unknown;
  /** Checks whether the server uses the new files. If it throws or returns `failed`, the change is rolled back. */
  readonly verify?: (step: ApplyStep) => VerifyResult | undefined | Promise<VerifyResult | undefined>;
  /** Stops the work. If no file has been replaced yet, nothing is written. Otherwise the change is rolled back. */
  readonly signal?: Signal;
  /** Time limits. */
  readonly timeout?: ApplyTimeouts;
}

/** The result of applying a plan. */
export interface ApplyReport {
  /** The paths of the written files, in order. */
  readonly written: readonly string[];
  /** The paths of the files that already were as planned. */
  readonly unchanged: readonly string[];
  /** The paths of the removed files. */
  readonly removed: readonly string[];
  /**
   * The paths of files that the plan removes, but that still exist. There are two possible reasons: nothing was
   * verified, so the server may still use them; or their content is not as the plan expects. A later plan removes them.
   */
  readonly notRemoved: readonly string[];
  /**
   * The paths of written files that may have lost their access control list, extended attributes and security label,
   * because the system has no program that copies them.
   */
  readonly notCarriedOver: readonly string[];
  /**
   * The action of the plan. It is given even if all files were as planned, because an earlier run may have ended before
   * its `reload`.
   */
  readonly action: ServerAction;
}
