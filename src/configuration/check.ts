import { diagnosticOf } from '../access/lint/finding.ts';
import { lintMaps } from '../access/lint/map-lints.ts';
import { readRules } from '../access/rules/read-rules.ts';
import { parseBool } from '../c/boolean.ts';
import { isAbsolutePath } from '../c/paths.ts';
import { isSettingOn, readsHosts } from '../conf/server/server-facts.ts';
import { type PlacelessDiagnostic, settingDiagnostic } from '../conf/server/setting-diagnostic.ts';
import type { ConfTree } from '../conf/tree.ts';
import { type Diagnostic, isError } from '../text/diagnostic.ts';
import type { ConfigurationFile } from './assemble.ts';
import { tlsFileProblem, usesFilesOfSettings } from './check-tls-file.ts';
import { assertConfiguration, type CheckedConfiguration } from './checked-configuration.ts';
import { dataDirectoryFiles } from './data-directory-files.ts';
import { tlsFileDiagnostic } from './hosts-files.ts';
import { otherDataDirectory } from './server-settings.ts';

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
    ...withoutRecords(configuration),
    ...(dataDirectory === undefined ? [] : otherDataDirectory(conf, { ...configuration, dataDirectory })),
    ...(hasHba ? configuration.hba.diagnostics : []),
    ...(ident?.diagnostics ?? []),
    ...(hosts?.diagnostics ?? []),
    ...(hasHba ? mapDiagnostics(configuration) : []),
    ...configuration.files.flatMap((file) => {
      const problem = fileProblem(file, configuration);
      return problem === undefined ? [] : [settingDiagnostic(conf, file.setting, problem)];
    }),
    ...configuration.tlsFiles.flatMap((file) => {
      const problem = tlsFileProblem(file, configuration);
      return problem === undefined ? [] : [tlsFileDiagnostic(configuration, file, problem)];
    }),
  ];
}

/** Diagnostics for rules that name a map which pg_ident.conf does not define, and for maps that no rule names. */
function mapDiagnostics(input: CheckedConfiguration): readonly Diagnostic[] {
  if (input.hba.diagnostics.some(isError)) return [];
  return lintMaps({ input, list: readRules(input, {}) }).map(diagnosticOf);
}

/**
 * Returns whether a diagnostic of a setting says that the server must be able to read a file, although the
 * configuration already tells whether the file can be read.
 */
function isAnswered({ code, file, range }: Diagnostic, { conf, files, tlsFiles }: CheckedConfiguration): boolean {
  if (code !== 'setting-unchecked') return false;
  return [...files, ...tlsFiles].some(({ setting, state }) => {
    // No function looks into the file of DH parameters.
    if (setting === undefined || setting === 'ssl_dh_params_file' || state === 'unread') return false;
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

/**
 * The error for an empty `ssl_cert_file` or `ssl_key_file` while `ssl_sni` is on, if pg_hosts.conf has no records that
 * name the files instead.
 */
function withoutRecords(configuration: CheckedConfiguration): readonly Diagnostic[] {
  const { conf } = configuration;
  if (isSettingOn(conf, 'ssl') !== true || readsHosts(conf) !== true) return [];
  const empty = ['ssl_cert_file', 'ssl_key_file'].find((name) => conf.effective(name)?.value === '');
  if (empty === undefined || usesFilesOfSettings(configuration) !== true) return [];
  const message = `The server does not start: ${empty} is empty, and pg_hosts.conf has no record`;
  return [settingDiagnostic(conf, empty, { code: 'setting-conflict', severity: 'error', message })];
}

/**
 * The diagnostic for a file of the configuration that is missing although no server starts without it, or that was not
 * read although its content may matter.
 */
function fileProblem(
  { path, setting, state, reason }: ConfigurationFile,
  { conf, dataDirectory }: CheckedConfiguration,
): PlacelessDiagnostic | undefined {
  const isMain = path === conf.main.options.file;
  const isAuto = dataDirectory !== undefined && path === dataDirectoryFiles(dataDirectory).autoConf;
  if (state === 'unread' && (isMain || isAuto || setting !== undefined)) {
    const why = isRelative(path, setting, conf) ? relativePath(setting!) : reason;
    const message = `${path} was not read, so its content is unknown${why === undefined ? '' : `. ${why}`}`;
    return { code: 'configuration-file-unread', severity: 'info', message };
  }
  const isHba = setting === 'hba_file';
  if (state !== 'missing' || !(isMain || isHba)) return undefined;
  if (isHba && !conf.isWhole) {
    const unknown = conf.isReadable ? 'a file that was not read' : 'a line that the server cannot read';
    const message = `There is no pg_hba.conf at ${path}, but ${unknown} may name another place`;
    return { code: 'configuration-file-unread', severity: 'info', message };
  }
  const what = isMain ? `postgresql.conf is not at ${path}. ${elsewhere}` : `pg_hba.conf is not at ${path}`;
  return { code: 'configuration-file-missing', severity: 'error', message: `The server does not start: ${what}` };
}

/** On Debian, postgresql.conf is not in the data directory. */
const elsewhere =
  'If the server is started with a postgresql.conf in another directory, give its path as `conf`; locateConfiguration looks for the file';

/** Whether a setting gives the path of an authentication file relative to an unknown directory. */
function isRelative(path: string, setting: string | undefined, conf: ConfTree): boolean {
  return setting !== undefined && !isAbsolutePath(path) && conf.effective(setting)?.value === path;
}

function relativePath(setting: string): string {
  return `The path in ${setting} is relative to the directory in which the server was started, which is not known. Write an absolute path`;
}
