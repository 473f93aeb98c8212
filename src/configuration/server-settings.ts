import { canonicalizePath, isAbsolutePath, joinPathComponents, parentDirectory } from '../c/paths.ts';
import { settingDefinition } from '../conf/catalogue/catalogue.ts';
import { ConfFile } from '../conf/file.ts';
import type { ConfValue } from '../conf/lines/quote.ts';
import { settingDiagnostic } from '../conf/server/setting-diagnostic.ts';
import { ConfTree } from '../conf/tree.ts';
import type { FileState } from '../disk/file-state.ts';
import type { IncludeReaders } from '../disk/included-files.ts';
import type { ReadingPort } from '../disk/reading-port.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { PgMajor } from '../version.ts';

type TextFile = Pick<FileState, 'path' | 'content'>;

/** The sources of a server's settings. */
export interface SettingSources {
  readonly version: PgMajor;
  /** The file postgresql.conf. */
  readonly conf: TextFile;
  /** The file postgresql.auto.conf, if it exists. */
  readonly autoConf?: TextFile | undefined;
  readonly commandLine?: Readonly<Record<string, ConfValue>> | undefined;
  /** Whether postgresql.conf or postgresql.auto.conf exists but was not read. */
  readonly isPartial?: boolean;
}

/** Whether `ssl_passphrase_command` prints the passphrase of the private key (11 and later). */
export function hasPassphraseCommand(conf: ConfTree): boolean {
  const isKnown = settingDefinition('ssl_passphrase_command', conf.version) !== undefined;
  return isKnown && conf.effective('ssl_passphrase_command')?.value !== '';
}

/**
 * The settings of a server: postgresql.conf with its includes, then postgresql.auto.conf, then the command line.
 *
 * @param readers callbacks that read the files that include lines name; if not given, included files are left out
 */
export function serverSettings(sources: SettingSources, readers: IncludeReaders | undefined): ConfTree {
  const { version, conf, autoConf, commandLine = {}, isPartial = false } = sources;
  // `config_file` and `data_directory` are left out: they only say where the files are, and the caller has found the
  // files already.
  const { config_file: _, data_directory: __, ...settings } = commandLine;
  const parse = (file: TextFile): ConfFile => ConfFile.parse(file.content(), { version, ...readers, file: file.path });
  return ConfTree.read({
    main: parse(conf),
    ...(autoConf === undefined ? {} : { auto: parse(autoConf) }),
    commandLine: settings,
    isPartial,
  });
}

/** The value of a setting from a file or the command line; `undefined` if nothing sets it, or if the value is empty. */
export function assignedText(settings: ConfTree, name: string): string | undefined {
  const found = settings.effective(name);
  return found === undefined || found.source === 'default' ? undefined : found.value || undefined;
}

/** The data directory that postgresql.conf or an included file names, if its path is absolute. */
export function dataDirectoryIn(conf: TextFile, version: PgMajor, readers: IncludeReaders): string | undefined {
  const named = assignedText(serverSettings({ version, conf }, readers), 'data_directory');
  return named !== undefined && isAbsolutePath(named, conf.path) ? named : undefined;
}

/**
 * The diagnostics for a `data_directory` whose path is another than that of the data directory. Both paths may still
 * lead to the same directory. If one of the paths is relative, nothing is known.
 */
export function otherDataDirectory(
  settings: ConfTree,
  {
    dataDirectory,
    dataDirectoryAlias,
  }: { readonly dataDirectory: string; readonly dataDirectoryAlias?: string | undefined },
): readonly Diagnostic[] {
  const code = 'configuration-data-directory';
  const named = assignedText(settings, 'data_directory');
  if (named === undefined || !isAbsolutePath(named) || !isAbsolutePath(dataDirectory)) return [];
  if (named === dataDirectoryAlias) return [];
  const [one, other] = [named, dataDirectory].map((path) => canonicalizePath(path, settings.version));
  if (one === other) return [];
  const message = `A server with this file uses the data directory ${named}, but ${dataDirectory} was given as data directory. If the two paths do not lead to the same directory, give the directory that the server uses`;
  return [settingDiagnostic(settings, 'data_directory', { code, severity: 'info', message })];
}

/** The path in `data_directory`, if symbolic links make it lead to the data directory that is read. */
export async function aliasOfDataDirectory(
  settings: ConfTree,
  dataDirectory: string,
  { realPath }: Pick<ReadingPort, 'realPath'>,
): Promise<string | undefined> {
  const named = assignedText(settings, 'data_directory');
  if (named === undefined || named === dataDirectory || !isAbsolutePath(named)) return undefined;
  const real = (path: string): Promise<string | undefined> => realPath(path).catch(() => undefined);
  const [one, other] = [await real(named), await real(dataDirectory)];
  return one !== undefined && one === other ? named : undefined;
}

/** The default names of the authentication files, by the setting that could name another file. */
const usualNames = { hba_file: 'pg_hba.conf', ident_file: 'pg_ident.conf', hosts_file: 'pg_hosts.conf' };

/** The settings that name an authentication file. */
export type AuthFileSetting = keyof typeof usualNames;

/**
 * The path of an authentication file. If the path is relative to an unknown directory, `relative` holds the text of the
 * setting.
 */
export type AuthFilePath = { readonly path: string } | { readonly relative: string };

/** The facts that decide where a server looks for its authentication files. */
export interface AuthFilePlaces {
  /** The path of postgresql.conf. */
  readonly conf: string;
  readonly dataDirectory: string;
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
 * The directory that the option `-D` names. The server looks there for postgresql.conf and for the authentication files
 * whose paths no setting gives. The data directory may be another one, which postgresql.conf names.
 */
function directoryOfOption(settings: ConfTree, { conf, dataDirectory, commandLine = {} }: AuthFilePlaces): string {
  const { data_directory: option, config_file: file } = commandLine;
  // If the data directory is a copy, postmaster.opts holds the command line of the original server. A relative path in
  // `-D` is ignored.
  if (file !== undefined) {
    return typeof option === 'string' && isAbsolutePath(option, dataDirectory) ? option : dataDirectory;
  }
  return assignedText(settings, 'data_directory') === undefined ? dataDirectory : parentDirectory(conf) || '.';
}

/**
 * The absolute form of a path that starts from the directory in which the server was started (`make_absolute_path`).
 * Relative paths in `ssl_…_file` start from the data directory instead. The result is `undefined` if the path is
 * relative and the start directory is not known.
 */
export function startPath(
  path: string,
  { dataDirectory, startDirectory }: { readonly dataDirectory?: string; readonly startDirectory?: string | undefined },
): string | undefined {
  if (isAbsolutePath(path, dataDirectory)) return path;
  return startDirectory === undefined ? undefined : joinPathComponents(startDirectory, path);
}
