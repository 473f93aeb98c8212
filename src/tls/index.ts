/**
 * Sets up TLS with client certificates for a server. A plan holds the files to write: certificates, settings, and
 * pg_hba.conf with a rule for the user. Making a plan changes nothing. `applyPlan` writes all files of a plan or none.
 * This is the only subpath that writes to a disk. `pg-hostssl/configuration` only reads from a disk.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 * import { fileState, planClientCertificates } from 'pg-hostssl/tls';
 *
 * const plan = await planClientCertificates({
 *   server: {
 *     version: 18,
 *     dataDirectory: '/data',
 *     conf: fileState('/data/postgresql.conf', ''),
 *     hba: fileState('/data/pg_hba.conf', 'host all all all scram-sha-256\n'),
 *     certificate: { path: '/data/server.crt' },
 *     privateKey: { path: '/data/server.key' },
 *     ca: { path: '/data/root.crt' },
 *   },
 *   authority: await CertificateAuthority.create({ subject: '/CN=Example CA' }),
 *   connection: 'postgresql://webadmin@localhost/app',
 * });
 * assert.equal(plan.action, 'reload');
 * ```
 * @module pg-hostssl/tls
 */

export { diskFiles } from '../disk/disk-files.ts';
export { type AbsentFile, type FileState, fileState, type Owner, type TargetFile } from '../disk/file-state.ts';
export type { DirectoryState, IncludedFiles, UnreadFile } from '../disk/included-files.ts';
export type { DirectoryFacts, ReadingPort } from '../disk/reading-port.ts';
export type { AppendedText, CreatedFile, EntryFacts, NewFile, Replacement, TlsFiles } from '../disk/tls-files.ts';
export type { AbortState, Signal, WithAbortSignal } from './abort-signal.ts';
export { applyPlan } from './apply.ts';
export type { ApplyOptions, ApplyReport, ApplyStep, ApplyTimeouts } from './apply-options.ts';
export { type AuthorityDirectoryOptions, loadOrCreateAuthority } from './authority-directory.ts';
export { checkTlsFiles } from './files/contract.ts';
export { fileLedgerStore } from './files/ledger-file.ts';
export { memoryFiles } from './files/memory.ts';
export { type ApplyGuarantees, applyGuarantees, type PlatformGuarantees } from './guarantees.ts';
export { planCaRollover } from './plan/ca-rollover.ts';
export { planCertificateRequests } from './plan/certificate-requests.ts';
export { planClientCertificates } from './plan/client-certificates.ts';
export { type DescribePlanOptions, describePlan } from './plan/data/describe.ts';
export type {
  CertificateRequestPlan,
  ClientCertificatePlan,
  PlannedDirectory,
  PlannedRemoval,
  PlannedRequest,
  PlannedWrite,
  PlanStep,
  Precondition,
  ServerAction,
  TlsPlan,
} from './plan/data/plan-data.ts';
export { planMigration } from './plan/migration.ts';
export { planRenewal } from './plan/renewal.ts';
export type {
  CaRolloverRequest,
  CertificateRequestsRequest,
  MigrationRequest,
  RenewalRequest,
  RenewedCertificate,
  RevocationRequest,
  UserRemovalRequest,
} from './plan/request/lifecycle-requests.ts';
export type {
  ExceptionRequest,
  ForeignCertificate,
  KeepRequest,
  KeptAccess,
  MinProtocol,
  RuleRequest,
  ServerCertificateRequest,
  TlsRequest,
  UserRequest,
} from './plan/request/request.ts';
export { planRevocation } from './plan/revocation.ts';
export { planServerCertificate } from './plan/server-certificate.ts';
export { planUserRemoval } from './plan/user-removal.ts';
export { type ReadClientOptions, readClient } from './read-client.ts';
export { type ReadServerOptions, readServer, type ServerPaths, type ServerPlace } from './read-server.ts';
export { type RecoverOptions, type RecoveryReport, recoverApply } from './recover.ts';
export { type ReloadSignal, signalReload } from './reload.ts';
export type { LoginProbe, ServerAddress, ShownCertificate } from './server/probe.ts';
export type { QueryOnNewConnection } from './server/views.ts';
export type { ClientState, CrlDirectoryState, InterruptedApply, ServerState } from './state.ts';
export { type ExpectedServer, type VerifyOptions, type VerifyResult, verifyServer } from './verify.ts';
