import { dirname } from 'node:path';
import { hasCode } from '../../disk/system-error.ts';
import type { NewFile, TlsFiles } from '../../disk/tls-files.ts';
import { withContent } from '../../with-content.ts';
import { removeIfThere } from './remove-if-there.ts';

/**
 * Creates a file that has its complete content from the first moment on. If a file exists at the path, that file stays.
 *
 * @param staged the path for the file while it is being written. The caller holds a lock, so no other process writes
 * there. A file that a killed process left there is removed.
 */
export async function createWhole(file: NewFile, staged: string, files: TlsFiles): Promise<void> {
  await viaStaged(file, staged, files, async () => {
    try {
      await files.link(staged, file.path);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    await files.remove(staged);
  });
}

/**
 * Creates a file, or replaces the file at its path in one step.
 *
 * @param staged see {@link createWhole}
 */
export async function replaceWhole(file: NewFile, staged: string, files: TlsFiles): Promise<void> {
  await viaStaged(file, staged, files, () => files.rename(staged, file.path));
}

/** Makes a directory in its existing parent directory, unless it exists, and flushes its name to the disk. */
export async function ensureDirectory(path: string, mode: number, files: TlsFiles): Promise<void> {
  if ((await files.statDirectory(path)) !== undefined) return;
  try {
    await files.makeDirectory(path, { mode });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  await files.sync(dirname(path));
}

async function viaStaged(file: NewFile, staged: string, files: TlsFiles, name: () => Promise<void>): Promise<void> {
  await removeIfThere(staged, files);
  await files.create(withContent({ ...file, path: staged }, file.content()));
  try {
    await name();
  } catch (error) {
    // An error of removing is ignored, because the caller needs the first error.
    await files.remove(staged).catch(() => undefined);
    throw error;
  }
  await files.sync(dirname(file.path));
}
