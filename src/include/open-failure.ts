import { codeOf, messageOf } from '../errors.ts';

/** The reason why a file or directory could not be opened. */
export interface OpenFailure {
  /** The reason in the words of the C library, as at the end of PostgreSQL's messages: `No such file or directory`. */
  readonly text: string;
  /** `true` if no file has this name. */
  readonly isMissing: boolean;
  /** `true` if the name belongs to a directory. */
  readonly isDirectory: boolean;
  /**
   * `true` if this library could not read the file, but the server perhaps can, so that the content of the file is
   * unknown.
   */
  readonly isUnread: boolean;
  /** The reason why this library could not read the file, if `isUnread` is `true` and the reason is known. */
  readonly unreadReason?: string;
}

/**
 * The `code` of the error that `readFile` throws for a file whose content is unknown: the caller did not give the
 * content, or only the owner of the file may read it.
 */
export const unreadCode = 'UNREAD';

/**
 * Returns a path that Node can open.
 *
 * @throws Error with the code `UNREAD` for a path that is not UTF-8, because Node opens another path instead. A name of
 * a directory that is not UTF-8 has a U+FFFD in Node.
 */
export function openablePath(path: string): string {
  if (path.isWellFormed() && !path.includes('\ufffd')) return path;
  const reason = 'Node cannot open a path that is not UTF-8';
  throw Object.assign(new Error(reason), { code: unreadCode, reason });
}

/** The errors of opening a file, in the words of the C library. */
const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
};

/** Describes an error of a caller's `readFile` or `readDirectory`, which throw the errors of `node:fs`. */
export function openFailure(error: unknown): OpenFailure {
  const code = codeOf(error);
  const text = systemErrors[code] ?? messageOf(error);
  const isUnread = code === unreadCode;
  const reason = isUnread ? (error as { reason?: unknown }).reason : undefined;
  return {
    text,
    isMissing: code === 'ENOENT',
    isDirectory: code === 'EISDIR',
    isUnread,
    ...(typeof reason === 'string' ? { unreadReason: reason } : {}),
  };
}
