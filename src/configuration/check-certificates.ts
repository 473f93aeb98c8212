import { appendAll } from '../append-all.ts';
import { assertDate, assertProperties, type PropertyNames } from '../arguments.ts';
import { pemText } from '../asn1/pem.ts';
import { copyArgument } from '../copy-argument.ts';
import { PgHostsslError, unlessInvalid } from '../errors.ts';
import { readCertificate } from '../pki/certificate/certificate.ts';
import { inspectCertificate } from '../pki/certificate/inspect.ts';
import { isForPurpose, type Purpose } from '../pki/certificate/key-usage.ts';
import { matchesKey } from '../pki/certificate/matches-key.ts';
import { day } from '../pki/certificate/validity.ts';
import { type ProviderOptions, readClock } from '../pki/provider/provider.ts';
import { type ChainProblem, isAboutRoots } from '../pki/verify/chain-problem.ts';
import { verifyChain } from '../pki/verify/verify-chain.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { checkCrls } from './check-crls.ts';
import { usesFilesOfSettings } from './check-tls-file.ts';
import { assertConfiguration, type CheckedConfiguration, type TlsFile } from './checked-configuration.ts';
import { type HostsFileUse, replacedByHosts, tlsFileDiagnostic } from './hosts-files.ts';
import { certificatesIn, type Finding, type PemFile, readPem, unlessDamaged, unloadable } from './pem-file.ts';
import { hasPassphraseCommand } from './server-settings.ts';

/** Options of {@link checkCertificates}. */
export interface CheckCertificatesOptions extends ProviderOptions {
  /** The moment at which the certificates and CRLs have to be valid; now if not given. */
  readonly at?: Date | undefined;
  /** The number of days before the end of a certificate or CRL from which on a warning is given; 7 if not given. */
  readonly warnDays?: number | undefined;
}

const optionNames: PropertyNames<CheckCertificatesOptions> = { at: true, warnDays: true, provider: true };

/**
 * Checks the content of the files that the TLS settings name, if `ssl` is on: certificates, private key and CRLs. An
 * `error` means that the server does not start. A `warning` means that clients refuse the server, or that the server
 * refuses every client certificate, now or soon. (`checkConfiguration` checks where the files are, and who can read the
 * key.) In the directory of `ssl_crl_dir` (14 and later), the server finds only files that are named by hash, as
 * `openssl rehash` names them. Files that were not read are not checked. If pg_hosts.conf (19) has records, the files
 * that these records name are checked instead of the files that the settings name.
 *
 * @param configuration the result of `readConfiguration`, or a configuration from the contents of all its files
 * @returns the diagnostics at the records of pg_hosts.conf, or at the settings `ssl_cert_file`, `ssl_key_file`,
 * `ssl_ca_file`, `ssl_crl_file` and `ssl_crl_dir`
 * @throws PgHostsslError `argument-invalid`; `validity-invalid` for an invalid `at`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { checkCertificates, Configuration } from 'pg-hostssl/configuration';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['db.example.com'], validity: { days: 90 } });
 * const contents = {
 *   '/data/postgresql.conf': 'ssl = on\n',
 *   '/data/postgresql.auto.conf': null,
 *   '/data/pg_hba.conf': 'hostssl all all all scram-sha-256\n',
 *   '/data/server.crt': chain,
 *   '/data/server.key': privateKey.toPem(),
 * };
 * const configuration = Configuration.fromContents(contents, { dataDirectory: '/data', version: 18 });
 * assert.deepEqual(await checkCertificates(configuration), []);
 * const inHalfAYear = new Date(Date.now() + 180 * 86_400_000);
 * const [diagnostic] = await checkCertificates(configuration, { at: inHalfAYear });
 * assert.equal(diagnostic?.code, 'ssl-certificate-refused');
 * ```
 */
export async function checkCertificates(
  configuration: CheckedConfiguration,
  options: CheckCertificatesOptions = {},
): Promise<readonly Diagnostic[]> {
  assertProperties(options, optionNames, 'options of checkCertificates');
  if (options.warnDays !== undefined && !Number.isFinite(options.warnDays)) {
    throw new PgHostsslError('argument-invalid', 'warnDays of checkCertificates must be a number of days');
  }
  if (options.at !== undefined) assertDate(options.at, 'at of checkCertificates');
  assertConfiguration(configuration, 'the configuration of checkCertificates');
  configuration = copyArgument(configuration);
  options = copyArgument(options);
  const triples = triplesOf(configuration);
  const findings: Finding[] = [];
  for (const { certificate: file, privateKey, ca: roots } of triples) {
    const [certificate, ca] = [readPem(file, 'x509'), readPem(roots, 'x509')];
    findings.push(
      ...(await checkServerFile(certificate, ca, options)),
      ...(await checkKeyFile(privateKey, certificate, configuration, options)),
      ...(await checkCaFile(ca, options)),
    );
  }
  // With pg_hosts.conf, each host has its own CA certificates, but all hosts share the CRLs.
  const roots = triples.flatMap(({ ca }) => readPem(ca, 'x509') ?? []);
  const crlFile = configuration.tlsFiles.find(({ setting }) => setting === 'ssl_crl_file');
  const crl = readPem(crlFile, 'crl');
  appendAll(findings, await checkCrls({ crl, roots, directory: configuration.crlDirectory }, options));
  return findings.map(({ file, ...finding }) => tlsFileDiagnostic(configuration, file, finding));
}

/** Files that belong together: a certificate, its private key, and the CA certificates for clients. */
interface Triple {
  readonly certificate: TlsFile | undefined;
  readonly privateKey: TlsFile | undefined;
  readonly ca: TlsFile | undefined;
}

/**
 * The files of each record in pg_hosts.conf. If pg_hosts.conf has no records, the files that the settings name. If
 * pg_hosts.conf was not read, none.
 */
function triplesOf(configuration: CheckedConfiguration): readonly Triple[] {
  const { tlsFiles: files } = configuration;
  if (usesFilesOfSettings(configuration) === true) {
    const [certificate, privateKey, ca] = replacedByHosts.map((name) => files.find(({ setting }) => setting === name));
    return [{ certificate, privateKey, ca }];
  }
  const records = new Set(files.flatMap(({ named }) => (named === undefined ? [] : [named.record])));
  return [...records].map((record) => {
    const fileIn = (field: HostsFileUse['field']) =>
      files.find(({ named }) => named?.record === record && named.field === field);
    return { certificate: fileIn('certificate'), privateKey: fileIn('privateKey'), ca: fileIn('ca') };
  });
}

function checkServerFile(
  certificate: PemFile | undefined,
  ca: PemFile | undefined,
  options: CheckCertificatesOptions,
): Promise<readonly Finding[]> {
  return unlessDamaged(certificate, 'certificate-invalid', async ({ file, text }) => {
    // An unreadable CA certificate is a fault of the CA file, which `checkCaFile` reports.
    const isReadable = (one: string): boolean =>
      unlessInvalid(() => readCertificate(one), 'certificate-invalid') !== undefined;
    const roots = [text, ...certificatesIn(ca?.text ?? '').filter(isReadable)].join('\n');
    const problems = await chainProblems(text, roots, 'serverAuth', options);
    // The clients of the server may trust other roots than the server does.
    const faults = problems.filter(({ code }) => !isAboutRoots(code)).map(({ message }) => message);
    const { dnsNames, ipAddresses } = inspectCertificate(text);
    const nameless = `The certificate ${file.path} has no DNS name and no address: clients compare its common name, or refuse it (Go)`;
    // OpenSSL checks the strength of each certificate in the file when the server loads it.
    const loaded = certificatesIn(text).length;
    const isWeak = problems.some(({ code, depth }) => /^(?:key|signature)-weak$/.test(code) && depth < loaded);
    const effect = isWeak
      ? 'a server with an OpenSSL of security level 2, as in Debian and Ubuntu, does not start with it, and clients that verify the server refuse it'
      : 'clients that verify the server refuse it';
    return [
      ...refused(file, faults, 'the server certificate', effect),
      ...(faults.length > 0 ? [] : endsSoon(file, [text], options)),
      ...(dnsNames.length + ipAddresses.length > 0
        ? []
        : [{ file, code: 'ssl-certificate-without-host', severity: 'info', message: nameless } as const]),
    ];
  });
}

/**
 * @internal The problems of the server certificate that do not depend on the roots of its clients. The list is empty if
 * the certificate file was not read, if the server cannot load the file, or if it is not certain that the server uses
 * the file.
 */
export async function serverCertificateProblems(
  configuration: CheckedConfiguration,
  options: CheckCertificatesOptions,
): Promise<readonly ChainProblem[]> {
  const file = configuration.tlsFiles.find(({ setting }) => setting === 'ssl_cert_file');
  const certificate = readPem(file, 'x509');
  if (certificate === undefined || certificate.fault !== undefined) return [];
  if (usesFilesOfSettings(configuration) !== true) return [];
  const { text } = certificate;
  try {
    const problems = await chainProblems(text, text, 'serverAuth', options);
    return problems.filter(({ code, depth }) => depth === 0 && !isAboutRoots(code));
  } catch (error) {
    if (error instanceof PgHostsslError && error.code === 'certificate-invalid') return [];
    throw error;
  }
}

async function checkKeyFile(
  file: TlsFile | undefined,
  certificate: PemFile | undefined,
  { conf }: CheckedConfiguration,
  { provider }: CheckCertificatesOptions,
): Promise<readonly Finding[]> {
  const content = file?.content?.();
  if (file === undefined || content === undefined || certificate === undefined) return [];
  if (certificate.fault !== undefined) return [];
  if (pemText(content) === undefined) {
    const fault = 'is DER, but the server reads only PEM. Convert the file: openssl pkey -inform DER -in old -out new';
    return [unloadable(file, fault)];
  }
  try {
    if (await matchesKey(certificate.text, content, { provider })) return [];
    const message = `The server does not start: the private key ${file.path} does not belong to the certificate ${certificate.file.path}`;
    return [{ file, code: 'ssl-key-mismatch', severity: 'error', message }];
  } catch (error) {
    const { code } = error as Partial<PgHostsslError>;
    if (code === 'private-key-invalid') return [unloadable(file, 'holds no private key that OpenSSL reads')];
    if (code === 'key-algorithm-unsupported' || code === 'certificate-invalid') return [];
    if (code !== 'passphrase-missing') throw error;
    // The record in pg_hosts.conf, or the setting, names the command that prints the passphrase.
    if (file.named?.record.passphraseCommand !== undefined || hasPassphraseCommand(conf)) return [];
    const message = `The private key ${file.path} is encrypted: the server asks for the passphrase when it starts, and cannot reload the key`;
    return [{ file, code: 'ssl-key-encrypted', severity: 'warning', message }];
  }
}

function checkCaFile(ca: PemFile | undefined, options: CheckCertificatesOptions): Promise<readonly Finding[]> {
  return unlessDamaged(ca, 'certificate-invalid', async ({ file, text }) => {
    const certificates = certificatesIn(text);
    const faults = await Promise.all(certificates.map((one) => caFaults(one, text, options)));
    const good = certificates.filter((_, i) => faults[i]!.length === 0);
    // One valid CA certificate is enough: an old root beside a new root does no harm.
    if (good.length > 0) return endsSoon(file, good, options);
    return refused(file, faults.flat(), 'each CA', 'the server refuses every client certificate');
  });
}

/** The reasons why the server cannot verify any client certificate of a CA. */
async function caFaults(ca: string, roots: string, options: CheckCertificatesOptions): Promise<readonly string[]> {
  const problems = await chainProblems(ca, roots, 'clientAuth', options);
  const faults = problems.filter(({ code, depth }) => code !== 'wrong-purpose' || depth > 0);
  const { extensions } = readCertificate(ca);
  const isForClients = isForPurpose(extensions, 'clientAuth', 'authority');
  const purpose = 'The extended key usage of the CA does not allow client certificates';
  return [...faults.map(({ message }) => message), ...(isForClients ? [] : [purpose])];
}

async function chainProblems(chain: string, roots: string, purpose: Purpose, options: CheckCertificatesOptions) {
  const { at, provider } = options;
  return (await verifyChain({ chain, roots, purpose, at, provider })).problems;
}

function refused(file: TlsFile, faults: readonly string[], what: string, effect: string): readonly Finding[] {
  if (faults.length === 0) return [];
  const message = `${file.path}: ${effect}, because of ${what}: ${[...new Set(faults)].join('; ')}`;
  return [{ file, code: 'ssl-certificate-refused', severity: 'warning', message }];
}

/** A warning if the certificate with the latest end expires soon. */
function endsSoon(file: TlsFile, texts: readonly string[], options: CheckCertificatesOptions): readonly Finding[] {
  const { at = readClock(options.provider?.now), warnDays = 7 } = options;
  let end = Number.NEGATIVE_INFINITY;
  for (const text of texts) end = Math.max(end, inspectCertificate(text).notAfter.getTime());
  if (end >= at.getTime() + warnDays * day) return [];
  const message = `${file.path}: the certificate expires at ${new Date(end).toISOString()}. Renew the certificate before then`;
  return [{ file, code: 'ssl-certificate-ends-soon', severity: 'warning', message }];
}
