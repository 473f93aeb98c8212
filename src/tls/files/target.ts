import { digest } from '../../disk/digest.ts';
import type { FileState } from '../../disk/file-state.ts';
import { namesBeside } from '../../disk/own-names.ts';
import type { TlsFiles } from '../../disk/tls-files.ts';
import type { JournalFile, JournalTarget } from './journal.ts';

/** A target with the names that the transaction uses beside it. */
export interface Target extends JournalTarget {
  /** The path of the new file before it takes the place of the target. */
  readonly staged: string;
  /** The path of the former file after it was replaced. */
  readonly kept: string;
}

/** The targets of a transaction. */
export function targetsOf({
  id,
  targets,
}: {
  readonly id: string;
  readonly targets: readonly JournalTarget[];
}): Target[] {
  return targets.map((target, index) => ({ ...target, ...namesBeside(target.path, id, index) }));
}

/** The state of a target. */
export interface TargetView {
  /** Whether the file at the target is the one before the change, the one after it, or one that another program saved. */
  readonly is: 'before' | 'after' | 'edited';
  /** Whether this transaction has replaced the target, and has not taken that back. */
  readonly switched: boolean;
  /** Whether the file is there under its staged name. */
  readonly hasStaged: boolean;
  /** Whether the former file is there under its kept name. */
  readonly hasKept: boolean;
}

/**
 * Looks at a target. The names that are there tell what has happened: a step removes the staged name, and the step back
 * makes it again. Between the two system calls of a step, one file has two names.
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
  // A copy of the directory may hold two files where the original held one file with two names.
  const isCopied = (hasKept || target.before === null) && agrees(content, target.after) && content !== null;
  const switched = current !== undefined && (!hasStaged || current.id === staged?.id || isCopied);
  const order = switched ? (['after', 'before'] as const) : (['before', 'after'] as const);
  return { is: order.find((name) => agrees(content, target[name])) ?? 'edited', switched, ...seen };
}

/** The facts of a journal about the file at a path; null if there is none. */
export async function fileAt(path: string, files: TlsFiles): Promise<JournalFile | null> {
  const file = await files.read(path);
  return file === undefined ? null : await journalFile(file);
}

/** The facts of a journal about a file. */
export async function journalFile(file: FileState): Promise<JournalFile> {
  const { mode, owner } = file;
  return { sha256: await digest(file.content()), ...(mode !== undefined && { mode }), ...(owner && { owner }) };
}

/** Whether a file is as a journal says. A fact that the system does not tell agrees with every value. */
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
