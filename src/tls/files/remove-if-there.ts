import { hasCode } from '../../disk/system-error.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';

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
