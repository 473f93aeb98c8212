import { basename, dirname, join } from 'node:path';

/**
 * The prefix of the names of all files that a transaction creates beside its target files. pg_basebackup skips names
 * that begin with `pgsql_tmp` (`excludeFiles` and `PG_TEMP_FILE_PREFIX` in basebackup.c). No key and no journal
 * therefore gets into a backup or a standby.
 */
export const ownPrefix = 'pgsql_tmp.pg-hostssl';

/** Whether the last component of a path is a name of a file that a transaction creates. */
export function isTransactionFile(path: string): boolean {
  return basename(path).startsWith(`${ownPrefix}.`);
}

/** The path of the journal in a data directory. */
export function journalPath(directory: string): string {
  return join(directory, `${ownPrefix}.journal`);
}

/** The path of a journal while it is being written, before it is renamed. */
export function newJournalPath(directory: string): string {
  return join(directory, `${ownPrefix}.journal.new`);
}

/** The path of the lock of a data directory. */
export function lockPath(directory: string): string {
  return join(directory, `${ownPrefix}.lock`);
}

/** The path of a CA's key or certificate while the file is being written, in the directory of the CA. */
export function stagedAuthorityPath(directory: string): string {
  return join(directory, `${ownPrefix}.authority.new`);
}

/** The path of a witness file: a file in a directory outside the data directory that confirms a journal. */
export function witnessPath(folder: string, id: string): string {
  return join(folder, `${ownPrefix}.${id}.witness`);
}

/** The path of a mark file: a file beside a directory that shows that a transaction made the directory. */
export function directoryMarkPath(directory: string, id: string, index: number): string {
  return join(dirname(directory), `${ownPrefix}.${id}.${index}.directory`);
}

/** Whether a path is that of a mark file for this directory, as {@link directoryMarkPath} returns it. */
export function isDirectoryMark(path: string, directory: string): boolean {
  const isBeside = isTransactionFile(path) && dirname(path) === dirname(directory);
  return isBeside && /^[0-9a-f]{16}\.[0-9]+\.directory$/.test(basename(path).slice(ownPrefix.length + 1));
}

/**
 * The two paths that a transaction uses beside a target file: for the new file before the replacement, and for the
 * former file after it.
 */
export function namesBeside(
  path: string,
  id: string,
  index: number,
): { readonly staged: string; readonly kept: string } {
  const stem = join(dirname(path), `${ownPrefix}.${id}.${index}`);
  return { staged: `${stem}.new`, kept: `${stem}.old` };
}
