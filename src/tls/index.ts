export { type ApplyReport, applyPlan } from './apply.ts';
export { diskFiles } from './files/disk.ts';
export type { DirectoryFacts, NewFile, StagedFile, TlsFiles } from './files/files.ts';
export { fileLedgerStore } from './files/ledger-file.ts';
export { describePlan } from './plan/describe.ts';
export { planClientCertificates } from './plan/plan.ts';
export type { PlanNote, PlannedDirectory, PlannedWrite, ServerAction, TlsPlan } from './plan/plan-data.ts';
export type { RuleRequest, TlsRequest } from './plan/request.ts';
export {
  type ReadClientOptions,
  type ReadServerOptions,
  readClient,
  readServer,
  type ServerPaths,
} from './read.ts';
export type { AbsentFile, ClientState, FileSlot, FileState, Owner, ServerState } from './state.ts';
