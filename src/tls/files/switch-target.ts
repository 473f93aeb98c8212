import { dirname } from 'node:path';
import { hasCode } from '../../disk/system-error.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import { removeIfThere } from './journal.ts';
import { agrees, fileAt, type Target, type TargetView, viewTarget } from './target.ts';

/** The error for a target that another program has changed. */
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
 * Puts the new file at a target, or removes the target, if the target is as it was before. A target that is already as
 * planned stays.
 *
 * @throws EditedTarget if the target holds a third content, which stays
 */
export async function switchTarget(target: Target, files: TlsFiles): Promise<void> {
  const { path, staged, kept, before, after } = target;
  const view = await viewTarget(target, files);
  // The step was taken back, or the staged file is gone.
  if (view.switched && view.is === 'before' && after !== null) throw new EditedTarget(target);
  if (view.switched || (view.is === 'after' && !view.hasStaged)) {
    // An earlier process was killed between the link and the removal of the staged name. Edits since then are no concern here.
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

/** Puts a new file at a path with a link, which replaces no file, unlike a rename. */
async function putInPlace(target: Target, files: TlsFiles): Promise<void> {
  try {
    await files.link(target.staged, target.path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new EditedTarget(target);
    throw error;
  }
  await files.remove(target.staged);
}

/** Removes the staged name of a file that is at the target already. */
async function finishStep({ path, staged }: Target, files: TlsFiles): Promise<void> {
  await files.remove(staged);
  await files.sync(dirname(path));
}

/**
 * Checks that the replaced file still has its former content. This finds an editor that saved between the last look and the
 * rename, and one that wrote into the replaced file later.
 *
 * @throws EditedTarget
 */
export async function assertKept(target: Target, files: TlsFiles): Promise<void> {
  if (target.before === null) return;
  if (!agrees(await fileAt(target.kept, files), target.before)) throw new EditedTarget(target);
}

/** The result of taking back a step. */
export type Restored = 'restored' | 'not-switched' | 'edited';

/**
 * Puts the former file back at a target, with everything that an editor wrote into that file since. A target that was edited
 * after the step stays, and the result is `edited`: the edited file may need the files of earlier steps.
 */
export async function restoreTarget(target: Target, files: TlsFiles): Promise<Restored> {
  const view = await viewTarget(target, files);
  if (target.after === null) return await restoreRemoved(target, view, files);
  if (!view.switched || view.is === 'before') {
    await removeIfThere(target.staged, files);
    // The kept name is a second name of the file at the target, or of a file that an editor has replaced.
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
    // Another program saved between the look and the rename. Its file is put back.
    await files.replace({ target: path, by: staged, keep: kept });
    await files.sync(dirname(path));
    return 'edited';
  }
  await files.remove(staged);
  return 'restored';
}

/** Moves the file away and compares it then, so that no other program's file is removed. */
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
  // An earlier process was killed after it had linked the file back and before it removed the kept name.
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
