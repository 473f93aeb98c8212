import type { ConfFile } from '../../../conf/file.ts';
import { settingChanges } from '../../../conf/server/setting-changes.ts';
import { otherDataDirectory } from '../../../configuration/server-settings.ts';
import type { TargetFile } from '../../../disk/file-state.ts';
import type { HbaFile } from '../../../hba/file.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import type { ClientState, ServerState } from '../../state.ts';
import { splitPathDiagnostics } from '../crl/crl-diagnostics.ts';
import type { PlannedDirectory, PlannedWrite, ServerAction, TlsPlan } from '../data/plan-data.ts';
import { plannedWrite, type WantedFile } from '../data/planned-write.ts';
import { preconditionsOf } from '../data/preconditions.ts';
import { plannedRemovals } from '../pairs/own-files.ts';
import type { Dated } from '../request/moment.ts';
import type { KeepRequest } from '../request/request.ts';
import { sslAction } from '../settings/server-action.ts';
import { hostsFileDiagnostics } from '../settings/setting-diagnostics.ts';
import type { CertificatePaths } from '../settings/settings.ts';
import { keptDiagnostics } from './keep.ts';
import { needsStart, passphraseDiagnostics, type Result, resultDiagnostics, resultOf } from './result.ts';
import { scramDiagnostics } from './scram.ts';

/** The parts from which a plan is made. Files that need no change are left out. */
export interface PlanParts {
  /** One sentence that says what the plan does, or a function that makes the sentence from all diagnostics. */
  readonly summary: string | ((diagnostics: readonly Diagnostic[]) => string);
  /** The present state of the server. */
  readonly server: ServerState;
  /** The present state of the client's directory. */
  readonly client?: ClientState | undefined;
  /** The certificates, keys, roots and CRLs that the server needs. */
  readonly serverFiles: readonly WantedFile[];
  /** The directories that must be made for the server's files. */
  readonly serverDirectories?: readonly PlannedDirectory[];
  /** The files that the client needs. */
  readonly clientFiles?: readonly WantedFile[];
  /** postgresql.conf after the change. */
  readonly conf?: ConfFile;
  /** pg_hba.conf after the change. */
  readonly hba?: HbaFile;
  /** The paths that `ssl_cert_file`, `ssl_key_file` and `ssl_ca_file` name after the change. */
  readonly paths: CertificatePaths;
  /** Files that were read for the plan and are not part of the states. */
  readonly read?: readonly TargetFile[];
  /** The lines of pg_hba.conf that the plan needs. */
  readonly rules?: readonly string[];
  /** Whether rules of the plan ask for a password. */
  readonly asksPassword?: boolean;
  /** Diagnostics for the user of the plan. */
  readonly diagnostics: readonly Diagnostic[];
  /** The connections that the plan must not lock out, and the time for which the plan is made. */
  readonly kept?: Dated<KeepRequest>;
}

/** Makes the plan from its parts. The writes are in an order in which the server can start between any two of them. */
export async function assemblePlan(parts: PlanParts): Promise<TlsPlan> {
  const { summary, server, client, conf, hba, paths, read = [], rules = [], asksPassword = false, kept } = parts;
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
  const diagnostics = [
    ...parts.diagnostics,
    ...otherDataDirectory(before.settings, server),
    ...(hba !== undefined && conf === undefined ? [] : hostsFileDiagnostics(server, before.settings)),
    ...splitPathDiagnostics(after),
    ...resultDiagnostics(before, after),
    ...passphraseDiagnostics(before, after, paths.privateKey),
    ...scramDiagnostics(before, after, asksPassword),
    ...(kept === undefined ? [] : await keptDiagnostics(before, after, kept)),
  ];
  return {
    summary: typeof summary === 'string' ? summary : summary(diagnostics),
    version: server.version,
    dataDirectory: server.dataDirectory,
    ...(client && { clientDirectory: client.directory }),
    preconditions: await preconditionsOf(server, client, read),
    directories: [...(parts.serverDirectories ?? []), ...ofClient],
    writes,
    removals: await plannedRemovals(server, Object.values(paths)),
    action: actionFor(after, paths.privateKey, [...serverFiles, ...confFiles], hbaFiles),
    rules,
    diagnostics,
  };
}

/** The names of the settings that a plan changes, as a text for a person. */
function settingsChanged(before: ConfFile, after: ConfFile): string {
  const names = settingChanges(before, after).map(({ name }) => name);
  return `the setting${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
}

async function changes(wanted: readonly WantedFile[]): Promise<readonly PlannedWrite[]> {
  const writes = await Promise.all(wanted.map(plannedWrite));
  return writes.filter((write) => write !== undefined);
}

/** Orders the writes: files that nobody reads yet come before files that the server already reads. */
function inOrder(writes: readonly PlannedWrite[]): readonly PlannedWrite[] {
  const isNew = ({ step }: PlannedWrite): boolean => step === 'new-file';
  return [...writes.filter(isNew), ...writes.filter((write) => !isNew(write))];
}

function directoryOf({ directory, owner }: ClientState): PlannedDirectory {
  return { path: directory, mode: 0o700, ...(owner && { owner }) };
}

/** What makes the server use the files after the plan. */
function actionFor(
  after: Result,
  privateKey: string,
  tlsFiles: readonly PlannedWrite[],
  hbaFiles: readonly PlannedWrite[],
): ServerAction {
  if (tlsFiles.length === 0) return hbaFiles.length > 0 ? 'reload' : 'none';
  return needsStart(after, privateKey) ? 'restart' : sslAction(after.server.version);
}
