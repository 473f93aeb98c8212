import { dirname } from 'node:path';
import { digest } from '../../disk/digest.ts';
import { isBelow } from '../../disk/is-below.ts';
import { witnessPath } from '../../disk/own-names.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import { withContent } from '../../with-content.ts';
import { type Journal, type JournalPlace, shortened } from './journal.ts';
import { removeIfThere } from './remove-if-there.ts';

// A recovery replaces the files that the journal in the data directory lists. The owner of the data directory could
// write a journal that lists files of another account. Witness files prevent this. Before the first file is replaced,
// each directory outside the data directory gets a witness: a file with the digest of the journal's list, written with
// the rights of that directory's owner. A recovery compares the journal with the witness.

/** The result of comparing a journal with the witness file in a directory outside the data directory. */
export type Testimony = 'confirmed' | 'denied' | 'missing';

/**
 * Writes the witness files: each directory outside the data directory gets a file with the digest of the journal's list
 * of targets.
 */
export async function writeWitnesses(journal: Journal, place: JournalPlace): Promise<void> {
  const content = new TextEncoder().encode(await listDigest(journal, place));
  for (const folder of foldersOutside(journal.targets, place)) {
    await place.files.create(withContent({ path: witnessPath(folder, journal.id), mode: 0o600 }, content));
  }
}

/**
 * Compares a journal with the witness file in the directory of a target file. A target in the data directory needs no
 * witness file.
 */
export async function testimonyFor(path: string, journal: Journal, place: JournalPlace): Promise<Testimony> {
  if (isBelow(path, place.directory)) return 'confirmed';
  const file = await place.files.read(witnessPath(dirname(path), journal.id));
  if (file === undefined) return 'missing';
  const text = new TextDecoder().decode(file.content());
  return text === (await listDigest(journal, place)) ? 'confirmed' : 'denied';
}

/** Removes the files that {@link writeWitnesses} wrote into the directories of the given target files. */
export async function removeWitnesses(
  { id }: Journal,
  targets: readonly { readonly path: string }[],
  place: JournalPlace,
  files: TlsFiles,
): Promise<void> {
  for (const folder of foldersOutside(targets, place)) await removeIfThere(witnessPath(folder, id), files);
}

function foldersOutside(
  targets: readonly { readonly path: string }[],
  { directory }: JournalPlace,
): ReadonlySet<string> {
  return new Set(targets.filter(({ path }) => !isBelow(path, directory)).map(({ path }) => dirname(path)));
}

/**
 * The digest of the directories and target files in a journal. In the digest, paths below the data directory are
 * relative, because the data directory may be moved.
 */
async function listDigest({ directories, targets }: Journal, place: JournalPlace): Promise<string> {
  const short = (path: string): string => shortened(path, place.directory);
  const list = [directories.map(short), targets.map((target) => ({ ...target, path: short(target.path) }))];
  return await digest(new TextEncoder().encode(JSON.stringify(list)));
}
