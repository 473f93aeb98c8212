import { digest } from '../../disk/digest.ts';
import type { ReadingPort } from '../../disk/reading-port.ts';
import { hasCode } from '../../disk/system-error.ts';
import type { Precondition } from './plan-data.ts';

/**
 * What a precondition's file or directory is now.
 *
 * @returns SHA-256 (hexadecimal) of a file's content, or of the sorted names in a directory; null if there is none
 */
export async function preconditionDigest(
  { kind, path }: Pick<Precondition, 'kind' | 'path'>,
  port: ReadingPort,
): Promise<string | null> {
  if (kind === 'directory') return await directoryDigest(await namesIn(path, port));
  const file = await port.read(path);
  return file === undefined ? null : await digest(file.content());
}

/** The digest of a directory with these names in it; null for a directory that is not there. */
export async function directoryDigest(names: readonly string[] | undefined): Promise<string | null> {
  return names === undefined ? null : await digest(new TextEncoder().encode(names.toSorted().join('\0')));
}

async function namesIn(path: string, port: ReadingPort): Promise<readonly string[] | undefined> {
  try {
    return await port.list(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
