import { equalBytes } from '../c/compare.ts';
import { digest } from '../disk/digest.ts';
import type { FileState } from '../disk/file-state.ts';
import { PgHostsslError } from '../errors.ts';
import { diskFiles } from './files/disk.ts';
import type { StagedFile, TlsFiles } from './files/files.ts';
import type { PlannedDirectory, PlannedWrite, ServerAction, TlsPlan } from './plan/plan-data.ts';
import { readFile } from './state-reader.ts';

/** What applying a plan has done. */
export interface ApplyReport {
  /** The paths of the files written, in order. */
  readonly written: readonly string[];
  /** The paths of the files that were as planned before. */
  readonly unchanged: readonly string[];
  /** What the server needs now. It is the plan's own answer: an earlier run may have written without telling it. */
  readonly action: ServerAction;
}

/**
 * Writes what a plan says. First every target is looked at: it must hold what the plan was made from, or already what
 * is planned, which then counts as done. Then all files are written beside their targets, with mode and owner set while
 * they are empty; and only when all lie there, flushed, is one after the other moved over its target. Whatever fails
 * before that leaves nothing behind. A symbolic link is followed, and stays.
 *
 * @param files where the files are; this machine's disk if not given
 * @throws PgHostsslError `target-changed`, `target-not-writable`, `file-not-readable`: nothing was written;
 * `apply-incomplete`: some files were, as the message says. Applying the same plan again goes on from there.
 */
export async function applyPlan(plan: TlsPlan, files: TlsFiles = diskFiles): Promise<ApplyReport> {
  const pending = await pendingWrites(plan, files);
  const made: PlannedDirectory[] = [];
  const staged: StagedFile[] = [];
  const done: string[] = [];
  try {
    for (const directory of plan.directories) if (await makeDirectory(directory, files)) made.push(directory);
    for (const write of pending) staged.push(await stage(write, files));
    // Staging takes its time, and an editor may have saved meanwhile.
    await pendingWrites(plan, files);
    for (const [i, write] of pending.entries()) {
      await commit(write, staged[i]!, done);
      done.push(write.path);
    }
  } catch (error) {
    await Promise.allSettled(staged.slice(done.length).map((file) => file.discard()));
    // Not while a file lies in one of them.
    if (done.length === 0) await Promise.allSettled(made.map((directory) => files.removeDirectory(directory.path)));
    throw error;
  }
  const unchanged = plan.writes.filter((write) => !pending.includes(write)).map((write) => write.path);
  return { written: done, unchanged, action: plan.action };
}

/** The writes whose targets are not as planned yet, when every target is as it was or as it shall be. */
async function pendingWrites(plan: TlsPlan, files: TlsFiles): Promise<readonly PlannedWrite[]> {
  const pending: PlannedWrite[] = [];
  for (const write of plan.writes) {
    const current = await readFile(write.path, files);
    if (current !== undefined && equalBytes(current.content(), write.content())) {
      if (!hasModeAndOwner(current, write)) pending.push(write);
      continue;
    }
    if ((current === undefined ? undefined : await digest(current.content())) !== write.expected) {
      throw new PgHostsslError('target-changed', `This file is not as it was when the plan was made`, {
        file: write.path,
        hint: 'Nothing was written. Read the server anew and make a new plan.',
      });
    }
    pending.push(write);
  }
  return pending;
}

function hasModeAndOwner(current: FileState, { mode, owner }: PlannedWrite): boolean {
  const hasMode = mode === undefined || current.mode === undefined || current.mode === mode;
  const hasOwner =
    owner === undefined ||
    current.owner === undefined ||
    (current.owner.uid === owner.uid && current.owner.gid === owner.gid);
  return hasMode && hasOwner;
}

/** Whether the directory had to be made. */
async function makeDirectory(directory: PlannedDirectory, files: TlsFiles): Promise<boolean> {
  try {
    if ((await files.statDirectory(directory.path)) !== undefined) return false;
    await files.makeDirectory(directory.path, directory);
    return true;
  } catch (cause) {
    throw notWritable(directory.path, 'This directory cannot be made', cause);
  }
}

async function stage(write: PlannedWrite, files: TlsFiles): Promise<StagedFile> {
  try {
    return await files.stage(write);
  } catch (cause) {
    throw notWritable(write.path, `This file (${write.what}) cannot be written`, cause);
  }
}

async function commit(write: PlannedWrite, file: StagedFile, done: readonly string[]): Promise<void> {
  try {
    await file.commit();
  } catch (cause) {
    if (done.length === 0) throw notWritable(write.path, `This file (${write.what}) cannot be replaced`, cause);
    throw new PgHostsslError('apply-incomplete', `This file cannot be replaced: ${reason(cause)}`, {
      file: write.path,
      hint: `Written before it: ${done.join(', ')}; nothing after it. Apply the same plan again to go on`,
      cause,
    });
  }
}

function notWritable(path: string, what: string, cause: unknown): PgHostsslError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return new PgHostsslError('target-not-writable', `${what}: ${reason(cause)}`, {
    file: path,
    hint: `Nothing was written. ${hints[code] ?? 'See that its directory is there, writable and not full'}`,
    cause,
  });
}

const byOwner = 'Run this as root or as the account that owns the file and its directory';
const hints: Readonly<Record<string, string>> = {
  EACCES: byOwner,
  EPERM: byOwner,
  EBUSY: 'A file that is mounted by itself cannot be replaced: mount its directory',
};

/** A system's error names path and call, never content. */
function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
