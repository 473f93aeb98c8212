import { dirname } from 'node:path';
import { messageOf, PgHostsslError } from '../../errors.ts';
import { rootFiles } from './root-files.ts';
import { followPath, type PathOwner } from './trusted-path.ts';

/** The user id of the account that owns a directory. */
export async function ownerOf(directory: string): Promise<number> {
  if (!(await isThere(directory))) {
    throw new PgHostsslError('data-directory-incomplete', 'The directory does not exist', {
      file: directory,
      hint: 'Give the path of an existing directory: `SHOW data_directory` shows the data directory of a server.',
    });
  }
  const { owner, isTrusted } = await follow(directory);
  if (!isTrusted) throw notTrusted(directory);
  return owner.uid;
}

/** Follows a path, as {@link followPath} does. A system error becomes a `PgHostsslError`. */
export function follow(name: string, account?: number): Promise<PathOwner> {
  return followed(name, followPath(name, account));
}

/**
 * Whether something is at a path. A symbolic link is not followed.
 *
 * @throws PgHostsslError `file-not-readable`
 */
export async function isThere(name: string): Promise<boolean> {
  return (await followed(name, rootFiles.inspect(name))) !== undefined;
}

/** Waits for the result of following a path. A system error becomes a `PgHostsslError`. */
export async function followed<T>(name: string, following: Promise<T>): Promise<T> {
  try {
    return await following;
  } catch (cause) {
    const message = `The path cannot be followed: ${messageOf(cause)}`;
    throw new PgHostsslError('file-not-readable', message, { file: name, cause });
  }
}

/** The error for a path that an account other than its owner can redirect. */
export function notTrusted(directory: string): PgHostsslError {
  return new PgHostsslError('path-not-trusted', 'An account other than its owner can redirect this path', {
    file: directory,
    hint: 'Nothing was written. Run the program as the account that owns the path, not as root. Or remove the write permission of group and others (chmod go-w) from the path and all directories above it, and make root the owner of those directories.',
  });
}

/**
 * Checks that only root can change where a path leads. This is needed if root owns the data directory, because all
 * files are then accessed with the rights of root.
 */
export async function assertRootsOwn(name: string): Promise<void> {
  if ((await follow(name)).isRootsAlone) return;
  throw new PgHostsslError('path-not-trusted', 'An account other than root can redirect this path', {
    file: name,
    hint: 'Nothing was written. Make root the owner of the path and of all directories above it, and remove their write permission of group and others (chmod go-w). Or give the data directory to the account of the server, because no server runs as root.',
  });
}

/** Whether only root can change where a path leads, and only root can make files beside it. */
export async function isRootsOwn(name: string): Promise<boolean> {
  return (await follow(name)).isRootsAlone && (await follow(dirname(name))).isRootsAlone;
}
