/** The reason why a file or directory could not be opened. */
export interface OpenFailure {
  /** The reason in the words of the C library, which end PostgreSQL's messages. */
  readonly text: string;
  /** `true` if no file has this name. */
  readonly isMissing: boolean;
  /** `true` if the name belongs to a directory. */
  readonly isDirectory: boolean;
  /** `true` if only this library could not read the file, so that its content is unknown. */
  readonly isUnread: boolean;
}

/** The error code for a file that was not read: the caller did not give it, or only its owner may read it. */
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

/** Describes an error of a caller's `readFile` or `readDirectory`, which throw the errors of `node:fs`. */
export function openFailure(error: unknown): OpenFailure {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  const text = systemErrors[code] ?? (error instanceof Error ? error.message : String(error));
  return { text, isMissing: code === 'ENOENT', isDirectory: code === 'EISDIR', isUnread: code === unreadCode };
}
