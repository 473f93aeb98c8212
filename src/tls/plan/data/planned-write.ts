import { equalBytes } from '../../../c/compare.ts';
import {
  checkClientKeyFile,
  checkSslKeyFilePermissions,
  keyFileMode,
  publicFileMode,
} from '../../../c/key-file-permissions.ts';
import { digest } from '../../../disk/digest.ts';
import type { FileState, Owner, TargetFile } from '../../../disk/file-state.ts';
import { withContent } from '../../../with-content.ts';
import type { PlannedWrite } from './plan-data.ts';

/** A file, and the content that a plan gives it. */
export interface WantedFile extends Pick<PlannedWrite, 'step' | 'what'> {
  /** The file with its present content. */
  readonly file: TargetFile;
  /** The whole planned content. */
  readonly content: Uint8Array;
  /** Whether the file holds a private key. */
  readonly secret?: boolean;
  /** The owner for a new file, and for a file with a private key that now belongs to another account. */
  readonly owner?: Owner | undefined;
}

/**
 * The write that gives a file its planned content, mode and owner; `undefined` if the file has this content, mode and
 * owner already.
 */
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
    // An existing file keeps its mode and owner. A key file gets the mode and owner that the server and libpq demand.
    ...(secret || current === undefined
      ? { mode: secret ? keyFileMode : publicFileMode, ...(owner && { owner }) }
      : {}),
    ...(current && { expected: await digest(current.content()) }),
  };
  return withContent(facts, content);
}

/**
 * Whether the account `owner` can read a key file whose mode and owner the server and libpq accept. Another account
 * than root can read a key file of root only as a member of its group. If no account is known, libpq's rule decides.
 */
function isPrivate({ mode, owner: actual }: FileState, owner: Owner | undefined): boolean {
  if (mode === undefined) return true;
  const file = { mode, uid: actual?.uid };
  if (owner === undefined) return checkClientKeyFile(file) === undefined;
  const isReadable = actual?.uid !== 0 || owner.uid === 0 || (mode & 0o040) !== 0;
  return isReadable && checkSslKeyFilePermissions(file, owner.uid) === undefined;
}
