import { dirname } from 'node:path';
import { hasCode } from '../../disk/system-error.ts';
import type { TlsFiles } from './files.ts';
import { removeIfThere } from './journal.ts';
import { agrees, fileAt, type Target, type TargetView, viewTarget } from './target.ts';

/** A target that somebody else has changed. */
export class EditedTarget extends Error {
  /** The target. */
  readonly target: Target;

  /** The error for a target. */
  constructor(target: Target) {
    super(`${target.path} was changed by another program`);
    this.target = target;
  }
}

/**
 * Makes a target what it shall be, if it still is what it was before; nothing if it is so already.
 *
 * @throws EditedTarget if the target holds something else. It stays.
 */
export async function switchTarget(target: Target, files: TlsFiles): Promise<void> {
  const { path, staged, kept, before, after } = target;
  const view = await viewTarget(target, files);
  // The step was taken back, or what was staged for it is gone.
  if (view.switched && view.is === 'before' && after !== null) throw new EditedTarget(target);
  if (view.switched || (view.is === 'after' && !view.hasStaged)) {
    // Killed between the two names of a step. A file that was edited since then is not ours to judge.
    if (view.hasStaged) await finishStep(target, files);
    return;
  }
  if (view.is !== 'before') throw new EditedTarget(target);
  if (after === null) await files.rename(path, kept);
  else if (before === null) await putInPlace(target, files);
  else {
    if (view.hasKept) await files.remove(kept);
    await files.replace({ target: path, by: staged, keep: kept });
  }
  await files.sync(dirname(path));
  await assertKept(target, files);
}

/** A new file takes no other file's place: a link, unlike a rename, replaces nothing. */
async function putInPlace(target: Target, files: TlsFiles): Promise<void> {
  try {
    await files.link(target.staged, target.path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new EditedTarget(target);
    throw error;
  }
  await files.remove(target.staged);
}

/** Target and staged file are one file: the step was a link that lacks its other half. */
async function finishStep({ path, staged }: Target, files: TlsFiles): Promise<void> {
  await files.remove(staged);
  await files.sync(dirname(path));
}

/**
 * Checks that the file that was replaced is what it was before. An editor that saved between the last look and the rename,
 * or that wrote into the file later, is found so.
 *
 * @throws EditedTarget
 */
export async function assertKept(target: Target, files: TlsFiles): Promise<void> {
  if (target.before === null) return;
  if (!agrees(await fileAt(target.kept, files), target.before)) throw new EditedTarget(target);
}

/** What taking back a step has come to. */
export type Restored = 'restored' | 'not-switched' | 'edited';

/**
 * Gives a target its former file back, with what an editor may have written into that since. `edited` if the target was
 * edited after the step: it stays as it is, since what stands in it may need the files of earlier steps.
 */
export async function restoreTarget(target: Target, files: TlsFiles): Promise<Restored> {
  const view = await viewTarget(target, files);
  if (target.after === null) return await restoreRemoved(target, view, files);
  if (!view.switched || view.is === 'before') {
    await removeIfThere(target.staged, files);
    // A second name of the file at the target, or of one that an editor has replaced.
    await removeIfThere(target.kept, files);
    return 'not-switched';
  }
  if (view.is === 'edited') return 'edited';
  return target.before === null ? await removeNew(target, view, files) : await exchangeBack(target, view, files);
}

async function exchangeBack(target: Target, view: TargetView, files: TlsFiles): Promise<Restored> {
  const { path, staged, kept } = target;
  if (view.hasStaged) await files.rename(kept, path);
  else await files.replace({ target: path, by: kept, keep: staged });
  await files.sync(dirname(path));
  if (!agrees(await fileAt(staged, files), target.after)) {
    // A save that came between the look and the rename: it is put back.
    await files.replace({ target: path, by: staged, keep: kept });
    await files.sync(dirname(path));
    return 'edited';
  }
  await files.remove(staged);
  return 'restored';
}

/** The file is taken away first and judged then, so that no other file is removed. */
async function removeNew({ path, staged, after }: Target, view: TargetView, files: TlsFiles): Promise<Restored> {
  if (view.hasStaged) await files.remove(path);
  else await files.rename(path, staged);
  if (!agrees(await fileAt(staged, files), after)) {
    await files.link(staged, path);
    await files.remove(staged);
    return 'edited';
  }
  await files.sync(dirname(path));
  await files.remove(staged);
  return 'restored';
}

async function restoreRemoved({ path, kept }: Target, view: TargetView, files: TlsFiles): Promise<Restored> {
  if (!view.hasKept) return 'not-switched';
  // The link of a step back that was killed before its other half.
  if (view.is === 'before' && !view.switched) {
    await files.remove(kept);
    return 'restored';
  }
  try {
    await files.link(kept, path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return 'edited';
    throw error;
  }
  await files.sync(dirname(path));
  await files.remove(kept);
  return 'restored';
}
