import { equalBytes } from '../../c/compare.ts';
import { withContent } from '../../disk/content.ts';
import { digest } from '../../disk/digest.ts';
import type { FileState, Owner, TargetFile } from '../../disk/file-state.ts';
import type { PlannedWrite, PlanStep } from './plan-data.ts';

/** A file as it shall be. */
export interface WantedFile {
  /** The file as it is. */
  readonly file: TargetFile;
  /** The part of the change that the write belongs to. */
  readonly step: PlanStep;
  /** What it is, for a person. */
  readonly what: string;
  /** Its whole content. */
  readonly content: Uint8Array;
  /** Whether it holds a private key. */
  readonly secret?: boolean;
  /** Owner of the file if it is new or, for a secret, if its owner will not do. */
  readonly owner?: Owner | undefined;
}

/** The write that makes a file as it shall be; undefined where it is so already. */
export async function plannedWrite(wanted: WantedFile): Promise<PlannedWrite | undefined> {
  const { file, step, what, content, secret = false, owner } = wanted;
  const current = file.content === undefined ? undefined : file;
  const isSame = current !== undefined && equalBytes(current.content(), content);
  if (isSame && (!secret || isPrivate(current, owner))) return undefined;
  const facts = {
    path: file.path,
    ...(file.realPath !== undefined && { realPath: file.realPath }),
    step,
    what,
    secret,
    // A file that only changes keeps its mode and owner; a key gets those that a server and libpq insist on.
    ...(secret || current === undefined ? { mode: secret ? 0o600 : 0o644, ...(owner && { owner }) } : {}),
    ...(current && { expected: await digest(current.content()) }),
  };
  return withContent(facts, content);
}

/**
 * Whether server or libpq take a key file (`check_ssl_key_file_permissions`): nothing for group and others, or root's and
 * at most readable by the group.
 */
function isPrivate({ mode, owner: actual }: FileState, owner: Owner | undefined): boolean {
  if (mode === undefined) return true;
  if (actual?.uid === 0 && owner?.uid !== 0) return (mode & 0o037) === 0;
  return (mode & 0o077) === 0 && (owner === undefined || actual === undefined || owner.uid === actual.uid);
}
