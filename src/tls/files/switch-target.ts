import { dirname } from 'node:path';
import { hasCode } from '../../disk/system-error.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import { removeIfThere } from './remove-if-there.ts';
import { agrees, fileAt, type Target, type TargetView, viewTarget } from './target.ts';

/** The error for a target file that another program changed while a plan was being applied. */
export class EditedTarget extends Error {
  /** The target file that was changed. */
  readonly target: Target;

  /** Creates the error for a target file. */
  constructor(target: Target) {
    super(`${target.path} was changed by another program`);
    this.target = target;
  }
}

/**
 * Replaces or removes a target file, if its content, mode and owner are those before the change. If the target has been
 * replaced already, the function does nothing.
 *
 * @throws EditedTarget if another program changed the target, which then stays as it is
 */
export async function switchTarget(target: Target, files: TlsFiles): Promise<void> {
  const { path, staged, kept, before, after } = target;
  const view = await viewTarget(target, files);
  // In this state, the target was replaced and restored again, or its staged file is missing.
  if (view.switched && view.is === 'before' && after !== null) throw new EditedTarget(target);
  if (view.switched || (view.is === 'after' && !view.hasStaged)) {
    // An earlier process was killed after it linked the new file to the target path and before it removed the staged
    // name. It does not matter whether somebody has edited the file since.
    if (view.hasStaged) await finishStep(target, files);
    return;
  }
  if (view.is !== 'before') throw new EditedTarget(target);
  if (after === null) await files.rename(path, kept);
  else if (before === null) await moveToFreePath(target, files);
  else {
    if (view.hasKept) await files.remove(kept);
    await files.replace({ target: path, by: staged, keep: kept });
  }
  await files.sync(dirname(path));
  await assertKept(target, files);
}

/** Gives a new file its target path by a hard link. Unlike a rename, a link never replaces an existing file. */
async function moveToFreePath(target: Target, files: TlsFiles): Promise<void> {
  try {
    await files.link(target.staged, target.path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new EditedTarget(target);
    throw error;
  }
  await files.remove(target.staged);
}

/** Removes the temporary name of a new file that already has its target path, too. */
async function finishStep({ path, staged }: Target, files: TlsFiles): Promise<void> {
  await files.remove(staged);
  await files.sync(dirname(path));
}

/**
 * Checks that the former file, which has been replaced, still has the content that it had before the change. The check
 * detects a program that saved the file between the last check and the rename, or that wrote into the former file
 * later.
 *
 * @throws EditedTarget if the content has changed
 */
export async function assertKept(target: Target, files: TlsFiles): Promise<void> {
  if (target.before === null) return;
  if (!agrees(await fileAt(target.kept, files), target.before)) throw new EditedTarget(target);
}

/** The result of rolling back the replacement of one target file. */
export type Restored = 'restored' | 'not-switched' | 'edited';

/**
 * Restores the former file of a target, with everything that another program has written into the former file since. If
 * another program edited the new file, that file stays, and the result is `edited`, because the edited file may need
 * files that were replaced before it.
 */
export async function restoreTarget(target: Target, files: TlsFiles): Promise<Restored> {
  const view = await viewTarget(target, files);
  if (target.after === null) return await restoreRemoved(target, view, files);
  if (!view.switched || view.is === 'before') {
    await removeIfThere(target.staged, files);
    // The kept name is a second name of the file at the target path, or a name of a file that another program has
    // replaced. It is not needed.
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
    // Another program saved the file between the check and the rename. The file that it saved is put back.
    await files.replace({ target: path, by: staged, keep: kept });
    await files.sync(dirname(path));
    return 'edited';
  }
  await files.remove(staged);
  return 'restored';
}

/**
 * Removes the new file from a target path at which no file was before. The file is renamed first, and its content is
 * compared afterwards, so that a file of another program is never removed.
 */
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
  // An earlier process restored the file with a hard link, and was killed before it removed the kept name.
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
