import { hasCode } from '../disk/system-error.ts';
import type { TlsFiles } from '../disk/tls-files.ts';
import { messageOf, PgHostsslError } from '../errors.ts';
import { EditedTarget } from './files/switch-target.ts';
import { type Target, viewTarget } from './files/target.ts';
import { FailedStep, type RollBack, type Transaction } from './files/transaction.ts';
import { writingHint } from './files/writing-hint.ts';

const allBefore = 'Nothing was written';

/**
 * The error for a step that failed before any target file was changed. Errors with other codes already say in their
 * hints which files have changed.
 */
export function nothingWrittenError(cause: unknown): unknown {
  if (!(cause instanceof PgHostsslError)) return notWritable(cause, allBefore);
  if (cause.code !== 'file-not-readable') return cause;
  return new PgHostsslError(cause.code, `The file cannot be read: ${reason(cause.cause)}`, {
    file: cause.file,
    hint: `${allBefore}. ${cause.hint ?? ''}`,
    cause: cause.cause,
  });
}

/**
 * The error for a change that was rolled back, either completely or only down to a file that another program edited.
 */
export async function rolledBackError(
  cause: unknown,
  { stoppedAt }: RollBack,
  transaction: Transaction,
  reloaded: string,
): Promise<PgHostsslError> {
  const state =
    stoppedAt === undefined
      ? `All files are as before the change${cause instanceof EditedTarget ? ', with the edits of the other program' : ''}`
      : `Another program changed ${stoppedAt.path} after its replacement, so the file stays. ${await listing(transaction)}`;
  const hint = `${state}${reloaded}`;
  const edited = cause instanceof EditedTarget ? cause.target : stoppedAt;
  if (edited !== undefined) {
    return new PgHostsslError('target-changed', 'Another program changed the file while the plan was applied', {
      file: edited.path,
      hint: `${hint}. Read the server again and make a new plan`,
      cause,
    });
  }
  if (cause instanceof FailedStep) return notWritable(cause, hint);
  return new PgHostsslError('verify-failed', `The change was rolled back: ${reason(cause)}`, { hint, cause });
}

/**
 * The error for a change that did not end: it was neither completed nor rolled back. Its hint lists the target files by
 * their present state.
 *
 * @param cause the error that interrupted the change
 * @param first the error for which the change was being rolled back, if there is one
 */
export async function incompleteError(
  what: string,
  cause: unknown,
  transaction: Transaction,
  first?: unknown,
): Promise<PgHostsslError> {
  const message = `${what}: ${reason(cause)}`;
  const hint = `${await listing(transaction)}. Complete the change or roll it back with recoverApply`;
  const file = cause instanceof FailedStep ? cause.path : transaction.place.directory;
  if (first === undefined) return new PgHostsslError('apply-incomplete', message, { file, hint, cause });
  return new PgHostsslError('apply-incomplete', `${message}. The change had failed: ${reason(first)}`, {
    file,
    hint,
    cause: new AggregateError([first, cause], message),
  });
}

/** A text that lists the target files, grouped by their present state. */
async function listing({ files, targets, journal }: Transaction): Promise<string> {
  // In this state, the journal does not yet hold the planned files, with which the present files could be compared.
  if (journal.state === 'staging') return 'All files are as before the change';
  const groups = new Map<string, string[]>();
  for (const target of targets) {
    const state = await stateOf(target, files);
    groups.set(state, [...(groups.get(state) ?? []), target.path]);
  }
  return [...groups].map(([state, paths]) => `${state}: ${paths.join(', ')}`).join('; ');
}

const states = { before: 'As before', after: 'As planned', edited: 'Changed by another program' } as const;

async function stateOf(target: Target, files: TlsFiles): Promise<string> {
  try {
    const { is } = await viewTarget(target, files);
    return is === 'before' && target.before === null ? 'Not there' : states[is];
  } catch {
    return 'Not readable';
  }
}

function notWritable(cause: unknown, state: string): PgHostsslError {
  const failed = cause instanceof FailedStep ? cause.cause : cause;
  return new PgHostsslError('target-not-writable', `The file cannot be written: ${reason(failed)}`, {
    file: cause instanceof FailedStep ? cause.path : undefined,
    hint: `${state}. ${hasCode(failed, 'EACCES') ? notAllowed : writingHint(failed)}`,
    cause: failed,
  });
}

const notAllowed =
  'Run the program as the account that owns the directory. As root, name the file in `paths` of applyPlan or recoverApply, an array: root then replaces the file, if root owns the file and all directories above it, and if nobody else can make files beside it';

/** The message of a thrown error without the dot at the end, because more text follows. */
export function reason(cause: unknown): string {
  return messageOf(cause).replace(/\.$/, '');
}
