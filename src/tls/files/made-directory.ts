import { withContent } from '../../disk/content.ts';
import { digest } from '../../disk/digest.ts';
import { directoryMarkPath } from '../../disk/own-names.ts';
import { hasCode } from '../../disk/system-error.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import { type Journal, type JournalPlace, removeIfThere } from './journal.ts';

// The owner of the data directory can write any journal into it. Marks prevent such a journal from removing an empty
// directory of another account. Before a change makes a directory, it puts a mark beside it: a file that is written
// with the rights on the directory above.

/** A directory that a transaction makes. */
export interface MadeDirectory {
  /** The path of the directory. */
  readonly path: string;
  /** The journal that names the directory. */
  readonly journal: Journal;
  /** The place of the journal. */
  readonly place: JournalPlace;
  /** The port for the directory. */
  readonly files: TlsFiles;
}

/** Writes the mark, then makes the directory. */
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
    // Another process made the directory. Without the mark, it is never removed.
    if (hasCode(error, 'EEXIST')) await removeIfThere(mark, files);
    throw error;
  }
}

/** Removes an empty directory, unless it is to be kept, and then its mark. Without the mark, the directory stays. */
export async function removeMarked(made: MadeDirectory, { keep }: { readonly keep: boolean }): Promise<void> {
  const { path, files } = made;
  const file = await files.read(markOf(made));
  if (file === undefined) return;
  const [text, expected] = [new TextDecoder().decode(file.content()), await markText(made)];
  // An incomplete mark means that the process was killed before it made the directory.
  if (!expected.startsWith(text)) return;
  if (text === expected && !keep) await unlessMissing(files.removeDirectory(path));
  await removeIfThere(markOf(made), files);
}

/** Ignores the error that a directory does not exist, or is not empty. */
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

/** The text of a mark. It names the identity of the data directory, which no journal can change. */
async function markText({ path, journal, place }: MadeDirectory): Promise<string> {
  return await digest(new TextEncoder().encode(JSON.stringify([place.id, journal.id, path])));
}
