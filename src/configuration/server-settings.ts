import { isAbsolutePath, joinPathComponents, parentDirectory } from '../c/paths.ts';
import { ConfFile, ConfTree, type ConfValue } from '../conf/index.ts';
import type { FileState } from '../disk/file-state.ts';
import type { IncludeReaders } from '../disk/included-files.ts';
import type { PgMajor } from '../version.ts';

type TextFile = Pick<FileState, 'path' | 'content'>;

/** The sources of a server's settings. */
export interface SettingSources {
  readonly version: PgMajor;
  /** postgresql.conf. */
  readonly conf: TextFile;
  /** postgresql.auto.conf, if there is one. */
  readonly autoConf?: TextFile | undefined;
  /** Settings of the command line. */
  readonly commandLine?: Readonly<Record<string, ConfValue>> | undefined;
  /** Whether one of the files was not read. */
  readonly isPartial?: boolean;
}

/**
 * The settings of a server: postgresql.conf with what it includes, postgresql.auto.conf, then the command line.
 *
 * @param readers give what include lines name; without them, includes are not followed
 */
export function serverSettings(sources: SettingSources, readers: IncludeReaders | undefined): ConfTree {
  const { version, conf, autoConf, commandLine = {}, isPartial = false } = sources;
  // These two say where the files are, which the caller knows.
  const { config_file: _, data_directory: __, ...settings } = commandLine;
  const parse = (file: TextFile): ConfFile => ConfFile.parse(file.content(), { version, ...readers, file: file.path });
  return ConfTree.read({
    main: parse(conf),
    ...(autoConf === undefined ? {} : { auto: parse(autoConf) }),
    commandLine: settings,
    isPartial,
  });
}

/** The value that a file or the command line gives a setting; `undefined` if nothing does, or the value is empty. */
export function assignedText(settings: ConfTree, name: string): string | undefined {
  const found = settings.effective(name);
  return found === undefined || found.source === 'default' ? undefined : found.value || undefined;
}

/** The data directory that postgresql.conf or a file that it includes names. */
export function dataDirectoryIn(conf: TextFile, version: PgMajor, readers: IncludeReaders): string | undefined {
  const named = assignedText(serverSettings({ version, conf }, readers), 'data_directory');
  return named !== undefined && isAbsolutePath(named, conf.path) ? named : undefined;
}

/** The names of the authentication files that no setting names, by the settings that could. */
const usualNames = { hba_file: 'pg_hba.conf', ident_file: 'pg_ident.conf', hosts_file: 'pg_hosts.conf' };

/** The settings that name an authentication file. */
export type AuthFileSetting = keyof typeof usualNames;

/** The path of an authentication file, or the text of its setting if the path starts from an unknown directory. */
export type AuthFilePath = { readonly path: string } | { readonly relative: string };

/** Where a server looks for its authentication files. */
export interface AuthFilePlaces {
  /** The path of postgresql.conf. */
  readonly conf: string;
  readonly dataDirectory: string;
  /** Settings of the command line. */
  readonly commandLine?: Readonly<Record<string, ConfValue>> | undefined;
  /** The directory in which the server was started, if that is known. */
  readonly startDirectory?: string | undefined;
}

/** The path of an authentication file (`SelectConfigFiles`). */
export function authFilePath(settings: ConfTree, name: AuthFileSetting, places: AuthFilePlaces): AuthFilePath {
  const text = assignedText(settings, name);
  if (text === undefined) return { path: joinPathComponents(directoryOfOption(settings, places), usualNames[name]) };
  const path = startPath(text, places);
  return path === undefined ? { relative: text } : { path };
}

/**
 * The directory of the option `-D`, in which the server looks for postgresql.conf and for authentication files, unless
 * `config_file` or their settings name them. It need not be the data directory, which postgresql.conf may name.
 */
function directoryOfOption(settings: ConfTree, { conf, dataDirectory, commandLine = {} }: AuthFilePlaces): string {
  const { data_directory: option, config_file: file } = commandLine;
  // The command line of the last start may be that of the directory from which this one was copied.
  if (file !== undefined) {
    return typeof option === 'string' && isAbsolutePath(option, dataDirectory) ? option : dataDirectory;
  }
  return assignedText(settings, 'data_directory') === undefined ? dataDirectory : parentDirectory(conf) || '.';
}

/**
 * A path that starts from the directory in which the server was started (`make_absolute_path`), unlike those of
 * `ssl_…_file`; `undefined` if it is relative and that directory is not known.
 */
export function startPath(
  path: string,
  { dataDirectory, startDirectory }: { readonly dataDirectory?: string; readonly startDirectory?: string | undefined },
): string | undefined {
  if (isAbsolutePath(path, dataDirectory)) return path;
  return startDirectory === undefined ? undefined : joinPathComponents(startDirectory, path);
}
