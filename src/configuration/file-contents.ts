import { canonicalizePath } from '../c/paths.ts';
import type { IncludeReaders } from '../disk/included-files.ts';
import { systemError } from '../disk/system-error.ts';
import { openFailure, unreadCode } from '../include/open-failure.ts';
import { defaultPgMajor } from '../version.ts';
import { withContent } from '../with-content.ts';
import type { TlsFile } from './checked-configuration.ts';
import type { NamedTlsFile } from './hosts-files.ts';

/**
 * The contents of files by path. `null` means that the file does not exist. A path that is not given is an unknown
 * file.
 */
export type FileContents = Readonly<Record<string, string | Uint8Array | null>>;

/**
 * Callbacks for parsers that read from these contents only. A path of `contents` and the given path may contain `..`,
 * `.` or double slashes.
 */
export function contentReaders(contents: FileContents): IncludeReaders {
  const byPlainPath = new Map(Object.entries(contents).map(([path, source]) => [plainPath(path), source]));
  const contentOf = (path: string): FileContents[string] | undefined =>
    Object.hasOwn(contents, path) ? contents[path] : byPlainPath.get(plainPath(path));
  return {
    readFile(path) {
      const source = contentOf(path);
      if (typeof source === 'string') return new TextEncoder().encode(source);
      if (source !== undefined && source !== null) return source;
      if (namesBelow(contents, path).length > 0) throw systemError('EISDIR', path);
      throw systemError(source === null ? 'ENOENT' : unreadCode, path);
    },
    readDirectory(path) {
      const source = contentOf(path);
      if (source !== undefined && source !== null) throw systemError('ENOTDIR', path);
      const names = namesBelow(contents, path);
      if (names.length > 0) return names;
      throw systemError(source === null ? 'ENOENT' : unreadCode, path);
    },
  };
}

/** The TLS file that a setting or pg_hosts.conf names, with its content. */
export function tlsFileIn({ readFile }: IncludeReaders, named: NamedTlsFile): TlsFile {
  const file = { ...named, path: plainPath(named.path) };
  try {
    return withContent({ ...file, state: 'read' } as const, readFile(file.path));
  } catch (error) {
    const { isUnread, isDirectory } = openFailure(error);
    if (isUnread) return { ...file, state: 'unread' };
    return isDirectory ? { ...file, state: 'missing', kind: 'directory' } : { ...file, state: 'missing' };
  }
}

/**
 * Removes `..`, `.` and double slashes from a path. Files that the caller gives as contents have no symbolic links, so
 * `..` is always the parent directory.
 */
function plainPath(path: string): string {
  return canonicalizePath(path, defaultPgMajor);
}

/** The names of the files and directories in a directory. */
function namesBelow(contents: FileContents, path: string): readonly string[] {
  const plain = plainPath(path);
  const folder = plain.endsWith('/') ? plain : `${plain}/`;
  const found = Object.entries(contents).flatMap(([each, source]) => {
    const file = plainPath(each);
    return source !== null && file.startsWith(folder) ? [file.slice(folder.length).split('/', 1)[0]!] : [];
  });
  return [...new Set(found)];
}
