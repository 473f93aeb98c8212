import { assertText, assertVersion } from '../arguments.ts';
import type { PgMajor } from '../version.ts';
import type { ServerAction } from './plan/data/plan-data.ts';
import { hasRuleView, sslAction } from './plan/settings/server-action.ts';

/** The guarantees of an operating system on which `applyPlan` and related functions rely. */
export interface PlatformGuarantees {
  /** Whether files have a mode and an owner. If not, only the directory protects a key file. */
  readonly modes: boolean;
  /**
   * Whether a change survives a power cut, because the names in directories are flushed to the disk and not only the
   * contents.
   */
  readonly directorySync: boolean;
  /** Whether {@link signalReload} can make a server reload. If not, use `SELECT pg_reload_conf()`. */
  readonly reloadSignal: boolean;
  /**
   * How the lock of an ended process is recognized. With `process-id`, the lock seems to be held if a new process
   * gets the process id of the ended process; somebody must then remove the lock.
   */
  readonly staleLocks: 'start-time' | 'process-id';
  /**
   * Whether a target file that is a mount point (which no rename can replace) is detected before anything is written.
   * If not, the change is rolled back when the replacement fails.
   */
  readonly mountedFiles: boolean;
  /** Whether access control lists, extended attributes and security labels are copied, if GNU `cp` is installed. */
  readonly attributes: boolean;
  /**
   * Whether the server reads certificate and key again for each connection (`EXEC_BACKEND`). The server reads the files
   * that the settings named at its last reload. It therefore uses the former certificate and key until the next reload.
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
   * Whether the server has the view `pg_hba_file_rules`, in which {@link verifyServer} finds the lines of pg_hba.conf
   * that the server refuses.
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
  staleLocks: 'process-id',
  readsFilesPerConnection: true,
};

const platforms: Readonly<Record<string, PlatformGuarantees>> = {
  linux: { ...unix, mountedFiles: true, attributes: true, tested: true },
  win32: windows,
};

/**
 * The guarantees of `applyPlan`, `recoverApply`, `signalReload` and `verifyServer` that depend on the major version and
 * the operating system. Everything else in their documentation holds on every system and major version.
 *
 * @param platform the operating system, as in `process.platform`; that of this process if not given
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `version-unknown` if the version is not a
 * known major version
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
  assertText(platform, 'platform of applyGuarantees');
  return { ...(platforms[platform] ?? unix), tlsAction: sslAction(version), ruleView: hasRuleView(version) };
}
