import { assertVersion } from '../arguments.ts';
import type { PgMajor } from '../version.ts';
import type { ServerAction } from './plan/plan-data.ts';
import { hasRuleView, sslAction } from './plan/server-action.ts';

/** The guarantees of an operating system on which `applyPlan` and related functions rely. */
export interface PlatformGuarantees {
  /** Whether files have a mode and an owner. If not, only its directory protects a key. */
  readonly modes: boolean;
  /**
   * Whether a change survives a power cut, because the names in directories are flushed to the disk and not only the
   * contents.
   */
  readonly directorySync: boolean;
  /** Whether {@link signalReload} can make a server reload. If not, use `SELECT pg_reload_conf()`. */
  readonly reloadSignal: boolean;
  /**
   * The way to recognise the lock of an ended process. With `process-number`, a new process that gets the same number
   * makes the lock look held, until somebody removes the lock.
   */
  readonly staleLocks: 'start-time' | 'process-number';
  /**
   * Whether a file that is itself a mount point is detected before anything is written. If not, the change is rolled
   * back.
   */
  readonly mountedFiles: boolean;
  /** Whether access control lists, extended attributes and security labels are copied, if GNU `cp` is installed. */
  readonly attributes: boolean;
  /**
   * Whether the server reads certificate and key again for each connection (`EXEC_BACKEND`). It reads the files that
   * the settings named at the last reload, so a former pair is in use until the next reload.
   */
  readonly readsFilesPerConnection: boolean;
  /** Whether the tests of this library run on this system. */
  readonly tested: boolean;
}

/** The guarantees for a server of a major version on an operating system. */
export interface ApplyGuarantees extends PlatformGuarantees {
  /** The action that makes the server use new TLS settings, certificates and keys. */
  readonly tlsAction: ServerAction;
  /**
   * Whether the server has the view `pg_hba_file_rules`. {@link verifyServer} finds refused lines of pg_hba.conf in it.
   */
  readonly ruleView: boolean;
}

const unix: PlatformGuarantees = {
  modes: true,
  directorySync: true,
  reloadSignal: true,
  staleLocks: 'start-time',
  mountedFiles: false,
  attributes: false,
  readsFilesPerConnection: false,
  tested: false,
};

const windows: PlatformGuarantees = {
  ...unix,
  modes: false,
  directorySync: false,
  reloadSignal: false,
  staleLocks: 'process-number',
  readsFilesPerConnection: true,
};

const platforms: Readonly<Record<string, PlatformGuarantees>> = {
  linux: { ...unix, mountedFiles: true, attributes: true, tested: true },
  win32: windows,
};

/**
 * The guarantees of `applyPlan`, `recoverApply`, `signalReload` and `verifyServer` that depend on the major version and
 * the operating system. All their other promises hold everywhere.
 *
 * @param platform the operating system, as in `process.platform`; that of this process if not given
 * @throws PgHostsslError `version-unknown` if the version is not a known major version
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { applyGuarantees } from 'pg-hostssl/tls';
 *
 * assert.equal(applyGuarantees(9.6).tlsAction, 'restart');
 * assert.equal(applyGuarantees(18, 'win32').reloadSignal, false);
 * ```
 */
export function applyGuarantees(version: PgMajor, platform: string = process.platform): ApplyGuarantees {
  assertVersion(version);
  return { ...(platforms[platform] ?? unix), tlsAction: sslAction(version), ruleView: hasRuleView(version) };
}
