import type { AccessInput } from '../access/rules/input.ts';
import { given } from '../arguments.ts';
import { parseBool } from '../c/boolean.ts';
import type { CheckBundleOptions } from '../client/check/check-bundle.ts';
import type { CauseCode, DiagnosticCode } from '../codes.ts';
import { knownSetting, readsHosts } from '../conf/server/server-facts.ts';
import type { ConfAssignment, ConfTree } from '../conf/tree.ts';
import { checkConfiguration } from '../configuration/check.ts';
import { checkCertificates } from '../configuration/check-certificates.ts';
import { crlsFor } from '../configuration/check-crls.ts';
import { keyFileFault, usesFilesOfSettings } from '../configuration/check-tls-file.ts';
import type { CheckedConfiguration, TlsFile } from '../configuration/checked-configuration.ts';
import { hasCaForClients } from '../configuration/hosts-files.ts';
import { readPem } from '../configuration/pem-file.ts';
import type { PgHostsslError } from '../errors.ts';
import type { HostsFile } from '../hosts/file.ts';
import { matchesKey } from '../pki/certificate/matches-key.ts';
import { type Diagnostic, isError } from '../text/diagnostic.ts';
import { type CauseFinding, fault, intended, none } from './finding.ts';

type Moment = Pick<CheckBundleOptions, 'at' | 'provider'>;

/** The findings about causes that follow from the files of the server alone. */
export async function configurationFindings(
  { hba, conf }: Partial<AccessInput>,
  whole: CheckedConfiguration | undefined,
  moment: Moment,
): Promise<readonly CauseFinding[]> {
  return [
    ...(hba === undefined ? [] : refusalFindings('hba-refused', hba, 'pg_hba.conf')),
    ...(whole?.hosts === undefined ? [] : refusalFindings('hosts-refused', whole.hosts, 'pg_hosts.conf')),
    ...(conf === undefined ? [] : refusalFindings('conf-refused', conf, 'postgresql.conf')),
    ...(conf === undefined ? [] : settingFindings(conf, whole)),
    ...(whole === undefined ? [] : await tlsFileFindings(whole, moment)),
  ];
}

/**
 * The lines that the server refuses. If there are none, the cause is not ruled out, because the build of the server, an
 * unknown setting, an unread file, or a setting that needs a restart may be the reason.
 */
function refusalFindings(
  cause: CauseCode,
  { diagnostics }: { readonly diagnostics: readonly Diagnostic[] },
  name: string,
): readonly CauseFinding[] {
  const errors = diagnostics.filter(isError);
  if (errors.length === 0) return [];
  return [[cause, fault(errors.map(({ range, code, file = name }) => `${file} line ${range.start.line}: ${code}`))]];
}

/**
 * The settings that can turn TLS or client certificates off. `isOn` says whether a value turns them on, and `cause` is
 * the cause if the setting is off.
 */
const switches: readonly {
  readonly name: 'ssl' | 'ssl_ca_file';
  readonly isOn: (value: string) => boolean;
  readonly cause: CauseCode;
  readonly off: string;
}[] = [
  {
    name: 'ssl',
    isOn: (value) => parseBool(value) === true,
    cause: 'server-without-tls',
    off: 'ssl is off in the files',
  },
  { name: 'ssl_ca_file', isOn: (value) => value !== '', cause: 'ca-file-unset', off: 'ssl_ca_file is empty' },
];

function settingFindings(conf: ConfTree, whole: CheckedConfiguration | undefined): readonly CauseFinding[] {
  // Without pg_hosts.conf (19), it is not known whether the server uses ssl_ca_file while ssl_sni is on.
  const usesSettings = whole === undefined ? readsHosts(conf) === false || undefined : usesFilesOfSettings(whole);
  const hidden: string[] = [];
  const used = usesSettings === true ? switches : switches.filter(({ name }) => name !== 'ssl_ca_file');
  const entries = used.flatMap(({ name, isOn, cause, off }): readonly CauseFinding[] => {
    const setting = knownSetting(conf, name);
    if (setting === undefined) return [];
    if (isOn(setting.value)) return [[cause, none()]];
    const line = setting.overrides.findLast(({ value }) => isOn(value));
    if (line === undefined) return [[cause, fault([off])]];
    hidden.push(`${placeOf(setting)} turns ${name} off, and overrides ${placeOf(line)}`);
    return [];
  });
  const found = usesSettings === false ? [...entries, ...hostsCaFindings(conf, whole?.hosts)] : entries;
  if (hidden.length > 0) return [...found, ['setting-hidden', fault(hidden)]];
  // If postgresql.auto.conf was not given, the values that ALTER SYSTEM has set are not known.
  const isKnown = conf.isWhole && conf.auto !== undefined && usesSettings !== undefined;
  return isKnown ? [...found, ['setting-hidden', none()]] : found;
}

/** The finding about the CA files that the records of pg_hosts.conf (19) name, in place of `ssl_ca_file`. */
function hostsCaFindings(conf: ConfTree, hosts: HostsFile | undefined): readonly CauseFinding[] {
  const hasCa = hasCaForClients(conf, hosts);
  if (hasCa === undefined) return [];
  return [['ca-file-unset', hasCa ? none() : fault(['No record of pg_hosts.conf names a CA file'])]];
}

function placeOf({ source, file, line }: ConfAssignment): string {
  if (source === 'command-line') return 'the command line';
  return `${file?.options.file ?? (source === 'auto' ? 'postgresql.auto.conf' : 'postgresql.conf')} line ${line}`;
}

/** The cause for each diagnostic of `checkConfiguration` and `checkCertificates`. */
const diagnosticCauses: readonly (readonly [CauseCode, DiagnosticCode])[] = [
  ['server-key-mismatch', 'ssl-key-mismatch'],
  ['server-key-encrypted', 'ssl-key-encrypted'],
  ['server-file-damaged', 'ssl-file-invalid'],
];

async function tlsFileFindings(configuration: CheckedConfiguration, moment: Moment): Promise<readonly CauseFinding[]> {
  const { tlsFiles } = configuration;
  // If the server uses pg_hosts.conf (19), it uses the files that pg_hosts.conf names instead of the files of the
  // settings.
  if (tlsFiles.length === 0 || usesFilesOfSettings(configuration) !== true) return [];
  const ofCertificates = await checkCertificates(configuration, moment);
  const ofFiles = checkConfiguration(configuration);
  const isRead = tlsFiles.every(({ state }) => state === 'read');
  const missing = tlsFiles.filter(({ state }) => state === 'missing');
  const keyState = await serverKeyState(configuration, moment);
  const finding = (cause: CauseCode, details: readonly string[], isKnown = isRead): readonly CauseFinding[] => {
    if (details.length > 0) return [[cause, fault(details)]];
    return isKnown ? [[cause, none()]] : [];
  };
  const unreadable = messagesOf(ofFiles, 'ssl-file-permissions');
  return [
    ...(keyState === 'encrypted' ? [['server-key-encrypted', intended([encryptedKey])] as const] : []),
    ...diagnosticCauses.flatMap(([cause, code]) =>
      finding(cause, messagesOf(ofCertificates, code), isRead && keyState === 'compared'),
    ),
    ...finding(
      'server-file-missing',
      missing.map(({ setting, path }) => `${setting}: ${path}`),
    ),
    ...keyFindings(configuration, messagesOf(ofFiles, 'ssl-key-permissions')),
    ...(unreadable.length === 0 ? [] : [['server-file-permission', fault(unreadable)] as const]),
  ];
}

/** The detail for an encrypted key, which is a fault only if the error texts say that the server could not load it. */
const encryptedKey =
  'The private key of the server is encrypted: ssl_passphrase_command must print its passphrase, and a reload uses the command only if ssl_passphrase_command_supports_reload is on';

/** Whether the private key of the server could be compared with its certificate. */
async function serverKeyState(
  { tlsFiles }: CheckedConfiguration,
  { provider }: Moment,
): Promise<'compared' | 'encrypted' | 'unknown'> {
  const fileOf = (name: string) => tlsFiles.find(({ setting }) => setting === name);
  const certificate = readPem(fileOf('ssl_cert_file'), 'x509');
  const key = fileOf('ssl_key_file')?.content?.();
  if (certificate === undefined || key === undefined) return 'unknown';
  try {
    await matchesKey(certificate.text, key, { provider });
    return 'compared';
  } catch (error) {
    return (error as Partial<PgHostsslError>).code === 'passphrase-missing' ? 'encrypted' : 'unknown';
  }
}

function messagesOf(diagnostics: readonly Diagnostic[], code: DiagnosticCode): readonly string[] {
  return diagnostics.flatMap((diagnostic) => (diagnostic.code === code ? [diagnostic.message] : []));
}

/** @param messages the messages about the permissions of the key file */
function keyFindings(configuration: CheckedConfiguration, messages: readonly string[]): readonly CauseFinding[] {
  const key = configuration.tlsFiles.find(({ setting }) => setting === 'ssl_key_file');
  if (key?.mode === undefined || key.owner === undefined || configuration.owner === undefined) return [];
  const found = keyFileFault(key, configuration);
  return (['owner', 'mode'] as const).map((kind): CauseFinding => {
    return [`server-key-file-${kind}`, found === kind ? fault(messages) : none()];
  });
}

/**
 * The certificates and CRLs of the server for `checkBundle`, from the files that the settings name.
 *
 * @param chain the certificates of the client
 */
export function serverParts(
  configuration: CheckedConfiguration | undefined,
  chain: string,
): Pick<CheckBundleOptions, 'serverCertificate' | 'serverCa' | 'crls'> {
  if (configuration === undefined || usesFilesOfSettings(configuration) !== true) return {};
  const { tlsFiles, crlDirectory } = configuration;
  const [serverCertificate, serverCa, crl] = ['ssl_cert_file', 'ssl_ca_file', 'ssl_crl_file'].map((name) =>
    tlsFiles.find(({ setting }) => setting === name),
  );
  const [ca, own] = [textOf(serverCa), textOf(crl)];
  const isCrlRead = crl === undefined || own !== undefined;
  const crls = isCrlRead ? crlsFor([chain, ca].join('\n'), own, crlDirectory) : undefined;
  return given({ serverCertificate: textOf(serverCertificate), serverCa: ca, crls });
}

function textOf(file: TlsFile | undefined): string | undefined {
  const content = file?.content?.();
  return content === undefined ? undefined : new TextDecoder().decode(content);
}
