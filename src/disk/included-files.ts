import { assertProperties } from '../arguments.ts';
import { unreadCode } from '../include/open-failure.ts';
import type { ParseOptions } from '../parse-options.ts';
import type { TargetFile } from './file-state.ts';
import type { ReadingPort } from './reading-port.ts';
import { systemError, unlessMissing } from './system-error.ts';

/** A directory that was read. */
export interface DirectoryState {
  /** The path of the directory. */
  readonly path: string;
  /** The names in the directory; `undefined` if the path does not lead to a directory. */
  readonly names: readonly string[] | undefined;
}

/** A file or directory that could not be read. */
export interface UnreadFile {
  /** The path of the file or directory. */
  readonly path: string;
  /** The reason why the file was not read. */
  readonly reason: string;
}

/** The files and directories named by include lines and by `@files`, in the state in which they were read. */
export interface IncludedFiles {
  /** The files, including those that do not exist. */
  readonly files: readonly TargetFile[];
  /** The directories, with the names in them. */
  readonly directories: readonly DirectoryState[];
  /** The files and directories that could not be read. The parsers report includes of them as not followed. */
  readonly unread?: readonly UnreadFile[];
}

/** The callbacks with which parsers read included files. */
export type IncludeReaders = { readonly [K in 'readFile' | 'readDirectory']: NonNullable<ParseOptions[K]> };

/**
 * Creates callbacks for parsers that return the contents of files that were read before. A path that was not read seems
 * to the parser not to exist.
 *
 * @param included the files and directories that were read. If not given, the result is `undefined`, and parsers report
 * that they did not follow includes.
 */
export function includeReaders(included: IncludedFiles | undefined): IncludeReaders | undefined {
  if (included === undefined) return undefined;
  assertProperties(included, { files: true, directories: true, unread: true }, 'the included files of a server');
  return readersOf({
    files: new Map(included.files.map((file) => [file.path, file])),
    directories: new Map(included.directories.map((directory) => [directory.path, directory])),
    unread: new Map(included.unread?.map((file) => [file.path, file])),
  });
}

/** {@link IncludedFiles} by their paths. */
interface FilesByPath {
  readonly files: ReadonlyMap<string, TargetFile>;
  readonly directories: ReadonlyMap<string, DirectoryState>;
  readonly unread: ReadonlyMap<string, UnreadFile>;
}

function readersOf({ files, directories, unread }: FilesByPath): IncludeReaders {
  const failure = (path: string, code: string): Error => {
    const file = unread.get(path);
    return file === undefined
      ? systemError(code, path)
      : Object.assign(systemError(unreadCode, path), { reason: file.reason });
  };
  return {
    readFile: (path) => {
      const file = files.get(path);
      if (file?.content !== undefined) return file.content();
      throw failure(path, directories.get(path)?.names === undefined ? 'ENOENT' : 'EISDIR');
    },
    readDirectory: (path) => {
      const names = directories.get(path)?.names;
      if (names !== undefined) return names;
      throw failure(path, files.get(path)?.content === undefined ? 'ENOENT' : 'ENOTDIR');
    },
  };
}

/**
 * Reads all files and directories for which parsers ask. The parsers run again and again with the files that have been
 * read, until they ask for no other file. This is needed because only the parsers know which files an include line
 * names.
 *
 * @param parse runs the parsers with callbacks; called once for each level of nesting, and once more
 * @param read reads one file. For a directory, it returns an absent file; for an unreadable file, it returns the
 * reason.
 * @param list lists one directory; for an unreadable directory, it returns the reason
 */
export async function readIncludedFiles(
  parse: (readers: IncludeReaders) => void,
  read: (path: string) => Promise<TargetFile | UnreadFile>,
  list: (path: string) => Promise<DirectoryState | UnreadFile>,
): Promise<IncludedFiles> {
  const files = new Map<string, TargetFile>();
  const directories = new Map<string, DirectoryState>();
  const unread = new Map<string, UnreadFile>();
  const known = readersOf({ files, directories, unread });
  const keep = <T extends object>(path: string, state: T | UnreadFile, readable: Map<string, T>): void => {
    if ('reason' in state) unread.set(path, state);
    else readable.set(path, state);
  };
  for (;;) {
    const newFiles = new Set<string>();
    const newDirectories = new Set<string>();
    parse({
      readFile: (path) => {
        if (files.has(path) || unread.has(path)) return known.readFile(path);
        newFiles.add(path);
        return new Uint8Array();
      },
      readDirectory: (path) => {
        if (directories.has(path) || unread.has(path)) return known.readDirectory(path);
        newDirectories.add(path);
        throw systemError('ENOENT', path);
      },
    });
    if (newFiles.size === 0 && newDirectories.size === 0) break;
    for (const path of newDirectories) keep(path, await list(path), directories);
    for (const path of newFiles) keep(path, await read(path), files);
  }
  // For each name in the directory of an `include_dir` line, the parser asks whether the name is that of a directory.
  const isFile = (path: string): boolean => files.get(path)?.content !== undefined;
  return {
    files: [...files.values()],
    directories: [...directories.values()].filter(({ path }) => !isFile(path)),
    ...(unread.size === 0 ? {} : { unread: [...unread.values()] }),
  };
}

/** The names in a directory; `undefined` if the path does not lead to a directory. */
export function namesIn(path: string, port: ReadingPort): Promise<readonly string[] | undefined> {
  return unlessMissing(port.list(path));
}
