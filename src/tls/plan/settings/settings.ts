import { equalsIgnoringCase } from '../../../c/ascii.ts';
import { parseBool } from '../../../c/boolean.ts';
import { joinPathComponents, pathInDataDirectory } from '../../../c/paths.ts';
import { settingDefinition } from '../../../conf/catalogue/catalogue.ts';
import type { ConfFile } from '../../../conf/file.ts';
import type { ConfAssignment, ConfTree } from '../../../conf/tree.ts';
import { startSettings } from '../../../configuration/command-line.ts';
import { serverSettings } from '../../../configuration/server-settings.ts';
import { includeReaders } from '../../../disk/included-files.ts';
import { PgHostsslError } from '../../../errors.ts';
import { defaultFiles } from '../../default-files.ts';
import { interruptedError } from '../../interrupted-error.ts';
import type { ServerState } from '../../state.ts';
import type { MinProtocol } from '../request/request.ts';
import { assertAccepted } from './accepted.ts';

/** The settings of a server. They include the command-line options with which the server was last started. */
export function settingsOf({ version, conf, autoConf, startOptions, included }: ServerState): ConfTree {
  const commandLine = startOptions?.content && startSettings(startOptions.content());
  return serverSettings({ version, conf, autoConf, commandLine }, includeReaders(included));
}

/**
 * The settings of a server for which a plan is made, after checking that the server accepts them, and that no other
 * change of its files is unfinished.
 *
 * @throws PgHostsslError `apply-interrupted`; `conf-refused` if the server refuses one of the files
 */
export function acceptedSettings(server: ServerState): ConfTree {
  if (server.interrupted !== undefined) throw interruptedError(server.dataDirectory, server.interrupted);
  const settings = settingsOf(server);
  const { conf, autoConf, startOptions, included, owner } = server;
  const others = [autoConf, startOptions].filter((file) => file !== undefined).concat(included?.files ?? []);
  assertAccepted('conf-refused', [conf, ...others], owner, settings.diagnostics);
  return settings;
}

/** The value of a setting that is in effect; `undefined` if the value is empty. */
export function setting(settings: ConfTree, name: string): string | undefined {
  return settings.effective(name)?.value || undefined;
}

/** Whether TLS is on. */
export function isSslOn(settings: ConfTree): boolean {
  return parseBool(setting(settings, 'ssl') ?? 'off') === true;
}

/** Whether `ssl_ca_file` names the root file in the given `ServerState`. */
export function isCaInForce({ dataDirectory, ca }: ServerState, settings: ConfTree): boolean {
  const path = setting(settings, 'ssl_ca_file');
  return path !== undefined && pathInDataDirectory(dataDirectory, path) === ca.path;
}

/** Whether `ssl_cert_file` names the certificate file in the given `ServerState`. */
export function isCertificateInForce({ dataDirectory, certificate }: ServerState, settings: ConfTree): boolean {
  const path = setting(settings, 'ssl_cert_file') ?? defaultFiles.ssl_cert_file;
  return pathInDataDirectory(dataDirectory, path) === certificate.path;
}

/** The paths that the TLS settings name after the plan. */
export interface CertificatePaths {
  /** The value of `ssl_cert_file`. */
  readonly certificate: string;
  /** The value of `ssl_key_file`. */
  readonly privateKey: string;
  /** The value of `ssl_ca_file`. */
  readonly ca: string;
}

/** The paths that the TLS settings name after a plan that changes none of them. */
export function presentPaths({ certificate, privateKey, ca }: ServerState): CertificatePaths {
  return { certificate: certificate.path, privateKey: privateKey.path, ca: ca.path };
}

/**
 * The TLS settings that a plan sets, with their values. Paths are absolute here and may be written into the file as
 * relative ones.
 */
export type WantedSettings = Readonly<Partial<Record<SslSetting, string>>>;

type SslSetting =
  | 'ssl'
  | 'ssl_ca_file'
  | 'ssl_cert_file'
  | 'ssl_key_file'
  | 'ssl_crl_dir'
  | 'ssl_crl_file'
  | 'ssl_min_protocol_version';

/**
 * Edits postgresql.conf so that it has these settings. No other file is edited, so that one rename makes the server use
 * another certificate and key.
 *
 * @throws PgHostsslError `setting-overridden` if an included file, postgresql.auto.conf or the command line of the last
 * start sets another value, which overrides postgresql.conf
 */
export function planSettings(server: ServerState, settings: ConfTree, wanted: WantedSettings): ConfFile {
  const changes: [name: SslSetting, value: string][] = [];
  for (const [name, value] of Object.entries(wanted) as [SslSetting, string][]) {
    if (isAsWanted(server, settings, name, value)) continue;
    const isPath = name !== 'ssl' && name !== 'ssl_min_protocol_version';
    changes.push([name, isPath ? pathFrom(server.dataDirectory, value) : value]);
  }
  return editConf(server, settings, changes);
}

/**
 * Whether a setting has the wanted value. A higher `ssl_min_protocol_version` than the wanted one is as wanted, too.
 */
function isAsWanted(server: ServerState, settings: ConfTree, name: SslSetting, value: string): boolean {
  const current = setting(settings, name);
  if (name === 'ssl') return parseBool(current ?? 'off') === parseBool(value);
  if (name === 'ssl_min_protocol_version') return !isLower(settings, name, value);
  // OpenSSL splits the value of `ssl_crl_dir` at colons. A relative path avoids the colons in the path of the data
  // directory.
  if (current === undefined || (name === 'ssl_crl_dir' && current.includes(':'))) return false;
  return pathInDataDirectory(server.dataDirectory, current) === value;
}

/**
 * Whether the TLS version in a setting is lower than another version. The values of the setting are listed from the
 * lowest version to the highest.
 */
function isLower(settings: ConfTree, name: SslSetting, than: string): boolean {
  const values = enumValues(settings, name);
  return values.indexOf(enumSetting(settings, name) ?? '') < values.indexOf(than);
}

/**
 * The value of an enum setting, with the upper and lower case of the documentation: the server reads `tlsv1.3` as
 * `TLSv1.3`.
 */
export function enumSetting(settings: ConfTree, name: string): string | undefined {
  const text = setting(settings, name);
  return text === undefined ? undefined : enumValues(settings, name).find((value) => equalsIgnoringCase(value, text));
}

function enumValues(settings: ConfTree, name: string): readonly string[] {
  return settingDefinition(name, settings.version)?.values ?? [];
}

/**
 * The setting `ssl_min_protocol_version` that a plan sets.
 *
 * @throws PgHostsslError `argument-invalid` if the major version lacks the setting
 */
export function minProtocolSetting(
  { version }: Pick<ServerState, 'version'>,
  minProtocol: MinProtocol | undefined,
): WantedSettings {
  if (minProtocol === undefined) return {};
  const name = 'ssl_min_protocol_version';
  if (settingDefinition(name, version) !== undefined) return { [name]: minProtocol };
  throw new PgHostsslError('argument-invalid', `minProtocol of the request: PostgreSQL ${version} has no ${name}`, {
    hint: 'Leave minProtocol out, or name the ciphers in ssl_ciphers.',
  });
}

/**
 * Sets these settings in postgresql.conf, one below the other.
 *
 * @throws PgHostsslError `setting-overridden`
 */
function editConf(server: ServerState, settings: ConfTree, changes: readonly [SslSetting, string][]): ConfFile {
  let tree = settings;
  let previous: SslSetting = 'ssl';
  const winners: [name: SslSetting, value: string, winner: ConfAssignment][] = [];
  for (const [name, value] of changes) {
    const edit = tree.set(name, value, { file: server.conf.path, after: previous });
    if (edit.overriddenBy !== undefined) winners.push([name, value, edit.overriddenBy]);
    tree = edit.tree;
    previous = name;
  }
  const [first] = winners;
  if (first === undefined) return tree.main;
  const [name, , { source, file, line }] = first;
  const path = source === 'command-line' ? server.startOptions?.path : file?.options.file;
  throw new PgHostsslError('setting-overridden', `Another source sets ${name} and overrides postgresql.conf`, {
    file: path,
    line,
    hint: `Nothing was planned. ${winners.map(([name, value, winner]) => wayOut(name, value, winner)).join(' ')} Then plan again.`,
  });
}

function wayOut(name: string, value: string, { source, file, line }: ConfAssignment): string {
  if (source === 'command-line') return `Start the server without ${name} on its command line.`;
  if (source === 'auto') return `Run ALTER SYSTEM RESET ${name}.`;
  return `Set ${name} to '${value}' in line ${line} of ${file?.options.file}, or remove that line.`;
}

/** The path as it is written into a setting. A path below the data directory becomes relative to the data directory. */
export function pathFrom(dataDirectory: string, path: string): string {
  const folder = joinPathComponents(dataDirectory, '');
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}
