import { dirname } from 'node:path';
import { digest } from '../../disk/digest.ts';
import { directoryMarkPath } from '../../disk/own-names.ts';
import { hasCode } from '../../disk/system-error.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import { withContent } from '../../with-content.ts';
import type { Journal, JournalPlace } from './journal.ts';
import { removeIfThere } from './remove-if-there.ts';

// A roll-back removes the directories that the journal in the data directory lists. The owner of the data directory
// could write a journal that lists an empty directory of another account. Mark files prevent this. Before a change
// makes a directory, it creates a mark file beside the new directory, which only an account with write access to the
// parent directory can do. A directory without a mark file is never removed.

/** A directory that a change makes, with the journal of the change. */
export interface MadeDirectory {
  readonly path: string;
  readonly journal: Journal;
  /** The data directory in which the journal is kept. */
  readonly place: JournalPlace;
  /** The {@link TlsFiles} that create and remove the directory. */
  readonly files: TlsFiles;
}

/**
 * Writes the mark file, then makes the directory, and flushes both names to the disk: files of the server will name the
 * directory. Only with its mark file can the directory be removed by a roll-back.
 */
export async function makeMarked(
  made: MadeDirectory,
  options: Parameters<TlsFiles['makeDirectory']>[1],
): Promise<void> {
  const { path, files } = made;
  const mark = markOf(made);
  await files.create(withContent({ path: mark, mode: 0o600 }, new TextEncoder().encode(await markText(made))));
  try {
    await files.makeDirectory(path, options);
  } catch (error) {
    // Another process made the directory meanwhile. The mark file is removed, so that no roll-back removes the
    // directory.
    if (hasCode(error, 'EEXIST')) await removeIfThere(mark, files);
    throw error;
  }
  await files.sync(dirname(path));
}

/**
 * Removes a directory that a change made, if it is empty and `keep` is false, and then its mark file. A directory
 * without a mark file stays.
 */
export async function removeMarked(made: MadeDirectory, { keep }: { readonly keep: boolean }): Promise<void> {
  const { path, files } = made;
  const file = await files.read(markOf(made));
  if (file === undefined) return;
  const [text, expected] = [new TextDecoder().decode(file.content()), await markText(made)];
  // If the mark file is incomplete, the process was killed before it made the directory.
  if (!expected.startsWith(text)) return;
  if (text === expected && !keep) await removeIfEmpty(path, files);
  await removeIfThere(markOf(made), files);
}

/** Removes a directory, if it exists and is empty. */
async function removeIfEmpty(path: string, files: TlsFiles): Promise<void> {
  try {
    await files.removeDirectory(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

function markOf({ path, journal }: MadeDirectory): string {
  return directoryMarkPath(path, journal.id, journal.directories.indexOf(path));
}

/** The text of a mark file. It includes the identity of the data directory, which no journal can forge. */
async function markText({ path, journal, place }: MadeDirectory): Promise<string> {
  return await digest(new TextEncoder().encode(JSON.stringify([place.id, journal.id, path])));
}
