import { type Assembled, assemble, readIncludes } from '../configuration/assemble.ts';
import type { TargetFile } from '../disk/file-state.ts';
import { type IncludedFiles, type IncludeReaders, includeReaders, readIncludedFiles } from '../disk/included-files.ts';
import type { StateReader } from './state-reader.ts';

/** The files of a server that were found by following its settings and include lines. */
export interface FollowedFiles {
  /** All files that a parser asked for, by path, including missing ones. */
  readonly found: ReadonlyMap<string, TargetFile>;
  readonly assembled: Assembled;
  /** The files and directories that include lines and `@files` name. */
  readonly included: IncludedFiles;
}

/** The paths that are known before any file of the server is read. */
export interface StartPaths {
  readonly dataDirectory: string;
  /** The path of postgresql.conf. */
  readonly confPath: string;
  /** The path of pg_hba.conf, if the caller gives one to use in place of the path in `hba_file`. */
  readonly hbaPath: string | undefined;
}

/**
 * Reads the files of a server by following its settings and include lines.
 *
 * @throws PgHostsslError `file-not-readable`
 */
export async function followFiles(
  { dataDirectory, confPath, hbaPath }: StartPaths,
  reader: StateReader,
): Promise<FollowedFiles> {
  const parse = (readers: IncludeReaders): Assembled => {
    const assembled = assemble({ dataDirectory, conf: confPath }, readers, hbaPath);
    readIncludes(assembled);
    return assembled;
  };
  const all = await readIncludedFiles(
    (readers) => void parse(readers),
    (path) => reader.included(path),
    (path) => reader.names(path),
  );
  const { readFile, readDirectory } = includeReaders(all)!;
  // For each path, how often the parsers asked for the file.
  const asked = new Map<string, number>();
  const count = (path: string, change: number): void => void asked.set(path, (asked.get(path) ?? 0) + change);
  const assembled = parse({
    readDirectory,
    readFile(path) {
      count(path, 1);
      return readFile(path);
    },
  });
  // Each file of the configuration is asked for once. All further requests come from include lines.
  for (const { path } of assembled.files) count(path, -1);
  const included = all.files.filter(({ path }) => (asked.get(path) ?? 0) > 0);
  return {
    assembled,
    found: new Map(all.files.map((file) => [file.path, file])),
    included: { files: included, directories: all.directories },
  };
}
