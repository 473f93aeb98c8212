import type { TlsFiles } from '../disk/tls-files.ts';
import { PgHostsslError } from '../errors.ts';
import type { JournalPlace } from './files/journal.ts';
import { readable } from './state-reader.ts';

/** The path, identity and owner of a data directory, for the journal of a change. */
export async function placeOf(dataDirectory: string, files: TlsFiles): Promise<JournalPlace> {
  const directory = await readable(dataDirectory, files.realPath(dataDirectory));
  const facts = await readable(dataDirectory, files.inspect(directory));
  if (facts?.kind !== 'directory') {
    throw new PgHostsslError('data-directory-incomplete', 'The directory does not exist', {
      file: dataDirectory,
      hint: 'Give the data directory of the server: `SHOW data_directory` shows it.',
    });
  }
  // Only root can create files that belong to another account.
  const owner = process.geteuid?.() === 0 ? facts.owner : undefined;
  return { directory, files, id: facts.id, owner };
}
