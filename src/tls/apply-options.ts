import type { TlsFiles } from '../disk/tls-files.ts';
import type { Signal } from './abort-signal.ts';
import type { ServerAction } from './plan/data/plan-data.ts';
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
  /** Milliseconds to wait for another process that changes the same data directory; 10,000 by default. */
  readonly lock?: number | undefined;
  /** Milliseconds that the function `reload` may take; 30,000 by default. */
  readonly reload?: number | undefined;
  /** Milliseconds that the function `verify` may take; 30,000 by default. */
  readonly verify?: number | undefined;
}

/** Options of {@link applyPlan}. */
export interface ApplyOptions {
  /**
   * The {@link TlsFiles} that read and write the files. If not given, the files of this machine, each accessed with the
   * rights of its owner.
   */
  readonly files?: TlsFiles | undefined;
  /**
   * Paths in the plan that are below directories owned by root. This option matters if root calls `applyPlan` and
   * another account owns the data directory. With its own rights, root then replaces only the files that are named
   * here, and only if no other account can redirect their paths or make files in their directories.
   */
  readonly paths?: readonly string[] | undefined;
  /**
   * Makes the server reload its files. `applyPlan` calls this function after it has replaced all files, and again after
   * a roll-back.
   */
  readonly reload?: ((step: ApplyStep) => unknown) | undefined;
  /**
   * Checks whether the server uses the new files. If this function throws or returns `failed`, the change is rolled
   * back.
   */
  readonly verify?: ((step: ApplyStep) => VerifyResult | undefined | Promise<VerifyResult | undefined>) | undefined;
  /**
   * A signal that stops `applyPlan`. If no file has been replaced yet, no file is changed. Otherwise the change is
   * rolled back.
   */
  readonly signal?: Signal | undefined;
  /** The time limits, in milliseconds. */
  readonly timeout?: ApplyTimeouts | undefined;
}

/** The result of applying a plan. */
export interface ApplyReport {
  /** The paths of the written files, in the order of writing. */
  readonly written: readonly string[];
  /** The paths of the files that had the planned content already. */
  readonly unchanged: readonly string[];
  /** The paths of the removed files. */
  readonly removed: readonly string[];
  /**
   * The paths of files that the plan removes, but that still exist. There are two possible reasons. Either nothing was
   * verified, so the server may still use these files, or their content is not the content that the plan expects. A
   * later plan removes these files.
   */
  readonly notRemoved: readonly string[];
  /**
   * The paths of written files that may have lost their access control list, extended attributes and security label,
   * because the system has no program that copies these attributes.
   */
  readonly notCarriedOver: readonly string[];
  /**
   * The action that the server needs: none, a reload or a restart. It is the action of the plan even if no file had to
   * be written, because an earlier call may have ended before its `reload`.
   */
  readonly action: ServerAction;
}
