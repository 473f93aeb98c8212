import { basename, dirname, join } from 'node:path';

/**
 * The start of the names of all files that a transaction makes beside its targets. pg_basebackup leaves out what begins
 * with `pgsql_tmp` (`excludeFiles` and `PG_TEMP_FILE_PREFIX` in basebackup.c), so that no key and no journal gets into a
 * backup or a standby.
 */
export const ownPrefix = 'pgsql_tmp.pg-hostssl';

/** Whether a path has the name of a file that a transaction makes. */
export function isTransactionFile(path: string): boolean {
  return basename(path).startsWith(`${ownPrefix}.`);
}

/** The journal in a data directory. */
export function journalPath(directory: string): string {
  return join(directory, `${ownPrefix}.journal`);
}

/** A journal that is not complete yet. */
export function newJournalPath(directory: string): string {
  return join(directory, `${ownPrefix}.journal.new`);
}

/** The lock of a data directory. */
export function lockPath(directory: string): string {
  return join(directory, `${ownPrefix}.lock`);
}

/** A key or certificate of a CA, in the CA's directory, that is not complete yet. */
export function stagedAuthorityPath(directory: string): string {
  return join(directory, `${ownPrefix}.authority.new`);
}

/** The file with which a directory outside the data directory confirms a journal. */
export function witnessPath(folder: string, id: string): string {
  return join(folder, `${ownPrefix}.${id}.witness`);
}

/** The file beside a directory that a transaction makes. It tells that the transaction made the directory. */
export function directoryMarkPath(directory: string, id: string, index: number): string {
  return join(dirname(directory), `${ownPrefix}.${id}.${index}.directory`);
}

/** Whether a path is one of {@link directoryMarkPath} for a directory. */
export function isDirectoryMark(path: string, directory: string): boolean {
  const name = basename(path);
  return (
    dirname(path) === dirname(directory) &&
    name.startsWith(`${ownPrefix}.`) &&
    /^[0-9a-f]{16}\.[0-9]+\.directory$/.test(name.slice(ownPrefix.length + 1))
  );
}

/** The names beside a target: of the file that shall replace it, and of the file that it replaced. */
export function namesBeside(
  path: string,
  id: string,
  index: number,
): { readonly staged: string; readonly kept: string } {
  const stem = join(dirname(path), `${ownPrefix}.${id}.${index}`);
  return { staged: `${stem}.new`, kept: `${stem}.old` };
}
