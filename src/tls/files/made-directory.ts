import { withContent } from '../../disk/content.ts';
import { digest } from '../../disk/digest.ts';
import { directoryMarkPath } from '../../disk/own-names.ts';
import { hasCode } from '../../disk/system-error.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import { type Journal, type JournalPlace, removeIfThere } from './journal.ts';

// The owner of the data directory can write any journal there. A mark keeps such a journal from removing an empty directory
// of another account: before a change makes a directory, it puts a file beside it, with the rights of the directory above.

/** A directory that a transaction makes. */
export interface MadeDirectory {
  /** Its path. */
  readonly path: string;
  /** The journal that names it. */
  readonly journal: Journal;
  /** Where the journal is. */
  readonly place: JournalPlace;
  /** Where its files are. */
  readonly files: TlsFiles;
}

/** Puts the mark, and makes the directory. */
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
    // Somebody else has made the directory. Without the mark, it stays.
    if (hasCode(error, 'EEXIST')) await removeIfThere(mark, files);
    throw error;
  }
}

/** Removes the mark, and before it the directory if it is empty and not to be kept. Without the mark, the directory stays. */
export async function removeMarked(made: MadeDirectory, { keep }: { readonly keep: boolean }): Promise<void> {
  const { path, files } = made;
  const file = await files.read(markOf(made));
  if (file === undefined) return;
  const [text, expected] = [new TextDecoder().decode(file.content()), await markText(made)];
  // A process that was killed while it wrote the mark had made no directory yet.
  if (!expected.startsWith(text)) return;
  if (text === expected && !keep) await unlessMissing(files.removeDirectory(path));
  await removeIfThere(markOf(made), files);
}

/** Ignores that a directory is gone, or that others use it. */
export async function unlessMissing(step: Promise<void>): Promise<void> {
  try {
    await step;
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].some((code) => hasCode(error, code))) throw error;
  }
}

function markOf({ path, journal }: MadeDirectory): string {
  return directoryMarkPath(path, journal.id, journal.directories.indexOf(path));
}

/** The text of a mark. It names the data directory, whose identity no journal can change. */
async function markText({ path, journal, place }: MadeDirectory): Promise<string> {
  return await digest(new TextEncoder().encode(JSON.stringify([place.id, journal.id, path])));
}
