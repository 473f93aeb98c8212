import { assertVersion } from '../arguments.ts';
import type { PgMajor } from '../version.ts';
import type { ServerAction } from './plan/plan-data.ts';
import { hasRuleView, sslAction } from './plan/server-action.ts';

/** What an operating system gives `applyPlan` and its companions. */
export interface PlatformGuarantees {
  /** Whether files have a mode and an owner. Without them, a key is as private as its directory. */
  readonly modes: boolean;
  /** Whether a change survives a power cut: names in directories are flushed to the disk, not contents alone. */
  readonly directorySync: boolean;
  /** Whether {@link signalReload} can tell a server to reload. Where it cannot, `SELECT pg_reload_conf()` can. */
  readonly reloadSignal: boolean;
  /**
   * What tells the lock of a process that has ended from a lock that is held. By its number alone, a new process with the
   * number of the ended one keeps the lock, until somebody removes it.
   */
  readonly staleLocks: 'start-time' | 'process-number';
  /** Whether a file that is mounted by itself is found before anything is written. Elsewhere the change is taken back. */
  readonly mountedFiles: boolean;
  /** Whether access control lists, extended attributes and security labels are carried over, where GNU `cp` is there. */
  readonly attributes: boolean;
  /**
   * Whether the server reads certificate and key again for each connection, under the names of its last reload
   * (`EXEC_BACKEND`). A former pair is then in use until the reload.
   */
  readonly readsFilesPerConnection: boolean;
  /** Whether the tests of this library run on it. */
  readonly tested: boolean;
}

/** What holds for a server of a major version on an operating system. */
export interface ApplyGuarantees extends PlatformGuarantees {
  /** What the server needs to take over TLS settings, certificates and keys. */
  readonly tlsAction: ServerAction;
  /** Whether the server has `pg_hba_file_rules`, in which {@link verifyServer} finds lines of pg_hba.conf that it refuses. */
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
 * What `applyPlan`, `recoverApply`, `signalReload` and `verifyServer` hold for a server of a major version on an operating
 * system. Everything else that they promise holds everywhere.
 *
 * @param platform the operating system, in the words of `process.platform`; this one's if not given
 * @throws PgHostsslError `version-unknown` if the version is no major version
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
