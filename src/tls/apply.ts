import { dirname } from 'node:path';
import { assertFunction, assertPaths, assertProperties, given, type PropertyNames } from '../arguments.ts';
import { type OwnerRequest, withOwnerFiles } from '../disk/account/owner-files.ts';
import { checkedTlsFiles } from '../disk/checked-files.ts';
import { diskFiles } from '../disk/disk-files.ts';
import { lockPath } from '../disk/own-names.ts';
import type { TlsFiles } from '../disk/tls-files.ts';
import { assertNotAborted, assertSignal } from './abort-signal.ts';
import { nothingWrittenError } from './apply-errors.ts';
import type { ApplyOptions, ApplyReport, ApplyTimeouts } from './apply-options.ts';
import { ApplyRun } from './apply-run.ts';
import { placeOf } from './data-directory.ts';
import { withLock } from './files/lock.ts';
import { assertLimit } from './limits.ts';
import { assertPlan } from './plan/data/check-plan.ts';
import type { TlsPlan } from './plan/data/plan-data.ts';

const optionNames: PropertyNames<ApplyOptions> = {
  files: true,
  paths: true,
  reload: true,
  verify: true,
  signal: true,
  timeout: true,
};
const timeoutNames: PropertyNames<ApplyTimeouts> = { lock: true, reload: true, verify: true };
const defaultTimeouts = { reload: 30_000, verify: 30_000 } as const;

/**
 * Writes the files of a plan: either all of them or none.
 *
 * The function takes a lock, and checks that the files which were read for the plan have not changed. Then it writes
 * all new files beside their targets, and replaces the targets one by one. In their order, a server works if it starts
 * between two replacements. A journal in the data directory records the progress for a later process. After `reload`
 * and `verify`, the function checks each file once more. If a step fails, or if another program has saved one of the
 * files meanwhile, the function restores all replaced files. Symbolic links are followed and kept.
 *
 * Call `applyPlan` as the account that owns the data directory. If root calls it, a process with the rights of that
 * account does the work.
 *
 * @param plan the plan; this process must have made it
 * @param options how files are accessed, the functions `reload` and `verify`, and time limits
 * @returns the paths of the files that were written, and of those that were not
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `data-directory-incomplete`;
 * `target-changed`, `target-not-writable`, `file-not-readable`, `verify-failed`, `apply-aborted`, `apply-busy`,
 * `account-unavailable`, `path-not-trusted`: the message says whether anything was written; `apply-incomplete`,
 * `apply-interrupted`, `journal-invalid`: see `recoverApply`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 * import { applyPlan, memoryFiles, planClientCertificates, readServer } from 'pg-hostssl/tls';
 *
 * const files = memoryFiles({
 *   '/data/PG_VERSION': '18\n',
 *   '/data/postgresql.conf': 'port = 5432\n',
 *   '/data/pg_hba.conf': 'local all all peer\n',
 * });
 * const plan = await planClientCertificates({
 *   server: await readServer('/data', { files }),
 *   authority: await CertificateAuthority.create({ subject: 'CN=Example CA' }),
 *   connection: 'postgresql://webadmin@db.example.com/app',
 * });
 * const report = await applyPlan(plan, { files, reload: () => undefined });
 * assert.equal(report.written.at(-1), '/data/pg_hba.conf');
 * ```
 */
export async function applyPlan(plan: TlsPlan, options: ApplyOptions = {}): Promise<ApplyReport> {
  assertPlan(plan, 'The plan of applyPlan');
  assertProperties(options, optionNames, 'options of applyPlan');
  assertProperties(options.timeout ?? {}, timeoutNames, 'the time limits of applyPlan');
  const { reload, verify, signal, timeout } = options;
  const files = checkedTlsFiles(options.files, 'the files of applyPlan');
  assertPaths(options.paths, 'paths of applyPlan');
  assertSignal(signal, 'signal of applyPlan');
  for (const name of ['reload', 'verify'] as const) {
    if (options[name] !== undefined) assertFunction(options[name], `${name} of applyPlan`);
  }
  for (const [name, limit] of Object.entries(timeout ?? {})) assertLimit(limit, `timeout.${name} of applyPlan`);
  const timeouts = { ...defaultTimeouts, ...given(timeout ?? {}) };
  const run = async (port: TlsFiles, pid: number): Promise<ApplyReport> => {
    assertNotAborted(signal);
    try {
      const place = await placeOf(plan.dataDirectory, port);
      const lock = { path: lockPath(place.directory), files: port, queue: options.files ?? diskFiles, pid };
      const waiting = { owner: place.owner, signal, patience: timeouts.lock };
      const application = new ApplyRun({ plan, reload, verify, signal, timeouts, files: port, place });
      return await withLock({ ...lock, ...waiting, code: 'apply-busy' }, () => application.run());
    } catch (error) {
      assertNotAborted(signal, error);
      throw nothingWrittenError(error);
    }
  };
  if (files !== undefined) return await run(files, process.pid);
  return await withOwnerFiles(ownersOf(plan, options), (owner) => run(owner.files, owner.pid));
}

/** The parameters of `withOwnerFiles`, which accesses each file with the rights of its owner. */
function ownersOf(plan: TlsPlan, options: ApplyOptions): OwnerRequest {
  const write = plan.writes.find(({ step }) => step === 'client');
  const made = plan.directories.find(({ path }) => path === plan.clientDirectory);
  const directory = made?.path ?? (write === undefined ? plan.clientDirectory : dirname(write.path));
  const uid = (made?.owner ?? write?.owner)?.uid;
  const ofServer = [
    ...plan.directories.filter((each) => each !== made),
    ...plan.writes.filter(({ step }) => step !== 'client'),
    ...plan.removals,
  ];
  return {
    dataDirectory: plan.dataDirectory,
    client: directory === undefined ? undefined : { directory, uid },
    ofServer: ofServer.map(({ path }) => path),
    named: options.paths,
  };
}
