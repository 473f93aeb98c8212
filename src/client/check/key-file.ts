import { forbiddenKeyFileBits } from '../../c/key-file-permissions.ts';

/** What decides whether libpq reads a private key file: a part of `Stats` of `node:fs`. */
export interface KeyFileState {
  /** Type and permission bits, as `stat` tells them. */
  readonly mode: number;
  /** The number of the owner. */
  readonly uid: number;
}

const typeMask = 0o170000;
const regularFile = 0o100000;

/**
 * Why libpq refuses to read a private key file, on every system but Windows (`initialize_SSL` in fe-secure-openssl.c);
 * `undefined` if libpq reads it. A mode without type bits counts as that of a regular file.
 */
export function keyFileObjection({ mode, uid }: KeyFileState): string | undefined {
  const type = mode & typeMask;
  if (type !== 0 && type !== regularFile) return 'is not a regular file';
  // A key of root may be readable by a group: u=rw,g=r (0640) or less.
  const forbidden = uid === 0 ? forbiddenKeyFileBits.root : forbiddenKeyFileBits.own;
  if ((mode & forbidden) === 0) return undefined;
  return uid === 0 ? 'gives its group more than reading, or others access' : 'gives its group or others access';
}
