import { checkClientKeyFile } from '../../c/key-file-permissions.ts';

/** The properties of a private key file that decide whether libpq reads it: a part of `Stats` of `node:fs`. */
export interface KeyFileState {
  /** The type and permission bits, as `stat` returns them. */
  readonly mode: number;
  /** The user id of the owner. */
  readonly uid: number;
}

const typeMask = 0o170000;
const regularFile = 0o100000;

/**
 * The reason, in words, why libpq refuses to read a private key file; `undefined` if libpq reads the file.
 */
export function keyFileObjection({ mode, uid }: KeyFileState): string | undefined {
  if (!isRegularFile({ mode })) return 'is not a regular file';
  if (checkClientKeyFile({ mode, uid }) === undefined) return undefined;
  return uid === 0
    ? 'lets its group do more than read, or lets others access the file'
    : 'lets its group or others access the file';
}

/** Whether a key file is a regular file. A mode without file type bits counts as that of a regular file. */
export function isRegularFile({ mode }: Pick<KeyFileState, 'mode'>): boolean {
  const type = mode & typeMask;
  return type === 0 || type === regularFile;
}
