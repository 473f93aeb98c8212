import { basename } from 'node:path';
import { equalBytes } from '../c/compare.ts';
import { digest } from '../disk/digest.ts';
import type { FileState } from '../disk/file-state.ts';
import { isTransactionFile } from '../disk/own-names.ts';
import type { TlsFiles } from '../disk/tls-files.ts';
import { PgHostsslError } from '../errors.ts';
import type { JournalFile } from './files/journal.ts';
import { journalFile } from './files/target.ts';
import type { PlannedWrite, Precondition, TlsPlan } from './plan/data/plan-data.ts';
import { preconditionDigest } from './plan/data/preconditions.ts';
import { readable, readFile, StateReader } from './state-reader.ts';

/** A write of a plan whose target does not have the planned content, mode or owner yet. */
export interface PendingWrite {
  /** The write in the plan. */
  readonly write: PlannedWrite;
  /** The path of the target without symbolic links. */
  readonly path: string;
  /** The present target file; `null` if it does not exist. */
  readonly before: JournalFile | null;
}

/** An existing file that a plan removes. */
export interface PendingRemoval {
  /** The path of the file without symbolic links. */
  readonly path: string;
  /** The content hash, mode and owner that the file has now. */
  readonly before: JournalFile;
}

/**
 * The writes of a plan that still have to be made, because their targets do not have the planned content, mode or owner
 * yet.
 *
 * @throws PgHostsslError `target-changed` if a target has neither the content from the time of planning nor the planned
 * content, or if a symbolic link leads to another path than at that time
 */
export async function pendingWrites(plan: TlsPlan, files: TlsFiles): Promise<readonly PendingWrite[]> {
  const linkOf = await linksOf(plan, files);
  const pending: PendingWrite[] = [];
  for (const write of plan.writes) {
    if ((await linkOf(write.path)).realPath !== write.realPath) throw changed(write.path);
    const current = await readFile(write.path, files);
    const isPlanned = current !== undefined && equalBytes(current.content(), write.content());
    if (isPlanned && hasModeAndOwner(current, write)) continue;
    const found = current === undefined ? undefined : await digest(current.content());
    if (!isPlanned && found !== write.expected) throw changed(write.path);
    const path = await files.realPath(write.path);
    if ((await files.inspect(path))?.mounted) {
      const message = 'The file is itself a mount point, so no other file can replace it';
      throw new PgHostsslError('target-not-writable', message, {
        file: write.path,
        hint: 'Nothing was written. Mount the directory of the file instead.',
      });
    }
    pending.push({ write, path, before: current === undefined ? null : await journalFile(current) });
  }
  return pending;
}

/**
 * The existing files that a plan removes. A file is left out if its content is not the content that the plan expects,
 * or if its path contains a symbolic link.
 */
export async function pendingRemovals(plan: TlsPlan, files: TlsFiles): Promise<readonly PendingRemoval[]> {
  const linkOf = await linksOf(plan, files);
  const pending: PendingRemoval[] = [];
  for (const { path, sha256 } of plan.removals) {
    if ((await linkOf(path)).realPath !== undefined) continue;
    const current = await readFile(path, files);
    const before = current === undefined ? undefined : await journalFile(current);
    if (before?.sha256 === sha256) pending.push({ path: await files.realPath(path), before });
  }
  return pending;
}

/**
 * Returns a function that resolves symbolic links in the same way as `readServer` and `readClient` did for the plan.
 */
async function linksOf(plan: TlsPlan, files: TlsFiles): Promise<StateReader['linkOf']> {
  const { dataDirectory, clientDirectory = dataDirectory } = plan;
  const [server, client] = [await StateReader.in(dataDirectory, files), await StateReader.in(clientDirectory, files)];
  const ofClient = new Set(plan.writes.filter(({ step }) => step === 'client').map(({ path }) => path));
  return (path) => (ofClient.has(path) ? client : server).linkOf(path);
}

/**
 * Checks that all files and directories that were read for the plan are unchanged. Files that the plan itself writes or
 * removes are not checked here, because an earlier call of `applyPlan` may have changed them.
 *
 * @throws PgHostsslError `target-changed`
 */
export async function checkPreconditions(plan: TlsPlan, files: TlsFiles): Promise<void> {
  const own = new Set([...plan.directories, ...plan.writes, ...plan.removals].map(({ path }) => path));
  // Files that this library creates during a change are ignored in the list of names.
  const list = async (path: string) => (await files.list(path)).filter((name) => !isTransactionFile(name));
  const port = { ...files, list };
  for (const precondition of plan.preconditions) {
    if (own.has(precondition.path)) continue;
    if ((await digestNow(precondition, plan, port)) !== precondition.sha256) throw changed(precondition.path);
  }
}

async function digestNow(precondition: Precondition, plan: TlsPlan, port: TlsFiles): Promise<string | null> {
  // Files that the plan itself adds to a directory are ignored in the list of names.
  const added = plan.writes.filter(({ expected }) => expected === undefined).map((write) => basename(write.path));
  const list = async (name: string): Promise<readonly string[]> =>
    (await port.list(name)).filter((entry) => !added.includes(entry));
  return await readable(precondition.path, preconditionDigest(precondition, { ...port, list }));
}

function changed(file: string): PgHostsslError {
  return new PgHostsslError('target-changed', 'The file or directory has changed since the plan was made', {
    file,
    hint: 'Nothing was written. Read the server again and make a new plan.',
  });
}

function hasModeAndOwner(current: FileState, { mode, owner }: PlannedWrite): boolean {
  const hasMode = mode === undefined || current.mode === undefined || current.mode === mode;
  // The group id is not compared, because an account cannot give a file to a group to which the account does not
  // belong.
  return hasMode && (owner === undefined || current.owner === undefined || current.owner.uid === owner.uid);
}
