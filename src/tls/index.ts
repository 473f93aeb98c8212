export type { WithContent } from '../disk/content.ts';
export { type AbsentFile, type FileState, fileState, type Owner, type TargetFile } from '../disk/file-state.ts';
export type { DirectoryFacts, ReadingPort } from '../disk/reading-port.ts';
export { type ApplyReport, applyPlan } from './apply.ts';
export { diskFiles } from './files/disk.ts';
export type { NewFile, StagedFile, TlsFiles } from './files/files.ts';
export { fileLedgerStore } from './files/ledger-file.ts';
export { describePlan } from './plan/describe.ts';
export { planClientCertificates } from './plan/plan.ts';
export type {
  PlannedDirectory,
  PlannedRemoval,
  PlannedWrite,
  PlanStep,
  Precondition,
  ServerAction,
  TlsPlan,
} from './plan/plan-data.ts';
export type { RuleRequest, TlsRequest } from './plan/request.ts';
export {
  type ReadClientOptions,
  type ReadServerOptions,
  readClient,
  readServer,
  type ServerPaths,
} from './read.ts';
export type { ClientState, ServerState } from './state.ts';
