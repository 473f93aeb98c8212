import { isAbsolute, join, relative } from 'node:path';
import type { Owner } from '../../disk/file-state.ts';
import { isBelow } from '../../disk/is-below.ts';
import { journalPath, newJournalPath } from '../../disk/own-names.ts';
import type { ReadingPort } from '../../disk/reading-port.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import { PgHostsslError } from '../../errors.ts';
import { withContent } from '../../with-content.ts';
import type { InterruptedApply } from '../state.ts';
import { removeIfThere } from './remove-if-there.ts';
import { replaceWhole } from './whole-file.ts';

/**
 * The progress of a transaction. When `switching` begins, all new files are complete and flushed to the disk. When
 * `finishing` begins, the change can no longer be rolled back.
 */
export type JournalState = InterruptedApply['state'];

/** The facts by which a recovery recognizes a file. Mode and owner are missing if the system has none. */
export interface JournalFile {
  /** The SHA-256 of the content in hexadecimal digits. */
  readonly sha256: string;
  /** The permission bits of the file. */
  readonly mode?: number;
  readonly owner?: Owner;
}

/** A file that a transaction creates, replaces or removes. */
export interface JournalTarget {
  /**
   * The path of the file. In the text of a journal, a path below the data directory is relative to the data directory.
   */
  readonly path: string;
  /** The file before the change; `null` if the file did not exist. */
  readonly before: JournalFile | null;
  /** The file after the change; `null` if the change removes the file. */
  readonly after: JournalFile | null;
}

/** The data in a journal, which records the progress of a change. It holds no contents of files. */
export interface Journal {
  /** The version of the journal's format. */
  readonly version: 1;
  /** A random name. The names of all files of the transaction contain it. */
  readonly id: string;
  /** The progress of the change. */
  readonly state: JournalState;
  /** The time at which the transaction began, in ISO 8601. */
  readonly started: string;
  /**
   * The identity of the data directory. In a copy of the data directory, the journal does not apply to paths outside
   * the copy.
   */
  readonly directory: string;
  /** The directories that the transaction makes, in order. */
  readonly directories: readonly string[];
  /** The target files, in the order in which they are replaced. */
  readonly targets: readonly JournalTarget[];
}

/** The data directory in which a journal is kept. */
export interface JournalPlace {
  /** The path of the data directory, without symbolic links. */
  readonly directory: string;
  /** The identity of the data directory. A copy of the directory has another identity. */
  readonly id: string;
  /** The {@link TlsFiles} that read and write the data directory. */
  readonly files: TlsFiles;
  /**
   * The owner of the data directory. The journal gets this owner, because a base backup fails if the server cannot read
   * a file in the data directory.
   */
  readonly owner?: Owner | undefined;
}

/** Writes a journal. The new file replaces the former journal in one step. */
export async function writeJournal(journal: Journal, { directory, files, owner }: JournalPlace): Promise<void> {
  const text = `${JSON.stringify(
    withPaths(journal, (path) => shortened(path, directory)),
    undefined,
    1,
  )}\n`;
  const facts = { path: journalPath(directory), mode: 0o600, ...(owner && { owner }) };
  await replaceWhole(withContent(facts, new TextEncoder().encode(text)), newJournalPath(directory), files);
}

/** Removes the journal, and the incomplete new journal that a killed process may have left. */
export async function removeJournal({ directory, files }: JournalPlace): Promise<void> {
  await removeIfThere(newJournalPath(directory), files);
  await removeIfThere(journalPath(directory), files);
  await files.sync(directory);
}

/**
 * The journal of a data directory; `undefined` if there is no journal.
 *
 * @throws PgHostsslError `journal-invalid`
 */
export async function readJournal(place: { directory: string; files: ReadingPort }): Promise<Journal | undefined> {
  const path = journalPath(place.directory);
  const file = await place.files.read(path);
  if (file === undefined) return undefined;
  const journal = parseJournal(new TextDecoder().decode(file.content()));
  if (journal === undefined) {
    throw new PgHostsslError('journal-invalid', 'This version of the library did not write the journal', {
      file: path,
      hint: 'If no other file in the directory begins with pgsql_tmp.pg-hostssl, remove the journal. Otherwise use the version that wrote it.',
    });
  }
  return withPaths(journal, (name) => (isAbsolute(name) ? name : join(place.directory, name)));
}

/**
 * Parses a journal. The result is `undefined` if the text is not a valid journal. All fields are checked, because root
 * may read a journal that another account wrote.
 */
function parseJournal(text: string): Journal | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJournal(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const states: readonly unknown[] = ['staging', 'switching', 'back', 'finishing'] satisfies JournalState[];

function isJournal(value: unknown): value is Journal {
  if (!isObject(value)) return false;
  const { version, id, state, started, directory, directories, targets } = value;
  return (
    version === 1 &&
    typeof id === 'string' &&
    /^[0-9a-f]{16}$/.test(id) &&
    states.includes(state) &&
    typeof started === 'string' &&
    // The format of the time is checked, because messages quote the time.
    /^[0-9TZ:.-]{20,30}$/.test(started) &&
    typeof directory === 'string' &&
    Array.isArray(directories) &&
    directories.every(isPath) &&
    Array.isArray(targets) &&
    targets.every((target) => isObject(target) && isPath(target.path) && isFile(target.before) && isFile(target.after))
  );
}

function isFile(value: unknown): value is JournalFile | null {
  if (value === null) return true;
  if (!isObject(value)) return false;
  const { sha256, mode, owner } = value;
  const isNumber = (number: unknown): boolean => Number.isSafeInteger(number);
  return (
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    (mode === undefined || isNumber(mode)) &&
    (owner === undefined || (isObject(owner) && isNumber(owner.uid) && isNumber(owner.gid)))
  );
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.split(/[\\/]/).includes('..') && !value.includes('\0');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function withPaths(journal: Journal, change: (path: string) => string): Journal {
  return {
    ...journal,
    directories: journal.directories.map(change),
    targets: journal.targets.map((target) => ({ ...target, path: change(target.path) })),
  };
}

/** A path as a journal holds it: a path below the data directory becomes relative to the data directory. */
export function shortened(path: string, directory: string): string {
  return isBelow(path, directory) ? relative(directory, path) : path;
}
