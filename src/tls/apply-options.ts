import type { Signal } from './abort-signal.ts';
import type { TlsFiles } from './files/files.ts';
import type { ServerAction } from './plan/plan-data.ts';
import type { VerifyResult } from './verify.ts';

/** What the functions `reload` and `verify` of {@link ApplyOptions} are given. */
export interface ApplyStep {
  /** What the plan says the server needs. */
  readonly action: ServerAction;
  /** The moment before the first file was replaced, by the clock of this machine. */
  readonly switchedAt: Date;
  /** Aborted when the time limit of the step is over, or when the caller's own signal is. */
  readonly signal: Signal;
}

/** The time limits of {@link applyPlan}, in milliseconds. */
export interface ApplyTimeouts {
  /** For another process that changes the same data directory to end; 10,000 by default. */
  readonly lock?: number;
  /** For `reload`; 30,000 by default. */
  readonly reload?: number;
  /** For `verify`; 30,000 by default. */
  readonly verify?: number;
}

/** Options of {@link applyPlan}. */
export interface ApplyOptions {
  /** Where the files are; this machine's disk, each file with its owner's rights, if not given. */
  readonly files?: TlsFiles;
  /**
   * Paths of the plan that are in directories of root's, for a caller that is root and whose server is not: root itself
   * replaces only what is named here and what nobody else can change.
   */
  readonly paths?: readonly string[];
  /** Has the server read its files again, after all have been replaced, and once more after they have been taken back. */
  readonly reload?: (step: ApplyStep) => unknown;
  /** Finds out whether the server is as it has to be. Whatever it throws takes the change back, and so does `failed`. */
  readonly verify?: (step: ApplyStep) => VerifyResult | undefined | Promise<VerifyResult | undefined>;
  /** Ends the work: before a file was replaced nothing is written; afterwards all is taken back. */
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
   * The paths of files that are to be removed and stay: the server is not known to do without them, because nothing was
   * verified, or they have other content than planned. A later plan removes them.
   */
  readonly notRemoved: readonly string[];
  /**
   * The paths of the files written whose access control list, extended attributes and security label could not be carried
   * over, where they had any: no program of the system does it.
   */
  readonly notCarriedOver: readonly string[];
  /** What the server needs; after `reload` it has had it. An earlier run may have written without telling it. */
  readonly action: ServerAction;
}
