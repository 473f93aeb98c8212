import { withOwnerFiles } from '../disk/account/owner-files.ts';
import { isThere } from '../disk/account/path-checks.ts';
import { diskFiles } from '../disk/disk-files.ts';
import type { ReadingPort } from '../disk/reading-port.ts';
import { systemError } from '../disk/system-error.ts';
import type { TlsFiles } from '../disk/tls-files.ts';
import type { ConfigurationPlace } from './place.ts';

/** A `ReadingPort` that may also tell the mode and owner of a file that it cannot read. */
export type ServerFiles = ReadingPort & Partial<Pick<TlsFiles, 'inspect'>>;

/** A `ReadingPort` for a server that has no files yet. */
const noFiles: ReadingPort = {
  read: async () => undefined,
  list: async (path) => {
    throw systemError('ENOENT', path);
  },
  statDirectory: async () => undefined,
  realPath: async (path) => path,
};

/**
 * Calls a function with a `ReadingPort` that reads the files of a server. If this process runs as root, another process
 * with the rights of the data directory's owner reads them. A link, setting or include line of that account therefore
 * reaches only files that the account can read.
 *
 * If the data directory is given, postgresql.conf is read with these rights, too, because its path may come from the
 * command line of the last start, which is in a file of that account. If only postgresql.conf is given, the caller has
 * named it, and root reads it if root owns it.
 *
 * @param directoryOf finds the data directory if only postgresql.conf is given
 * @throws PgHostsslError `path-not-trusted`, `account-unavailable`; `data-directory-incomplete` if both paths are
 * given, and the data directory does not exist
 */
export async function withServerFiles<T>(
  { dataDirectory, conf }: Pick<ConfigurationPlace, 'dataDirectory' | 'conf'>,
  directoryOf: (files: ServerFiles) => Promise<string>,
  use: (files: ServerFiles) => Promise<T>,
): Promise<T> {
  if (process.geteuid?.() !== 0) return await use(diskFiles);
  const named = dataDirectory === undefined && conf !== undefined ? [conf] : [];
  const asOwnerOf = (directory: string): Promise<T> =>
    withOwnerFiles({ dataDirectory: directory, conf, named, isReadOnly: true }, ({ files }) => use(files));
  if (dataDirectory !== undefined && (conf !== undefined || (await isThere(dataDirectory)))) {
    return await asOwnerOf(dataDirectory);
  }
  if (conf === undefined || !(await isThere(conf))) return await use(noFiles);
  // A process with the rights of the owner of postgresql.conf reads the files. If root owns postgresql.conf, root reads
  // only the name of the data directory, and a process with the rights of that directory's owner reads the files.
  const found = await withOwnerFiles({ dataDirectory: conf, isReadOnly: true }, async ({ files, pid }) =>
    pid === process.pid ? await directoryOf(files) : undefined,
  );
  return await asOwnerOf(found !== undefined && (await isThere(found)) ? found : conf);
}
