import type { TlsFiles } from '../disk/tls-files.ts';
import { PgHostsslError } from '../errors.ts';
import { EditedTarget } from './files/switch-target.ts';
import { type Target, viewTarget } from './files/target.ts';
import { FailedStep, type RollBack, type Transaction } from './files/transaction.ts';

const allBefore = 'Nothing was written';

/** The error for a step that failed before any target was touched. */
export function notStarted(cause: unknown): unknown {
  if (!(cause instanceof PgHostsslError)) return notWritable(cause, allBefore);
  if (cause.code !== 'file-not-readable' || cause.message.includes(allBefore)) return cause;
  return new PgHostsslError(cause.code, `This cannot be read: ${reason(cause.cause)}`, {
    ...(cause.file !== undefined && { file: cause.file }),
    hint: `${allBefore}. ${cause.hint ?? ''}`,
    cause: cause.cause,
  });
}

/** The error for a change that was taken back, or taken back up to a file that another program has edited. */
export async function takenBack(
  cause: unknown,
  { stoppedAt }: RollBack,
  transaction: Transaction,
  reloaded: string,
): Promise<PgHostsslError> {
  const state =
    stoppedAt === undefined
      ? `All files are as before the change${cause instanceof EditedTarget ? ', with the edits of the other program' : ''}`
      : `${stoppedAt.path} was changed by another program after it had been replaced, and stays. ${await listing(transaction)}`;
  const hint = `${state}${reloaded}`;
  const edited = cause instanceof EditedTarget ? cause.target : stoppedAt;
  if (edited !== undefined) {
    return new PgHostsslError('target-changed', 'Another program changed this file while the plan was applied', {
      file: edited.path,
      hint: `${hint}. Read the server anew and make a new plan`,
      cause,
    });
  }
  if (cause instanceof FailedStep) return notWritable(cause, hint);
  return new PgHostsslError('verify-failed', `The change was taken back: ${reason(cause)}`, { hint, cause });
}

/** The error for a change that could neither be ended nor taken back. Each file is looked at before the message is made. */
export async function stuck(what: string, cause: unknown, transaction: Transaction): Promise<PgHostsslError> {
  return new PgHostsslError('apply-incomplete', `${what}: ${reason(cause)}`, {
    file: cause instanceof FailedStep ? cause.path : transaction.place.directory,
    hint: `${await listing(transaction)}. Complete the change or take it back with recoverApply`,
    cause,
  });
}

/** The targets, grouped by their present states, as text. */
async function listing({ files, targets }: Transaction): Promise<string> {
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
  const code = (failed as NodeJS.ErrnoException).code ?? '';
  return new PgHostsslError('target-not-writable', `This cannot be written: ${reason(failed)}`, {
    ...(cause instanceof FailedStep && { file: cause.path }),
    hint: `${state}. ${hints[code] ?? 'Make sure that its directory exists, is writable and is not full'}`,
    cause: failed,
  });
}

const byOwner = 'Run this as root or as the account that owns the file and its directory';
const noLinks = 'The change needs a file system with hard links';
const hints: Readonly<Record<string, string>> = {
  EACCES: byOwner,
  EPERM: `${byOwner}. ${noLinks}`,
  EBUSY: 'A file that is mounted by itself cannot be replaced: mount its directory',
  ENOTSUP: noLinks,
  EOPNOTSUPP: noLinks,
  ENOSYS: noLinks,
  EMLINK: noLinks,
};

/** The words of an error, or of any other value that was thrown. An error of the system names a path and a call, and never quotes content. */
export function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
