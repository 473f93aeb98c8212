import { isAbsolute, join, relative } from 'node:path';
import { withContent } from '../../disk/content.ts';
import type { Owner } from '../../disk/file-state.ts';
import { isBelow } from '../../disk/is-below.ts';
import { journalPath, newJournalPath } from '../../disk/own-names.ts';
import type { ReadingPort } from '../../disk/reading-port.ts';
import { hasCode } from '../../disk/system-error.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import { PgHostsslError } from '../../errors.ts';

/**
 * How far a transaction is:
 * - `staging`: files are created beside their targets; no target was touched
 * - `switching`: all of them are complete and on the disk; targets are replaced one by one
 * - `back`: the targets that were replaced get their former files back
 * - `finishing`: all is decided; what is left over is removed
 */
export type JournalState = 'staging' | 'switching' | 'back' | 'finishing';

/** The facts by which a file is recognised. Mode and owner are missing if the system has none. */
export interface JournalFile {
  /** SHA-256 of the content, hexadecimal digits. */
  readonly sha256: string;
  /** Permission bits. */
  readonly mode?: number;
  /** Owner. */
  readonly owner?: Owner;
}

/** A file that a transaction creates, replaces or removes. */
export interface JournalTarget {
  /** Its path; in the file, relative to the data directory where it is below that. */
  readonly path: string;
  /** The file before; null if there is none. */
  readonly before: JournalFile | null;
  /** The file afterwards; null if it is removed. */
  readonly after: JournalFile | null;
}

/** What a journal says. It holds no content. */
export interface Journal {
  /** The form of the journal. */
  readonly version: 1;
  /** A random name, which all files of the transaction bear. */
  readonly id: string;
  /** How far it is. */
  readonly state: JournalState;
  /** When it began, in ISO 8601. */
  readonly started: string;
  /** Identifies the data directory. In a copy of the directory, the journal says nothing about paths outside the copy. */
  readonly directory: string;
  /** The directories that it makes, in order. */
  readonly directories: readonly string[];
  /** The targets, in order. */
  readonly targets: readonly JournalTarget[];
}

/** Where a journal is. */
export interface JournalPlace {
  /** The data directory, without symbolic links. */
  readonly directory: string;
  /** The identity of the data directory. A copy of it has another one. */
  readonly id: string;
  /** Where the data directory is. */
  readonly files: TlsFiles;
  /** The owner of the data directory, who gets the journal: a base backup fails at a file that the server cannot read. */
  readonly owner?: Owner | undefined;
}

/** Writes a journal, as a new file that replaces the former one in one step. */
export async function writeJournal(journal: Journal, { directory, files, owner }: JournalPlace): Promise<void> {
  const fresh = newJournalPath(directory);
  await removeIfThere(fresh, files);
  const text = `${JSON.stringify(
    withPaths(journal, (path) => shortened(path, directory)),
    undefined,
    1,
  )}\n`;
  const facts = { path: fresh, mode: 0o600, ...(owner && { owner }) };
  await files.create(withContent(facts, new TextEncoder().encode(text)));
  await files.rename(fresh, journalPath(directory));
  await files.sync(directory);
}

/** Removes the journal, and a new journal that was not complete. */
export async function removeJournal({ directory, files }: JournalPlace): Promise<void> {
  await removeIfThere(newJournalPath(directory), files);
  await removeIfThere(journalPath(directory), files);
  await files.sync(directory);
}

/**
 * The journal of a data directory; undefined if there is none.
 *
 * @throws PgHostsslError `journal-invalid`
 */
export async function readJournal(place: { directory: string; files: ReadingPort }): Promise<Journal | undefined> {
  const path = journalPath(place.directory);
  const file = await place.files.read(path);
  if (file === undefined) return undefined;
  const journal = parseJournal(new TextDecoder().decode(file.content()));
  if (journal === undefined) {
    throw new PgHostsslError('journal-invalid', 'This is not a journal that this version of the library wrote', {
      file: path,
      hint: 'If no files beside it begin with the same words, remove it; else use the version that wrote it.',
    });
  }
  return withPaths(journal, (name) => (isAbsolute(name) ? name : join(place.directory, name)));
}

/** The journal in a text; undefined for any other text. If root reads it, another account may have written it. */
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
    // A message shows the time to a person.
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

/** A path as a journal has it: relative to the data directory where it is below that. */
export function shortened(path: string, directory: string): string {
  return isBelow(path, directory) ? relative(directory, path) : path;
}

/** Removes a file that may be there. */
export async function removeIfThere(path: string, files: TlsFiles): Promise<void> {
  try {
    await files.remove(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
