export { type ApplyReport, applyPlan } from './apply.ts';
export { diskFiles } from './apply-disk.ts';
export { describePlan } from './describe.ts';
export type { DirectoryFacts, NewFile, StagedFile, TlsFiles } from './files.ts';
export { fileLedgerStore } from './ledger-file.ts';
export { planClientCertificates } from './plan.ts';
export type { PlanNote, PlannedDirectory, PlannedWrite, ServerAction, TlsPlan } from './plan-data.ts';
export {
  type ReadClientOptions,
  type ReadServerOptions,
  readClient,
  readServer,
  type ServerPaths,
} from './read.ts';
export type { RuleRequest, TlsRequest } from './request.ts';
export type { AbsentFile, ClientState, FileSlot, FileState, Owner, ServerState } from './state.ts';
