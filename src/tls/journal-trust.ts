import { dirname } from 'node:path';
import { journalPath, ownPrefix } from '../disk/own-names.ts';
import type { TlsFiles } from '../disk/tls-files.ts';
import { PgHostsslError } from '../errors.ts';
import type { Journal, JournalPlace } from './files/journal.ts';
import { testimonyFor } from './files/journal-witness.ts';
import { targetsOf } from './files/target.ts';

/**
 * Checks that the journal in a data directory belongs to the directory's owner. An account other than root must also
 * have written the journal itself.
 *
 * @throws PgHostsslError `path-not-trusted`
 */
export async function assertOwnJournal({ directory, files }: JournalPlace, account: number | undefined): Promise<void> {
  const path = journalPath(directory);
  const [journal, holder] = [await files.inspect(path), await files.inspect(directory)];
  const isHolders = journal?.owner === undefined || journal.owner.uid === holder?.owner?.uid;
  const isOwn = !account || journal?.owner?.uid === account;
  if (journal?.kind === 'file' && isHolders && isOwn) return;
  throw new PgHostsslError('path-not-trusted', 'Another account wrote the journal', {
    file: path,
    hint: 'Nothing was written. Run the program as the account that owns the data directory. If that account did not write the journal, remove the journal.',
  });
}

/**
 * Returns a function that says whether a recovery may change the target file at a path of the journal. The caller of
 * the recovery must have named the path. If targets are to be changed, a witness file in the directory of the target
 * must also confirm the journal. A target is left out if its directory has neither a witness file nor files of the
 * change, because nothing there needs a roll-back.
 *
 * @throws PgHostsslError `path-not-trusted`
 */
export async function confirmedTargets(
  journal: Journal,
  place: JournalPlace,
  isIncluded: (path: string) => boolean,
  direction: 'complete' | 'rollback',
): Promise<(path: string) => boolean> {
  const confirmed = new Set<string>();
  // In the states `staging` and `finishing`, a recovery only removes leftover files of the change, and changes no
  // target.
  const isDecided = journal.state === 'staging' || journal.state === 'finishing';
  const goesOn = journal.state === 'switching' && direction === 'complete';
  for (const { path, staged, kept } of targetsOf(journal)) {
    if (!isIncluded(path)) continue;
    const testimony = isDecided ? 'confirmed' : await testimonyFor(path, journal, place);
    if (testimony === 'confirmed') confirmed.add(path);
    else if (testimony === 'denied' || goesOn || (await isAnyThere([staged, kept], place.files))) {
      throw new PgHostsslError('path-not-trusted', 'No witness in the directory of the file confirms the journal', {
        file: path,
        hint: `Nothing was written. The owner of the data directory may have changed the journal. Check ${dirname(path)} yourself, and remove the files whose names begin with ${ownPrefix}.${journal.id}.`,
      });
    }
  }
  return (path) => confirmed.has(path);
}

async function isAnyThere(paths: readonly string[], files: TlsFiles): Promise<boolean> {
  for (const path of paths) if ((await files.inspect(path)) !== undefined) return true;
  return false;
}
