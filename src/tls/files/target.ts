import { given } from '../../arguments.ts';
import { digest } from '../../disk/digest.ts';
import type { FileState } from '../../disk/file-state.ts';
import { namesBeside } from '../../disk/own-names.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import type { JournalFile, JournalTarget } from './journal.ts';

/**
 * A target file, with the two names that a transaction uses in the same directory: the staged name and the kept name.
 */
export interface Target extends JournalTarget {
  /** The staged name: the path of the new file before it replaces the target. */
  readonly staged: string;
  /** The kept name: the path of the former file after the new file has replaced it. */
  readonly kept: string;
}

/** The target files of a journal, with their staged and kept names. */
export function targetsOf({
  id,
  targets,
}: {
  readonly id: string;
  readonly targets: readonly JournalTarget[];
}): Target[] {
  return targets.map((target, index) => ({ ...target, ...namesBeside(target.path, id, index) }));
}

/** The state of a target file. */
export interface TargetView {
  /**
   * The file at the target path. `before`: the file from before the change. `after`: the new file. `edited`: a file
   * that another program has edited or saved.
   */
  readonly is: 'before' | 'after' | 'edited';
  /** Whether this transaction has replaced the target, and has not restored the former file. */
  readonly switched: boolean;
  /** Whether a file has the staged name, which a new file has before it replaces the target. */
  readonly hasStaged: boolean;
  /** Whether a file has the kept name, which the former file has after it is replaced. */
  readonly hasKept: boolean;
}

/**
 * Finds out the state of a target file from the names that exist in its directory. Before a new file replaces the
 * target, it has a temporary name (`staged`). Replacing the target removes this name, and restoring the former file
 * creates it again. Each of these steps takes two system calls, and between the calls one file has two names.
 */
export async function viewTarget(target: Target, files: TlsFiles): Promise<TargetView> {
  const [current, staged, kept] = await Promise.all(
    [target.path, target.staged, target.kept].map((path) => files.inspect(path)),
  );
  const [hasStaged, hasKept] = [staged !== undefined, kept !== undefined];
  const content = await fileAt(target.path, files);
  const seen = { hasStaged, hasKept };
  if (target.after === null) {
    const isBack = current !== undefined && current.id === kept?.id;
    if (content === null && (hasKept || current === undefined)) return { is: 'after', switched: hasKept, ...seen };
    return { is: agrees(content, target.before) ? 'before' : 'edited', switched: hasKept && !isBack, ...seen };
  }
  // If the directory was copied, one file with two names may have become two files.
  const isCopied = (hasKept || target.before === null) && agrees(content, target.after) && content !== null;
  const switched = current !== undefined && (!hasStaged || current.id === staged?.id || isCopied);
  const order = switched ? (['after', 'before'] as const) : (['before', 'after'] as const);
  return { is: order.find((name) => agrees(content, target[name])) ?? 'edited', switched, ...seen };
}

/** The facts about the file at a path, for a journal; `null` if there is no file. */
export async function fileAt(path: string, files: TlsFiles): Promise<JournalFile | null> {
  const file = await files.read(path);
  return file === undefined ? null : await journalFile(file);
}

/** The facts about a file, for a journal. */
export async function journalFile(file: FileState): Promise<JournalFile> {
  const { mode, owner } = file;
  return { sha256: await digest(file.content()), ...given({ mode, owner }) };
}

/**
 * Whether a file has the content, mode and owner that a journal gives. Mode or owner are not compared if the system has
 * none.
 */
export function agrees(file: JournalFile | null, wanted: JournalFile | null): boolean {
  if (file === null || wanted === null) return file === wanted;
  return (
    file.sha256 === wanted.sha256 &&
    (file.mode === undefined || wanted.mode === undefined || file.mode === wanted.mode) &&
    (file.owner === undefined ||
      wanted.owner === undefined ||
      (file.owner.uid === wanted.owner.uid && file.owner.gid === wanted.owner.gid))
  );
}
