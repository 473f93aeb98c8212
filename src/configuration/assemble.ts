import { given } from '../arguments.ts';
import { joinPathComponents, parentDirectory, pathInDataDirectory } from '../c/paths.ts';
import { settingDefinition } from '../conf/catalogue/catalogue.ts';
import { isSettingOn, readsHosts, serverFacts } from '../conf/server/server-facts.ts';
import type { ConfTree } from '../conf/tree.ts';
import { tlsFilePaths } from '../conf/values/value.ts';
import type { IncludeReaders } from '../disk/included-files.ts';
import { HbaFile } from '../hba/file.ts';
import { HostsFile } from '../hosts/file.ts';
import { IdentFile } from '../ident/file.ts';
import { openFailure } from '../include/open-failure.ts';
import type { ParseOptions, ServerFacts } from '../parse-options.ts';
import { defaultPgMajor, type PgMajor } from '../version.ts';
import { startSettings } from './command-line.ts';
import { type CrlDirectory, readCrlDirectory } from './crl-directory.ts';
import { dataDirectoryFiles } from './data-directory-files.ts';
import { hasCaForClients, hostsTlsFilesOf, type NamedTlsFile } from './hosts-files.ts';
import type { ConfigurationPlace } from './place.ts';
import { type AuthFileSetting, authFilePath, dataDirectoryIn, serverSettings, startPath } from './server-settings.ts';
import { versionIn } from './version-file.ts';

/** A file of a configuration, and whether the file was read. */
export interface ConfigurationFile {
  /** The setting that names the file; `undefined` for postgresql.conf and for files of the data directory. */
  readonly setting?: string;
  /** The path of the file. If a setting gives a path relative to an unknown directory, this is the relative path. */
  readonly path: string;
  /** `read`: the file was read. `missing`: the file does not exist. `unread`: this process could not read the file. */
  readonly state: 'read' | 'missing' | 'unread';
  /** The reason why this process could not read the file, if it is known. */
  readonly reason?: string;
}

/** The parsed files of a configuration. */
export interface Assembled {
  readonly version: PgMajor | undefined;
  /** Why PG_VERSION was not read. */
  readonly versionUnread: string | undefined;
  readonly dataDirectory: string;
  readonly conf: ConfTree;
  readonly hba: HbaFile | undefined;
  readonly ident: IdentFile | undefined;
  readonly hosts: HostsFile | undefined;
  readonly facts: ServerFacts;
  /** The files of the configuration. Files that only include lines name are not in the list. */
  readonly files: readonly ConfigurationFile[];
  /** The paths of the files that the TLS settings and pg_hosts.conf name. The list does not hold their contents. */
  readonly tlsFiles: readonly NamedTlsFile[];
}

/** The result of reading a file. */
type Look =
  | { readonly state: 'read'; readonly content: Uint8Array }
  | { readonly state: 'missing' | 'unread'; readonly reason?: string | undefined };

/**
 * Parses the files of a server by following its settings, as a server of the major version does (`SelectConfigFiles`,
 * `ProcessConfigFile`).
 *
 * @param readers return the content of each file; an error with the code `UNREAD` means that the file was not read
 * @param hbaPath the pg_hba.conf to read instead of the file that `hba_file` names
 */
export function assemble(place: ConfigurationPlace, readers: IncludeReaders, hbaPath?: string): Assembled {
  const files: ConfigurationFile[] = [];
  const look = (path: string, setting?: string): Look => {
    const found = lookAt(path, readers);
    const reason = found.state === 'read' ? undefined : found.reason;
    files.push(given({ path, state: found.state, setting, reason }));
    return found;
  };
  const startedIn = place.dataDirectory === undefined ? undefined : commandLineOf(place.dataDirectory, place, look);
  const confPath = confPathOf(place, startedIn);
  const main = look(confPath);
  const dataDirectory = place.dataDirectory ?? directoryIn(main, confPath, place, readers);
  const commandLine = startedIn ?? commandLineOf(dataDirectory, place, look);
  const versionPath = dataDirectoryFiles(dataDirectory).version;
  const versionFile = look(versionPath);
  const version = place.version ?? versionOf(versionPath, versionFile);
  const options = { version: version ?? defaultPgMajor, ...readers };
  const autoPath = dataDirectoryFiles(dataDirectory).autoConf;
  const auto = look(autoPath);
  const conf = serverSettings(
    {
      version: options.version,
      conf: { path: confPath, content: () => (main.state === 'read' ? main.content : new Uint8Array()) },
      autoConf: auto.state === 'read' ? { path: autoPath, content: () => auto.content } : undefined,
      commandLine,
      isPartial: main.state === 'unread' || auto.state === 'unread',
    },
    readers,
  );
  const locate = (setting: AuthFileSetting): LocatedFile => {
    const { startDirectory } = place;
    if (setting === 'hba_file' && hbaPath !== undefined) return { path: hbaPath, found: look(hbaPath, setting) };
    const found = authFilePath(conf, setting, { conf: confPath, dataDirectory, commandLine, startDirectory });
    if ('path' in found) return { path: found.path, found: look(found.path, setting) };
    files.push({ setting, path: found.relative, state: 'unread' });
    return { path: found.relative, found: { state: 'unread' } };
  };
  const parse = <T>(
    { path, found }: LocatedFile,
    parser: (source: Uint8Array, options: ParseOptions) => T,
    server: ServerFacts,
  ) => (found.state === 'read' ? parser(found.content, { ...options, file: path, server }) : undefined);
  const settings = serverFacts(conf);
  const hostsFile = readsHosts(conf) === true ? locate('hosts_file') : undefined;
  const hosts = hostsFile && parse(hostsFile, HostsFile.parse, settings);
  const facts =
    hostsFile === undefined || hostsFile.found.state === 'unread'
      ? settings
      : given({ ...settings, sslCa: hasCaForClients(conf, hosts) });
  const hba = parse(locate('hba_file'), HbaFile.parse, facts);
  const ident = parse(locate('ident_file'), IdentFile.parse, facts);
  const tlsFiles = [
    ...tlsFilesOf(conf, dataDirectory),
    ...(isSettingOn(conf, 'ssl') === true ? hostsTlsFilesOf(hosts, dataDirectory) : []),
  ];
  const versionUnread = versionFile.state === 'unread' ? versionFile.reason : undefined;
  return { version, versionUnread, dataDirectory, conf, hba, ident, hosts, facts, files, tlsFiles };
}

/**
 * Makes the parsers read all files that the parsed files include. The parsers follow include lines when they compute
 * the diagnostics.
 */
export function readIncludes({ conf, hba, ident, hosts }: Assembled): void {
  for (const file of [conf, hba, ident, hosts]) void file?.diagnostics;
}

/** The directory of CRLs, if `ssl` is on and a setting names one. */
export function crlDirectoryOf(
  { conf, dataDirectory }: Pick<Assembled, 'conf' | 'dataDirectory'>,
  readers: IncludeReaders,
): CrlDirectory | undefined {
  return isSettingOn(conf, 'ssl') === true ? readCrlDirectory(conf, dataDirectory, readers) : undefined;
}

/** An authentication file that has not been parsed yet. */
interface LocatedFile {
  readonly path: string;
  readonly found: Look;
}

function lookAt(path: string, { readFile }: IncludeReaders): Look {
  try {
    return { state: 'read', content: readFile(path) };
  } catch (error) {
    const { isUnread, unreadReason } = openFailure(error);
    if (!isUnread) return { state: 'missing' };
    return { state: 'unread', reason: unreadReason };
  }
}

type CommandLine = NonNullable<ConfigurationPlace['commandLine']>;

function commandLineOf(dataDirectory: string, place: ConfigurationPlace, look: (path: string) => Look): CommandLine {
  const opts = look(dataDirectoryFiles(dataDirectory).startOptions);
  return place.commandLine ?? (opts.state === 'read' ? startSettings(opts.content) : {});
}

/** The path of postgresql.conf. The command line may name the file, as on Debian. */
export function confPathOf(place: ConfigurationPlace, commandLine: CommandLine = {}): string {
  const { conf, dataDirectory = '' } = place;
  const { config_file: file } = commandLine;
  const named = typeof file === 'string' ? startPath(file, { ...place, dataDirectory }) : undefined;
  return conf ?? named ?? joinPathComponents(dataDirectory, 'postgresql.conf');
}

/** The data directory that postgresql.conf names. If it names none, the directory of postgresql.conf. */
function directoryIn(main: Look, confPath: string, place: ConfigurationPlace, readers: IncludeReaders): string {
  const own = parentDirectory(confPath) || '.';
  if (main.state !== 'read') return own;
  const conf = { path: confPath, content: () => main.content };
  return dataDirectoryIn(conf, place.version ?? defaultPgMajor, readers) ?? own;
}

/**
 * The version in a PG_VERSION file; `undefined` as long as the file has not been read, because its content is then
 * empty.
 */
function versionOf(path: string, found: Look): PgMajor | undefined {
  if (found.state !== 'read' || found.content.length === 0) return undefined;
  return versionIn({ path, content: () => found.content });
}

/** The files that the TLS settings name, if `ssl` is on. */
export function tlsFilesOf(conf: ConfTree, dataDirectory: string): Assembled['tlsFiles'] {
  if (isSettingOn(conf, 'ssl') !== true) return [];
  return tlsFilePaths.flatMap((setting) => {
    const text = settingDefinition(setting, conf.version) === undefined ? '' : (conf.effective(setting)?.value ?? '');
    if (text === '') return [];
    return [{ setting, path: pathInDataDirectory(dataDirectory, text) }];
  });
}
