import { diagnosticOf } from '../access/lint/finding.ts';
import { lintMaps } from '../access/lint/map-lints.ts';
import { readRules } from '../access/rules/read-rules.ts';
import { assertInstance, assertList, assertRecord } from '../arguments.ts';
import { parseBool } from '../c/boolean.ts';
import { forbiddenKeyFileBits } from '../c/key-file-permissions.ts';
import { isAbsolutePath } from '../c/paths.ts';
import { ConfTree } from '../conf/tree.ts';
import type { Owner } from '../disk/file-state.ts';
import type { HbaFile } from '../hba/file.ts';
import type { HostsFile } from '../hosts/file.ts';
import type { IdentFile } from '../ident/file.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { ConfigurationFile } from './assemble.ts';
import type { CrlDirectory } from './crl-directory.ts';
import { type NamedTlsFile, namerOf, replacedByHosts, replacesSettings, tlsFileDiagnostic } from './hosts-files.ts';
import { otherDataDirectory } from './server-settings.ts';
import { settingDiagnostic } from './setting-diagnostic.ts';

/** A file that a TLS setting or pg_hosts.conf names. */
export interface TlsFile extends ConfigurationFile, NamedTlsFile {
  /** The setting that names the file, or `hosts_file` if pg_hosts.conf names it. */
  readonly setting: string;
  /**
   * Returns the content of the file, if the file was read. This is a method and no property, so that printing the
   * object never shows a private key.
   */
  content?(): Uint8Array;
  /** The permission bits, if they are known. */
  readonly mode?: number;
  /** The owner, if it is known. */
  readonly owner?: Owner;
  /**
   * What is at the path, if it is no regular file: a directory, or for example a named pipe. For a directory, `state`
   * is `missing`; for anything else, it is `unread`.
   */
  readonly kind?: 'directory' | 'other';
}

/** The parts of a configuration that `checkConfiguration` checks. A `Configuration` has all of them. */
export interface CheckedConfiguration {
  /** The data directory, if it is known. */
  readonly dataDirectory?: string | undefined;
  /** The path in `data_directory`, if it leads to the same directory by symbolic links. */
  readonly dataDirectoryAlias?: string | undefined;
  /** The settings. */
  readonly conf: ConfTree;
  /** The files, each with its `state`. */
  readonly files: readonly ConfigurationFile[];
  /** The pg_hba.conf. */
  readonly hba: HbaFile;
  /** Whether pg_hba.conf was read. */
  readonly hasHba: boolean;
  /** The pg_ident.conf, if it was read. */
  readonly ident?: IdentFile | undefined;
  /** The pg_hosts.conf, if the server uses the file and it was read. */
  readonly hosts?: HostsFile | undefined;
  /** The files that the TLS settings name. */
  readonly tlsFiles: readonly TlsFile[];
  /** The directory that `ssl_crl_dir` names, if `ssl` is on. */
  readonly crlDirectory?: CrlDirectory | undefined;
  /** The owner of the data directory, if it is known. */
  readonly owner?: Owner | undefined;
}

/**
 * Checks the files of a server together. An `error` means that the server does not start, or refuses the file or
 * setting. If the verdict depends on a file that was not read, the diagnostic is an `info`. (`checkCertificates` checks
 * the content of certificates.)
 *
 * @returns the diagnostics of the settings, then of pg_hba.conf, pg_ident.conf and pg_hosts.conf, then of missing files
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { checkConfiguration, Configuration } from 'pg-hostssl/configuration';
 *
 * const contents = {
 *   '/data/postgresql.conf': 'port = 5433\n',
 *   '/data/postgresql.auto.conf': null,
 *   '/data/pg_hba.conf': null,
 * };
 * const configuration = Configuration.fromContents(contents, { dataDirectory: '/data', version: 18 });
 * const errors = checkConfiguration(configuration).filter(({ severity }) => severity === 'error');
 * assert.deepEqual(errors.map(({ code }) => code), ['configuration-file-missing']);
 * ```
 */
export function checkConfiguration(configuration: CheckedConfiguration): readonly Diagnostic[] {
  assertConfiguration(configuration, 'the configuration of checkConfiguration');
  const { conf, dataDirectory, hasHba, ident, hosts } = configuration;
  return [
    ...conf.diagnostics.filter((diagnostic) => !isAnswered(diagnostic, configuration)),
    ...unknownSettings(configuration),
    ...(dataDirectory === undefined ? [] : otherDataDirectory(conf, { ...configuration, dataDirectory })),
    ...(hasHba ? configuration.hba.diagnostics : []),
    ...(ident?.diagnostics ?? []),
    ...(hosts?.diagnostics ?? []),
    ...(hasHba ? mapsOf(configuration) : []),
    ...configuration.files.flatMap((file) => fileDiagnostics(file, configuration)),
    ...configuration.tlsFiles.flatMap((file) => tlsDiagnostics(file, configuration)),
  ];
}

/**
 * @internal Checks that a value is a configuration. A caller without type checks may pass another value.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertConfiguration(configuration: CheckedConfiguration, what: string): void {
  assertRecord(configuration, what);
  assertInstance(configuration.conf, ConfTree, `conf in ${what}`);
  assertList(configuration.files, `files in ${what}`);
  assertList(configuration.tlsFiles, `tlsFiles in ${what}`);
}

/** Diagnostics for rules that name a map which pg_ident.conf does not define, and for maps that no rule names. */
function mapsOf(input: CheckedConfiguration): readonly Diagnostic[] {
  if (input.hba.diagnostics.some(({ severity }) => severity === 'error')) return [];
  return lintMaps({ input, list: readRules(input, {}) }).map(diagnosticOf);
}

/**
 * Returns whether a diagnostic of a setting says that the server must be able to read a file, although the
 * configuration already tells whether the file can be read.
 */
function isAnswered({ code, file, range }: Diagnostic, { conf, files, tlsFiles }: CheckedConfiguration): boolean {
  if (code !== 'setting-unchecked') return false;
  return [...files, ...tlsFiles].some(({ setting, state }) => {
    if (setting === undefined || state === 'unread') return false;
    const { file: of, line } = conf.effective(setting) ?? {};
    return of !== undefined && of.options.file === file && line === range.start.line;
  });
}

/**
 * The diagnostic about TLS settings that are not known, because the server stops at an error in a file of settings. The
 * rules that need the settings, and the files that the settings name, are then not judged.
 */
function unknownSettings(configuration: CheckedConfiguration): readonly Diagnostic[] {
  const { conf, hasHba } = configuration;
  if (conf.isReadable) return [];
  const asksTls = hasHba && configuration.hba.rules.some(({ type }) => type === 'hostssl');
  if (!asksTls && parseBool(conf.effective('ssl')?.value ?? '') !== true) return [];
  const message =
    'The server does not load its settings because of an error in a file, so the values of ssl, ssl_ca_file and other settings are not known. Rules and TLS files that depend on them are not checked. Correct the error';
  return [settingDiagnostic(conf, undefined, { code: 'configuration-settings-unknown', severity: 'info', message })];
}

/** The files that every server needs to start. */
const required = ['postgresql.conf', 'pg_hba.conf'];

function fileDiagnostics(file: ConfigurationFile, configuration: CheckedConfiguration): readonly Diagnostic[] {
  const { path, setting, state } = file;
  const isMain = path === configuration.conf.main.options.file;
  const isHba = setting === 'hba_file';
  if (state === 'unread' && (isMain || setting !== undefined || path.endsWith('auto.conf'))) {
    const why = isRelative(file, configuration)
      ? relativePath(setting!)
      : file.reason === undefined
        ? ''
        : `. ${file.reason}`;
    const message = `${path} was not read, so its content is unknown${why}`;
    return [
      settingDiagnostic(configuration.conf, setting, {
        code: 'configuration-file-unread',
        severity: 'info',
        message: message,
      }),
    ];
  }
  if (state !== 'missing' || !(isMain || isHba)) return [];
  if (isHba && !configuration.conf.isWhole) {
    const message = `There is no pg_hba.conf at ${path}, but ${configuration.conf.isReadable ? 'a file that was not read' : 'a line that the server cannot read'} may name another place`;
    return [
      settingDiagnostic(configuration.conf, setting, {
        code: 'configuration-file-unread',
        severity: 'info',
        message: message,
      }),
    ];
  }
  const message = `The server does not start: ${isMain ? required[0] : required[1]} is not at ${path}${isMain ? elsewhere : ''}`;
  return [
    settingDiagnostic(configuration.conf, setting, {
      code: 'configuration-file-missing',
      severity: 'error',
      message: message,
    }),
  ];
}

/** On Debian, postgresql.conf is not in the data directory. */
const elsewhere =
  '. If the server is started with a postgresql.conf in another directory, give its path as `conf`; locateConfiguration looks for the file';

/** Whether a setting gives the path of an authentication file relative to an unknown directory. */
function isRelative({ path, setting }: ConfigurationFile, { conf }: CheckedConfiguration): boolean {
  return setting !== undefined && !isAbsolutePath(path) && conf.effective(setting)?.value === path;
}

function relativePath(setting: string): string {
  return `. The path in ${setting} is relative to the directory in which the server was started, which is not known. Write an absolute path`;
}

function tlsDiagnostics(file: TlsFile, configuration: CheckedConfiguration): readonly Diagnostic[] {
  const { path, setting, state, named, kind } = file;
  const ofFile = (diagnostic: Pick<Diagnostic, 'code' | 'severity' | 'message'>) => [
    tlsFileDiagnostic(configuration.conf, file, diagnostic),
  ];
  if (replacedByHosts.includes(setting) && replacesSettings(configuration.hosts)) return [];
  const isKey = setting === 'ssl_key_file' || named?.field === 'privateKey';
  if (state === 'missing' || (isKey && kind === 'other')) {
    const found =
      kind === undefined
        ? `the file of ${namerOf(file)} is not at ${path}`
        : `${path} of ${namerOf(file)} is ${kind === 'directory' ? 'a directory. Replace the directory by a file' : 'not a regular file. Replace it by a file'}`;
    const message = `The server does not start: ssl is on, and ${found}`;
    return ofFile({ code: 'configuration-file-missing', severity: 'error', message });
  }
  // The server checks mode and owner of the key before it reads the key.
  const why = isKey ? keyProblem(file, configuration) : undefined;
  if (why !== undefined) {
    return ofFile({ code: 'ssl-key-permissions', severity: 'error', message: `The server does not start: ${why}` });
  }
  if (isUnreadable(file, configuration)) {
    const message = `The server does not start: its account, user id ${configuration.owner!.uid}, cannot read ${path} of ${namerOf(file)}. Give the file to that account`;
    return ofFile({ code: 'ssl-file-permissions', severity: 'error', message });
  }
  if (state !== 'unread') return [];
  const message = `${path} was not read, so it is unknown whether the server starts`;
  return ofFile({ code: 'configuration-file-unread', severity: 'info', message });
}

/**
 * @internal Whether the mode and the owner of a file keep the account of the server from reading the file. A file that
 * its group may read counts as readable, because the groups of the account are not known.
 */
export function isUnreadable(
  { mode, owner }: TlsFile,
  { owner: account }: Pick<CheckedConfiguration, 'owner'>,
): boolean {
  if (mode === undefined || owner === undefined || account === undefined || account.uid === 0) return false;
  return (mode & (owner.uid === account.uid ? 0o400 : 0o044)) === 0;
}

/**
 * @internal The reason why the server refuses the mode or owner of a private key file. `undefined` if the server
 * accepts both, or if they are not known.
 *
 * @see `check_ssl_key_file_permissions` in be-secure-common.c
 */
export function keyFileFault(
  { mode, owner }: TlsFile,
  { owner: account }: Pick<CheckedConfiguration, 'owner'>,
): 'owner' | 'mode' | undefined {
  if (mode === undefined || owner === undefined || account === undefined) return undefined;
  if (owner.uid !== 0 && owner.uid !== account.uid) return 'owner';
  const user = owner.uid === 0 && account.uid !== 0 ? 'root' : 'own';
  return (mode & forbiddenKeyFileBits[user]) === 0 ? undefined : 'mode';
}

function keyProblem(file: TlsFile, configuration: CheckedConfiguration): string | undefined {
  const { path, owner } = file;
  switch (keyFileFault(file, configuration)) {
    case undefined:
      return undefined;
    case 'owner':
      return `the private key ${path} must belong to the account of the server or to root`;
    case 'mode': {
      const isOfRoot = owner?.uid === 0 && configuration.owner?.uid !== 0;
      const most = isOfRoot ? '640' : '600';
      return `the private key ${path} can be used by group or others. Its mode must be ${most} or less`;
    }
  }
}
