import { dirname } from 'node:path';
import type { Owner } from '../../disk/file-state.ts';
import { unlessMissing } from '../../disk/system-error.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import { messageOf } from '../../errors.ts';
import { type WithContent, withContent } from '../../with-content.ts';
import {
  type Journal,
  type JournalPlace,
  type JournalTarget,
  readJournal,
  removeJournal,
  writeJournal,
} from './journal.ts';
import { removeWitnesses, writeWitnesses } from './journal-witness.ts';
import { makeMarked, removeMarked } from './made-directory.ts';
import { removeIfThere } from './remove-if-there.ts';
import { assertKept, EditedTarget, restoreTarget, switchTarget } from './switch-target.ts';
import { fileAt, type Target, targetsOf, viewTarget } from './target.ts';

/** A change of several files, with its journal. A transaction goes through the states of {@link JournalState}. */
export interface Transaction {
  /** The {@link TlsFiles} that read and write all files of the change. */
  readonly files: TlsFiles;
  /** The data directory in which the journal is kept. */
  readonly place: JournalPlace;
  /** The journal that is on the disk now. */
  readonly journal: Journal;
  /**
   * The target files, in the order in which they are replaced. If the data directory is a copy, targets outside the
   * copy are left out.
   */
  readonly targets: readonly Target[];
  /**
   * The directories that the transaction makes, in the order of making. If the data directory is a copy, directories
   * outside the copy are left out.
   */
  readonly directories: readonly string[];
}

/** The parts of a journal that a transaction may change. */
interface IncludedParts {
  /** Whether the target file at a path is included. */
  readonly isTarget: (path: string) => boolean;
  /** Whether the directory at a path is included. */
  readonly isDirectory: (path: string) => boolean;
}

/**
 * The transaction that a journal describes.
 *
 * @param parts the parts of the journal to include; if not given, all
 */
export function transactionOf(
  files: TlsFiles,
  place: JournalPlace,
  journal: Journal,
  { isTarget, isDirectory }: IncludedParts = { isTarget: () => true, isDirectory: () => true },
): Transaction {
  const targets = targetsOf(journal).filter(({ path }) => isTarget(path));
  return { files, place, journal, targets, directories: journal.directories.filter(isDirectory) };
}

/** The error for a failed file operation. */
export class FailedStep extends Error {
  /** The path that was passed to the failed file operation. */
  readonly path: string;

  /** Creates the error for a failed file operation with this path. */
  constructor(path: string, cause: unknown) {
    super(messageOf(cause), { cause });
    this.path = path;
  }
}

/** The content, mode and owner of a new file that will replace a target file. */
export interface StagedContent extends WithContent {
  /** The permission bits. */
  readonly mode: number;
  /** The owner; the account of the process if not given. */
  readonly owner?: Owner | undefined;
}

/** A directory that a transaction makes. */
export interface NewDirectory {
  /** The path of the directory, without symbolic links. */
  readonly path: string;
  /** The permission bits. */
  readonly mode: number;
  /** The owner; the account of the process if not given. */
  readonly owner?: Owner;
}

/** The result of rolling a transaction back. */
export interface RollBack {
  /**
   * The target file at which the roll-back stopped, because another program edited the new file. This target and all
   * targets that were replaced before it keep their new files.
   */
  readonly stoppedAt?: Target;
}

/** Begins a transaction: writes its journal. No other file is changed. */
export async function beginTransaction(transaction: Transaction): Promise<void> {
  await writeJournal(transaction.journal, transaction.place);
}

/**
 * Makes the directories of a transaction, and creates all new files beside their targets.
 *
 * @param contents the content of each target file; `undefined` for a file to remove
 * @returns the transaction in the state `switching`, and the paths of files whose attributes were not carried over
 */
export async function stageFiles(
  transaction: Transaction,
  directories: readonly NewDirectory[],
  contents: readonly (StagedContent | undefined)[],
): Promise<{ readonly transaction: Transaction; readonly notCarriedOver: readonly string[] }> {
  const { files, place, journal } = transaction;
  for (const { path, ...options } of directories) {
    await step(path, makeMarked({ path, journal, place, files }, options));
  }
  const notCarriedOver: string[] = [];
  const targets: JournalTarget[] = [];
  for (const [index, { path, before, staged }] of transaction.targets.entries()) {
    const content = contents[index];
    if (content === undefined) {
      targets.push({ path, before, after: null });
      continue;
    }
    const { mode, owner } = content;
    const facts = { path: staged, mode, ...(owner && { owner }), ...(before !== null && { like: path }) };
    const { carriedOver } = await step(path, files.create(withContent(facts, content.content())));
    if (!carriedOver) notCarriedOver.push(path);
    // The journal gets mode and owner as the staged file has them, because the system may have refused to set the
    // requested group.
    targets.push({ path, before, after: await step(path, fileAt(staged, files)) });
  }
  const next = { ...journal, state: 'switching', targets } as const;
  await step(place.directory, writeWitnesses(next, place));
  for (const folder of foldersOf(transaction.targets)) await step(folder, files.sync(folder));
  await step(place.directory, writeJournal(next, place));
  return { transaction: transactionOf(files, place, next), notCarriedOver };
}

async function step<T>(path: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw cause instanceof EditedTarget ? cause : new FailedStep(path, cause);
  }
}

/**
 * Replaces these target files, in their order.
 *
 * @throws EditedTarget if another program has changed a target file
 */
export async function switchAll({ files }: Transaction, targets: readonly Target[]): Promise<void> {
  for (const target of targets) await step(target.path, switchTarget(target, files));
}

/**
 * Checks target files after their replacement: each target must hold the new file, and its former file must be
 * unchanged.
 *
 * @throws EditedTarget if one of these files has changed
 */
export async function assertReplaced({ files }: Transaction, targets: readonly Target[]): Promise<void> {
  for (const target of targets) {
    await assertKept(target, files);
    const { is } = await viewTarget(target, files);
    if (is !== 'after') throw new EditedTarget(target);
  }
}

/**
 * Rolls a transaction back, the last target first, and removes all leftover files. The roll-back stops at a target
 * whose new file another program has edited. That target and all targets that were replaced before it keep their new
 * files, because a server that reads the edited file may need them.
 */
export async function rollBack(transaction: Transaction): Promise<RollBack> {
  try {
    await writeJournal({ ...transaction.journal, state: 'back' }, transaction.place);
  } catch (error) {
    // A full disk must not prevent a roll-back, because a roll-back needs no space. If the state `back` could not be
    // written, a later recovery lets its caller choose the direction. In the state `finishing`, the error is thrown,
    // because former files may have been removed, and nothing can be rolled back.
    if ((await readJournal(transaction.place))?.state === 'finishing') throw error;
  }
  let stoppedAt: Target | undefined;
  for (const target of transaction.targets.toReversed()) {
    if ((await restoreTarget(target, transaction.files)) !== 'edited') continue;
    stoppedAt = target;
    break;
  }
  await clean(transaction, { keepDirectories: stoppedAt !== undefined });
  return { ...(stoppedAt && { stoppedAt }) };
}

/** Ends a transaction that has replaced no target, and removes its staged files. */
export async function discard(transaction: Transaction): Promise<void> {
  for (const { staged } of transaction.targets) await removeIfThere(staged, transaction.files);
  await clean(transaction, { keepDirectories: false });
}

/**
 * Commits a transaction: writes the state `finishing` into its journal. All targets then have their new files, and
 * nothing can be rolled back.
 */
export async function commit({ journal, place }: Transaction): Promise<void> {
  await step(place.directory, writeJournal({ ...journal, state: 'finishing' }, place));
}

/** Ends a transaction in the state `finishing`: removes all leftover files and the journal. */
export async function finish(transaction: Transaction): Promise<void> {
  await clean(transaction, { keepDirectories: true });
}

/** Removes all files and names that a transaction needed, the journal last. */
async function clean(transaction: Transaction, { keepDirectories }: { keepDirectories: boolean }): Promise<void> {
  const { files, directories, journal, place, targets } = transaction;
  for (const { staged, kept } of targets) {
    await removeIfThere(staged, files);
    await removeIfThere(kept, files);
  }
  await removeWitnesses(journal, targets, place, files);
  for (const folder of foldersOf(targets)) await unlessMissing(files.sync(folder));
  for (const path of directories.toReversed()) {
    await removeMarked({ path, journal, place, files }, { keep: keepDirectories });
  }
  await removeJournal(place);
}

function foldersOf(targets: readonly Target[]): ReadonlySet<string> {
  return new Set(targets.map(({ path }) => dirname(path)));
}
