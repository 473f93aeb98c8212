import { joinPathComponents } from '../c/paths.ts';
import type { FileState, TargetFile } from '../disk/file-state.ts';
import { type DirectoryState, namesIn } from '../disk/included-files.ts';
import { limitedRead } from '../disk/limited-read.ts';
import type { DirectoryFacts, ReadingPort } from '../disk/reading-port.ts';
import { hasCode } from '../disk/system-error.ts';
import { messageOf, PgHostsslError } from '../errors.ts';
import { withContent } from '../with-content.ts';

/**
 * Reads the files of a server or client, and follows symbolic links. Links in the path of the directory itself are not
 * reported, because the caller chose that path.
 */
export class StateReader {
  readonly #directory: string;
  readonly #realDirectory: string;
  readonly #port: ReadingPort;
  readonly #read: ReadingPort['read'];

  private constructor(directory: string, realDirectory: string, port: ReadingPort) {
    this.#directory = directory;
    this.#realDirectory = realDirectory;
    this.#port = port;
    this.#read = limitedRead(port);
  }

  /** Creates a reader for the files of a directory. */
  static async in(directory: string, port: ReadingPort): Promise<StateReader> {
    return new StateReader(directory, await readable(directory, port.realPath(directory)), port);
  }

  /** The facts about the directory; `undefined` if it does not exist. */
  directory(): Promise<DirectoryFacts | undefined> {
    return readable(this.#directory, this.#port.statDirectory(this.#directory));
  }

  /**
   * Reads the file at a path; the result is `undefined` if the file does not exist.
   *
   * @throws PgHostsslError `file-not-readable`
   */
  async file(path: string): Promise<FileState | undefined> {
    const file = await readable(path, this.#read(path));
    if (file === undefined) return undefined;
    const { content: _, ...facts } = file;
    return withContent({ ...facts, ...(await this.linkOf(path)) }, file.content());
  }

  /** The file at a path, or the path of the missing file. */
  async target(path: string): Promise<TargetFile> {
    return (await this.file(path)) ?? { path, ...(await this.linkOf(path)) };
  }

  /** The path with symbolic links resolved, if one of its parts below the directory is a link. */
  async linkOf(path: string): Promise<{ readonly realPath?: string }> {
    const real = await readable(path, this.#port.realPath(path));
    const folder = joinPathComponents(this.#directory, '');
    const expected = path.startsWith(folder)
      ? joinPathComponents(this.#realDirectory, path.slice(folder.length))
      : path;
    return real === expected ? {} : { realPath: real };
  }

  /** The file that an include line names. A directory counts as a missing file. */
  async included(path: string): Promise<TargetFile> {
    try {
      return await this.target(path);
    } catch (error) {
      const { cause } = error as { readonly cause?: unknown };
      if (hasCode(cause, 'EISDIR', 'ENOTDIR')) return { path };
      throw error;
    }
  }

  /**
   * The names in a directory.
   *
   * @throws PgHostsslError `file-not-readable`
   */
  async names(path: string): Promise<DirectoryState> {
    return { path, names: await readable(path, namesIn(path, this.#port)) };
  }
}

/**
 * Reads the file at a path; the result is `undefined` if the file does not exist.
 *
 * @throws PgHostsslError `file-not-readable`
 */
export function readFile(path: string, port: ReadingPort): Promise<FileState | undefined> {
  return readable(path, port.read(path));
}

/**
 * Waits for the result of reading a path. A system error becomes a `PgHostsslError` that names the path.
 *
 * @throws PgHostsslError `file-not-readable`
 */
export async function readable<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    if (cause instanceof PgHostsslError) throw cause;
    throw new PgHostsslError('file-not-readable', `The file cannot be read: ${messageOf(cause)}`, {
      file: path,
      hint: hintFor(cause),
      cause,
    });
  }
}

function hintFor(cause: unknown): string {
  if (hasCode(cause, 'ENOTDIR')) return 'Give the path of a directory, or replace the file by a directory.';
  if (hasCode(cause, 'EISDIR')) return 'Replace the directory, pipe or device by a file, or correct the path.';
  if (hasCode(cause, 'ERR_FS_FILE_TOO_LARGE', 'ERR_STRING_TOO_LONG', 'EFBIG'))
    return 'Replace or remove the file: the files of a server are not that large.';
  if (hasCode(cause, 'ECONNRESET', 'ETIMEDOUT'))
    return 'The process with the rights of the account, or the connection to the files, was ended or stopped. Try again.';
  if (process.geteuid?.() === 0)
    return "If you passed no `files`, a process with the user id of the directory's owner and the primary group of that account, or without a group if this machine does not know the account, reads the file. Let that account read the file (chown), or run the program as that account with all its groups: setpriv --reuid=UID --regid=GID --groups=GID,GID.";
  return 'If you passed no `files`, run the program as root, or as the account of the server. The owner of the directory must be able to read the file.';
}
