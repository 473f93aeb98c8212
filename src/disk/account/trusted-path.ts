import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import type { Owner } from '../file-state.ts';
import { systemError, unlessMissing } from '../system-error.ts';

/**
 * The limit for the number of path components that are followed. Usual paths have fewer, but symbolic links can lead
 * through any number.
 */
const mostSteps = 400;

/** The accounts that can change where a path leads. */
export interface PathOwner {
  /**
   * The owner of the file or directory to which the path leads. If it does not exist, the owner of the last directory
   * in the path that exists.
   */
  readonly owner: Owner;
  /** Whether only root can change where the path leads. */
  readonly isRootsAlone: boolean;
  /** Whether only root and one account can change where the path leads: the given account, or else `owner`. */
  readonly isTrusted: boolean;
}

/**
 * Follows a path from the root directory, through every symbolic link, and finds the accounts that can change where the
 * path leads. An account that may write to a directory in the path can replace the next component. A sticky directory
 * is an exception: other accounts can add names to it, but cannot replace a file that belongs to root or to the owner.
 *
 * @param account the account that will work at the path; the owner of the file or directory if not given
 */
export async function followPath(path: string, account?: number): Promise<PathOwner> {
  const steps: Stats[] = [];
  await walk(resolve(path), steps);
  const last = steps.findLast((step) => !step.isSymbolicLink())!;
  const owner = { uid: last.uid, gid: last.gid };
  const isClosed = (step: Stats, index: number): boolean =>
    !isOpen(step) || ((step.mode & 0o1000) !== 0 && index < steps.length - 1);
  return {
    owner,
    isRootsAlone: steps.every((step, index) => step.uid === 0 && isClosed(step, index)),
    isTrusted: steps.every((step, index) => [0, account ?? owner.uid].includes(step.uid) && isClosed(step, index)),
  };
}

/** Collects the existing components of a path, in the order in which the system follows them. */
async function walk(path: string, steps: Stats[]): Promise<void> {
  if (steps.length > mostSteps) throw systemError('ELOOP', `${path} leads through too many symbolic links`);
  const folder = dirname(path);
  if (folder !== path) await walk(folder, steps);
  // If a path ends with "/", lstat follows a link.
  const entry = `${folder}/${basename(path)}`;
  const facts = await unlessMissing(lstat(entry));
  if (facts === undefined) return;
  steps.push(facts);
  if (!facts.isSymbolicLink()) return;
  const next = await readlink(entry);
  // The path is not normalized: if `..` follows a link, the system takes the parent of the link's target.
  await walk(isAbsolute(next) ? next : `${folder}/${next}`, steps);
}

function isOpen(facts: Stats): boolean {
  return !facts.isSymbolicLink() && (facts.mode & 0o022) !== 0;
}
