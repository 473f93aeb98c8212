import { dirname } from 'node:path';
import { type WithContent, withContent } from '../../disk/content.ts';
import type { Owner } from '../../disk/file-state.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import {
  type Journal,
  type JournalPlace,
  type JournalTarget,
  readJournal,
  removeIfThere,
  removeJournal,
  writeJournal,
} from './journal.ts';
import { removeWitnesses, writeWitnesses } from './journal-witness.ts';
import { makeMarked, removeMarked, unlessMissing } from './made-directory.ts';
import { assertKept, EditedTarget, restoreTarget, switchTarget } from './switch-target.ts';
import { fileAt, type Target, targetsOf, viewTarget } from './target.ts';

/** A change of several files, with its journal. Each function below takes the transaction one state further. */
export interface Transaction {
  /** Where its files are. */
  readonly files: TlsFiles;
  /** Where its journal is. */
  readonly place: JournalPlace;
  /** The journal as it is on the disk. */
  readonly journal: Journal;
  /** The targets, in order: all of the journal but those of another copy of the data directory. */
  readonly targets: readonly Target[];
  /** The directories that it makes, in order, likewise. */
  readonly directories: readonly string[];
}

/** The transaction of a journal. */
export function transactionOf(
  files: TlsFiles,
  place: JournalPlace,
  journal: Journal,
  isIncluded: (path: string) => boolean = () => true,
): Transaction {
  const targets = targetsOf(journal).filter(({ path }) => isIncluded(path));
  return { files, place, journal, targets, directories: journal.directories.filter(isIncluded) };
}

/** The error for a call of the port that failed at a path. */
export class FailedStep extends Error {
  /** The path. */
  readonly path: string;

  /** The error for a path. */
  constructor(path: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.path = path;
  }
}

/** A file that a transaction stages. */
export interface StagedContent extends WithContent {
  /** Permission bits. */
  readonly mode: number;
  /** Owner; the account of the process if not given. */
  readonly owner?: Owner | undefined;
}

/** A directory that a transaction makes. */
export interface NewDirectory {
  /** Its path. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** Owner; the account of the process if not given. */
  readonly owner?: Owner;
}

/** The result of taking a transaction back. */
export interface RollBack {
  /** A target that was edited after it had been replaced. It stays, and so do all targets before it. */
  readonly stoppedAt?: Target;
}

/** Writes the journal of a transaction that has touched nothing yet. */
export async function beginTransaction(transaction: Transaction): Promise<void> {
  await writeJournal(transaction.journal, transaction.place);
}

/**
 * Makes the directories and creates all files beside their targets.
 *
 * @param contents the content of each target; undefined for one to be removed
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
    // The system may not have allowed the group. So mode and owner are read from the staged file.
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
 * Replaces targets, in order.
 *
 * @throws EditedTarget for a target that another program has changed
 */
export async function switchAll({ files }: Transaction, targets: readonly Target[]): Promise<void> {
  for (const target of targets) await step(target.path, switchTarget(target, files));
}

/**
 * Checks targets once more: each one is as planned, and its former file is unchanged.
 *
 * @throws EditedTarget
 */
export async function lookAgain({ files }: Transaction, targets: readonly Target[]): Promise<void> {
  for (const target of targets) {
    await assertKept(target, files);
    const { is } = await viewTarget(target, files);
    if (is !== 'after') throw new EditedTarget(target);
  }
}

/**
 * Takes a transaction back, last target first, and removes all that is left over. It stops at a target that was edited since
 * it was replaced. That target and all before it stay, because a server that reads the edited file may need them.
 */
export async function rollBack(transaction: Transaction): Promise<RollBack> {
  try {
    await writeJournal({ ...transaction.journal, state: 'back' }, transaction.place);
  } catch (error) {
    // A full disk must not stop a roll-back, which needs no room. Without the new state, a recovery asks for a direction.
    // But if the journal says `finishing`, former files may be gone, and nothing can be taken back.
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

/** Removes the staged files of a transaction that has replaced no target. */
export async function discard(transaction: Transaction): Promise<void> {
  for (const { staged } of transaction.targets) await removeIfThere(staged, transaction.files);
  await clean(transaction, { keepDirectories: false });
}

/** Writes into the journal that all targets are as planned. From here on the transaction cannot be taken back. */
export async function decide({ journal, place }: Transaction): Promise<void> {
  await step(place.directory, writeJournal({ ...journal, state: 'finishing' }, place));
}

/** Ends a transaction that is decided. */
export async function finish(transaction: Transaction): Promise<void> {
  await clean(transaction, { keepDirectories: true });
}

/** Removes all that is left over, the journal last. */
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
