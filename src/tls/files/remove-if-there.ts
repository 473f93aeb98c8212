import { hasCode } from '../../disk/system-error.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';

/**
 * Whether a file still exists after a change that removes files. A file that cannot be checked counts as existing: the
 * change is complete, so its report must not fail.
 */
export async function isStillThere(path: string, files: TlsFiles): Promise<boolean> {
  return await files.inspect(path).then(
    (facts) => facts !== undefined,
    () => true,
  );
}

/** Removes a file, if it exists. */
export async function removeIfThere(path: string, files: TlsFiles): Promise<void> {
  try {
    await files.remove(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    // On a read-only file system, the error is EROFS even if the file does not exist.
    if (hasCode(error, 'EROFS') && (await files.inspect(path)) === undefined) return;
    throw error;
  }
}
