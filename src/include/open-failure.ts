/** Why a file or directory could not be opened. */
export interface OpenFailure {
  /** The reason in the words of the C library, with which PostgreSQL's messages end. */
  readonly text: string;
  /** Whether nothing has this name. */
  readonly isMissing: boolean;
  /** Whether the name belongs to a directory. */
  readonly isDirectory: boolean;
  /** Whether only this library could not read the file, so that nothing is known of it. */
  readonly isUnread: boolean;
}

/** The code of an error for a file that was not read: it was not given, or only its owner may read it. */
export const unreadCode = 'UNREAD';

/** The errors of opening a file, in the words of the C library. */
const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
};

/** The failure behind an error of a caller's `readFile` or `readDirectory`, which throw the errors of `node:fs`. */
export function openFailure(error: unknown): OpenFailure {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  const text = systemErrors[code] ?? (error instanceof Error ? error.message : String(error));
  return { text, isMissing: code === 'ENOENT', isDirectory: code === 'EISDIR', isUnread: code === unreadCode };
}
