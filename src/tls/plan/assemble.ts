import { type ConfFile, settingChanges } from '../../conf/index.ts';
import type { TargetFile } from '../../disk/file-state.ts';
import type { HbaFile } from '../../hba/index.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { ClientState, ServerState } from '../state.ts';
import { keptDiagnostics } from './keep.ts';
import { plannedRemovals } from './own-files.ts';
import type { PlannedDirectory, PlannedWrite, ServerAction, TlsPlan } from './plan-data.ts';
import { plannedWrite, type WantedFile } from './planned-write.ts';
import { preconditionsOf } from './preconditions.ts';
import type { KeptAccess } from './request.ts';
import { needsStart, resultDiagnostics, resultOf } from './result.ts';
import { sslAction } from './server-action.ts';
import type { CertificatePaths } from './settings.ts';

/** The parts of a change, without the files that need no change. */
export interface PlanParts {
  /** What the plan does, in one sentence. */
  readonly summary: string;
  /** The server as it is. */
  readonly server: ServerState;
  /** The client's directory as it is. */
  readonly client?: ClientState | undefined;
  /** Certificates, keys, roots and CRLs of the server. */
  readonly serverFiles: readonly WantedFile[];
  /** Directories of the server that its files need. */
  readonly serverDirectories?: readonly PlannedDirectory[];
  /** The client's files. */
  readonly clientFiles?: readonly WantedFile[];
  /** postgresql.conf after the change. */
  readonly conf?: ConfFile;
  /** pg_hba.conf after the change. */
  readonly hba?: HbaFile;
  /** The files that the settings name after the change. */
  readonly paths: CertificatePaths;
  /** Further files that the plan was made from. */
  readonly read?: readonly TargetFile[];
  /** The lines of pg_hba.conf that carry the plan. */
  readonly rules?: readonly string[];
  /** What the user of the plan should know. */
  readonly diagnostics: readonly Diagnostic[];
  /** The ways in that the plan must not close. */
  readonly keep: KeptAccess | readonly KeptAccess[] | undefined;
  /** The present moment. */
  readonly now: Date;
}

/** The plan that its parts make: what has to be written, in an order in which a server can start at any moment. */
export async function assemblePlan(parts: PlanParts): Promise<TlsPlan> {
  const { summary, server, client, conf, hba, paths, read = [], rules = [], diagnostics, keep, now } = parts;
  const serverFiles = await changes(parts.serverFiles);
  const clientFiles = await changes(parts.clientFiles ?? []);
  const before = resultOf(server, undefined, []);
  const confFiles = await changes(
    conf === undefined
      ? []
      : [
          {
            file: server.conf,
            step: 'postgresql.conf',
            what: settingsChanged(before.settings.main, conf),
            content: conf.toBytes(),
          },
        ],
  );
  const hbaFiles = await changes(
    hba === undefined ? [] : [{ file: server.hba, step: 'pg_hba.conf', what: 'the rules', content: hba.toBytes() }],
  );
  const writes = [...inOrder(serverFiles), ...clientFiles, ...confFiles, ...hbaFiles];
  const after = resultOf(server, conf, writes);
  const ofClient = client === undefined || client.exists || clientFiles.length === 0 ? [] : [directoryOf(client)];
  const isTls = serverFiles.length + confFiles.length > 0;
  const action = actionFor(server, [...serverFiles, ...confFiles], hbaFiles);
  return {
    summary,
    version: server.version,
    dataDirectory: server.dataDirectory,
    ...(client && { clientDirectory: client.directory }),
    preconditions: await preconditionsOf(server, client, read),
    directories: [...(parts.serverDirectories ?? []), ...ofClient],
    writes,
    removals: await plannedRemovals(server, Object.values(paths)),
    action: action === 'reload' && isTls && needsStart(after, paths.privateKey) ? 'restart' : action,
    rules,
    diagnostics: [
      ...diagnostics,
      ...resultDiagnostics(before, after),
      ...(await keptDiagnostics(before, after, keep, now)),
    ],
  };
}

/** The settings that a plan changes, in words for a person. */
function settingsChanged(before: ConfFile, after: ConfFile): string {
  const names = settingChanges(before, after).map(({ name }) => name);
  return `the setting${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
}

async function changes(wanted: readonly WantedFile[]): Promise<readonly PlannedWrite[]> {
  const writes = await Promise.all(wanted.map(plannedWrite));
  return writes.filter((write) => write !== undefined);
}

/** Orders writes: files that nobody reads yet come before files that the server reads already. */
function inOrder(writes: readonly PlannedWrite[]): readonly PlannedWrite[] {
  const isNew = ({ step }: PlannedWrite): boolean => step === 'new-file';
  return [...writes.filter(isNew), ...writes.filter((write) => !isNew(write))];
}

function directoryOf({ directory, owner }: ClientState): PlannedDirectory {
  return { path: directory, mode: 0o700, ...(owner && { owner }) };
}

function actionFor(
  { version }: ServerState,
  tlsFiles: readonly PlannedWrite[],
  hbaFiles: readonly PlannedWrite[],
): ServerAction {
  if (tlsFiles.length > 0) return sslAction(version);
  return hbaFiles.length > 0 ? 'reload' : 'none';
}
