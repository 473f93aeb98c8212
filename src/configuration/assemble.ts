import { parseBool } from '../c/boolean.ts';
import { isAbsolutePath, joinPathComponents, parentDirectory, pathInDataDirectory } from '../c/paths.ts';
import { ConfFile, ConfTree, settingDefinition } from '../conf/index.ts';
import { splitListSetting } from '../conf/values/value.ts';
import type { IncludeReaders } from '../disk/included-files.ts';
import { HbaFile } from '../hba/index.ts';
import { HostsFile } from '../hosts/index.ts';
import { IdentFile } from '../ident/index.ts';
import { openFailure } from '../include/open-failure.ts';
import type { ParseOptions, ServerFacts } from '../parse-options.ts';
import { defaultPgMajor, type PgMajor } from '../version.ts';
import { startSettings } from './command-line.ts';
import type { ConfigurationPlace } from './place.ts';
import { versionIn } from './version-file.ts';

/** A file of a configuration, as far as it is known. */
export interface ConfigurationFile {
  /** The setting that names the file; undefined for postgresql.conf and what belongs to the data directory. */
  readonly setting?: string;
  /** Its path; as the setting has it, if it starts from an unknown directory. */
  readonly path: string;
  /** Whether the file was read, is not there, or could not be read here, so that nothing is known of it. */
  readonly state: 'read' | 'missing' | 'unread';
}

/** The files of a configuration, parsed. */
export interface Assembled {
  readonly version: PgMajor | undefined;
  readonly dataDirectory: string;
  readonly conf: ConfTree;
  readonly hba: HbaFile | undefined;
  readonly ident: IdentFile | undefined;
  readonly hosts: HostsFile | undefined;
  readonly facts: ServerFacts;
  /** The files themselves; those that include lines name are not among them. */
  readonly files: readonly ConfigurationFile[];
  /** The files that the settings of TLS name. Their content is not read here. */
  readonly tlsFiles: readonly { readonly setting: string; readonly path: string }[];
}

type Look = { readonly state: 'read'; readonly content: Uint8Array } | { readonly state: 'missing' | 'unread' };

/**
 * Parses the files of a server by following its settings, as the major version does (`SelectConfigFiles`,
 * `ProcessConfigFile`).
 *
 * @param readers give the content of each file; an error with the code `UNREAD` means that the file was not read
 */
export function assemble(place: ConfigurationPlace, readers: IncludeReaders): Assembled {
  const files: ConfigurationFile[] = [];
  const look = (path: string, setting?: string): Look => {
    const found = lookAt(path, readers);
    files.push({ path, state: found.state, ...(setting === undefined ? {} : { setting }) });
    return found;
  };
  const { commandLine, confPath, dataDirectory: given } = startOf(place, look);
  const main = look(confPath);
  const guess = given ?? directoryIn(main, readers, confPath);
  const versionPath = joinPathComponents(guess, 'PG_VERSION');
  const version = place.version ?? versionOf(versionPath, look(versionPath));
  const options = { version: version ?? defaultPgMajor, ...readers };
  const parse = (found: Look, path: string): ConfFile =>
    ConfFile.parse(found.state === 'read' ? found.content : '', { ...options, file: path });
  const autoPath = joinPathComponents(guess, 'postgresql.auto.conf');
  const auto = look(autoPath);
  const conf = ConfTree.read({
    main: parse(main, confPath),
    ...(auto.state === 'read' ? { auto: parse(auto, autoPath) } : {}),
    commandLine,
    isPartial: main.state === 'unread' || auto.state === 'unread',
  });
  const facts = factsOf(conf);
  const named = (setting: string, usual: string): ParsedFile => {
    const text = textIn(conf, setting);
    const path = text === undefined ? joinPathComponents(guess, usual) : startPath(text, place, guess);
    if (path !== undefined) return { path, found: look(path, setting) };
    files.push({ setting, path: text!, state: 'unread' });
    return { path: text!, found: { state: 'unread' } };
  };
  const ofFile = <T>({ path, found }: ParsedFile, parser: (source: Uint8Array, options: ParseOptions) => T) =>
    found.state === 'read' ? parser(found.content, { ...options, file: path, server: facts }) : undefined;
  const hba = ofFile(named('hba_file', 'pg_hba.conf'), HbaFile.parse);
  const ident = ofFile(named('ident_file', 'pg_ident.conf'), IdentFile.parse);
  const usesHosts = isOn(conf, 'ssl_sni') === true;
  const hosts = usesHosts ? ofFile(named('hosts_file', 'pg_hosts.conf'), HostsFile.parse) : undefined;
  return { version, dataDirectory: guess, conf, hba, ident, hosts, facts, files, tlsFiles: tlsFilesOf(conf, guess) };
}

interface ParsedFile {
  readonly path: string;
  readonly found: Look;
}

function lookAt(path: string, { readFile }: IncludeReaders): Look {
  try {
    return { state: 'read', content: readFile(path) };
  } catch (error) {
    const { isUnread } = openFailure(error);
    return { state: isUnread ? 'unread' : 'missing' };
  }
}

interface Start {
  readonly commandLine: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly confPath: string;
  readonly dataDirectory: string | undefined;
}

/** What the command line of the last start says: it may name postgresql.conf, as Debian's does. */
function startOf(place: ConfigurationPlace, look: (path: string) => Look): Start {
  const { dataDirectory, conf } = place;
  const opts = dataDirectory === undefined ? undefined : look(joinPathComponents(dataDirectory, 'postmaster.opts'));
  const started = opts?.state === 'read' ? startSettings(opts.content) : {};
  const { config_file: confFile, data_directory: _, ...commandLine } = place.commandLine ?? started;
  const named = typeof confFile === 'string' ? startPath(confFile, place, dataDirectory ?? '') : undefined;
  const confPath = conf ?? named ?? joinPathComponents(dataDirectory ?? '', 'postgresql.conf');
  return { commandLine, confPath, dataDirectory };
}

/** A path that starts from the directory in which the server was started; `undefined` if that is not known. */
function startPath(path: string, { startDirectory }: ConfigurationPlace, from: string): string | undefined {
  if (isAbsolutePath(path, from)) return path;
  return startDirectory === undefined ? undefined : joinPathComponents(startDirectory, path);
}

/** The data directory that postgresql.conf names, else its own directory. */
function directoryIn(main: Look, readers: IncludeReaders, confPath: string): string {
  const own = parentDirectory(confPath) || '.';
  if (main.state !== 'read') return own;
  const tree = ConfTree.read({ main: ConfFile.parse(main.content, { file: confPath, ...readers }) });
  const named = textIn(tree, 'data_directory');
  return named !== undefined && isAbsolutePath(named, confPath) ? named : own;
}

/** The version of a PG_VERSION. The file is empty until its content was asked for. */
function versionOf(path: string, found: Look): PgMajor | undefined {
  if (found.state !== 'read' || found.content.length === 0) return undefined;
  return versionIn({ path, content: () => found.content });
}

/** The value in effect, if a file that was not read cannot change it; `undefined` for an empty value. */
function textIn(conf: ConfTree, name: string): string | undefined {
  const found = conf.effective(name);
  return found === undefined || found.source === 'default' ? undefined : found.value || undefined;
}

/** Whether a setting is on; `undefined` if that is not known or the major version has no such setting. */
function isOn(conf: ConfTree, name: string): boolean | undefined {
  const text = certain(conf, name);
  return text === undefined ? undefined : parseBool(text);
}

function certain(conf: ConfTree, name: string): string | undefined {
  const found = conf.effective(name);
  return conf.isWhole || found?.source === 'command-line' ? found?.value : undefined;
}

/** What the settings tell about how the server judges its authentication files. */
function factsOf(conf: ConfTree): ServerFacts {
  const { version } = conf;
  const ssl = isOn(conf, 'ssl');
  const caFile = certain(conf, 'ssl_ca_file');
  const namespace = isOn(conf, 'db_user_namespace');
  const validators = certain(conf, 'oauth_validator_libraries');
  const libraries =
    validators === undefined ? undefined : splitListSetting('oauth_validator_libraries', validators, version);
  return {
    ...(ssl === undefined ? {} : { ssl }),
    ...(caFile === undefined ? {} : { sslCa: caFile !== '' }),
    ...(namespace === undefined ? {} : { dbUserNamespace: namespace }),
    ...(libraries === undefined ? {} : { oauthValidators: libraries }),
  };
}

/** Settings that name a file of TLS. Unlike `hba_file`, their paths start from the data directory. */
const tlsSettings = ['ssl_cert_file', 'ssl_key_file', 'ssl_ca_file', 'ssl_crl_file', 'ssl_dh_params_file'];

function tlsFilesOf(conf: ConfTree, dataDirectory: string): Assembled['tlsFiles'] {
  if (isOn(conf, 'ssl') !== true) return [];
  return tlsSettings.flatMap((setting) => {
    const text = settingDefinition(setting, conf.version) === undefined ? '' : (conf.effective(setting)?.value ?? '');
    if (text === '') return [];
    return [{ setting, path: pathInDataDirectory(dataDirectory, text) }];
  });
}
