import { toHex } from '../asn1/bytes.ts';
import { decodePem, pemText } from '../asn1/pem.ts';
import { PgHostsslError, unlessInvalid } from '../errors.ts';
import { formatName } from '../names/format-name.ts';
import { readCertificate } from '../pki/certificate/certificate.ts';
import { inspectCertificate } from '../pki/certificate/inspect.ts';
import { type CheckRevocationOptions, revocationProblems } from '../pki/revocation/check-revocation.ts';
import { serverCrlBlocks, serverCrls } from '../pki/revocation/crl.ts';
import { isDelta } from '../pki/revocation/crl-scope.ts';
import { isHashedCertificateName, nameHash, parseHashedCrlName } from '../pki/revocation/file-name.ts';
import { type CrlDirectory, type CrlTexts, findCrlFiles } from './crl-directory.ts';
import { certificatesIn, type Finding, type PemFile, unlessDamaged } from './pem-file.ts';

/** The CRLs of a server, with the CA certificates that issued them. */
interface ServerCrls {
  readonly crl: PemFile | undefined;
  /** The files of CA certificates: several files if the records of pg_hosts.conf (19) name several files. */
  readonly roots: readonly PemFile[];
  readonly directory: CrlDirectory | undefined;
}

type CrlOptions = Pick<CheckRevocationOptions, 'at' | 'warnDays' | 'provider'>;

/** Checks the CRLs of `ssl_crl_file` and `ssl_crl_dir`. The server uses both. */
export async function checkCrls(crls: ServerCrls, options: CrlOptions): Promise<readonly Finding[]> {
  return [...trustedByWay(crls), ...deltaCrls(crls), ...(await checkRevocations(crls, options))];
}

/**
 * @internal The CRLs that the server finds for chains of these certificates, in `ssl_crl_file` and in `ssl_crl_dir`;
 * `undefined` if not all of them are known.
 *
 * @param own the text of `ssl_crl_file`, if the setting names a file
 */
export function crlsFor(
  certificates: string,
  own: string | undefined,
  directory: CrlDirectory | undefined,
): string | undefined {
  if (directory === undefined) return own;
  const { found, behind } = filesFor(certificates, directory);
  return directory.state === 'unread' || behind.size > 0 ? undefined : [own ?? '', ...found.values()].join('\n');
}

/** A file that OpenSSL reads because of `ssl_crl_file` or `ssl_crl_dir`. */
interface CrlSource {
  /** The file, or the directory, that the setting names. */
  readonly file: PemFile['file'];
  readonly path: string;
  readonly text: string;
}

/** The file of CRLs, and the files in the directory of CRLs whose names pass a test. */
function sourcesOf({ crl, directory }: ServerCrls, isNamed: (name: string) => boolean): readonly CrlSource[] {
  const own = crl === undefined ? [] : [{ file: crl.file, path: crl.file.path, text: crl.text }];
  const file = directory && { setting: 'ssl_crl_dir', path: directory.path, state: directory.state };
  const named = (directory?.files ?? []).filter(({ name }) => isNamed(name));
  const others = named.map((each) => ({
    file: file!,
    path: `${directory!.path}/${each.name}`,
    text: pemText(each.content()) ?? '',
  }));
  return [...own, ...others];
}

/**
 * Warnings about CA certificates in the file or directory of CRLs. OpenSSL adds them to the certificates that the
 * server trusts. A certificate of an intermediate CA alone lets nobody in, so it has no warning.
 */
function trustedByWay(crls: ServerCrls): readonly Finding[] {
  const known = new Set(crls.roots.flatMap(({ text }) => certificatesIn(text).map(contentOf)));
  return sourcesOf(crls, isHashedCertificateName).flatMap(({ file, path, text }) =>
    certificatesIn(text).flatMap((certificate): readonly Finding[] => {
      const subject = subjectOfRoot(certificate);
      if (subject === undefined || known.has(contentOf(certificate))) return [];
      const message = `The server also trusts the CA certificate of "${subject}", because ${path} holds it, among the CRLs. Remove the certificate, or move it to ssl_ca_file`;
      return [{ file, code: 'ssl-crl-file-trusted', severity: 'warning', message }];
    }),
  );
}

/** Warnings about delta CRLs, for which a server with an older OpenSSL may pass over a complete CRL. */
function deltaCrls(crls: ServerCrls): readonly Finding[] {
  const isCrlName = (name: string): boolean => parseHashedCrlName(name) !== undefined;
  return sourcesOf(crls, isCrlName).flatMap(({ file, path, text }): readonly Finding[] => {
    if (!serverCrlBlocks(text).some((block) => isDeltaCrl(block.text))) return [];
    const message = `${path} holds a delta CRL, which lists only changes. OpenSSL up to 3.0.20 uses it as if it were complete, so clients whose certificates only the complete CRL revokes may get in. Newer versions ignore it. Remove the delta CRL`;
    return [{ file, code: 'ssl-crl-delta', severity: 'warning', message }];
  });
}

/** Whether a CRL is a delta CRL. Another check reports a CRL that is not readable. */
function isDeltaCrl(pem: string): boolean {
  const crls = unlessInvalid(() => serverCrls(pem), 'crl-invalid') ?? [];
  return crls.some(({ extensions }) => isDelta(extensions));
}

/** The bytes of a certificate as text, to compare certificates in whatever form their PEM text has. */
function contentOf(pem: string): string {
  return toHex(decodePem(pem)[0]!.der);
}

/** The subject of a root certificate; `undefined` for any other certificate, and for one that is not readable. */
function subjectOfRoot(pem: string): string | undefined {
  const certificate = unlessInvalid(() => inspectCertificate(pem), 'certificate-invalid');
  return certificate?.isSelfIssued ? formatName(certificate.subject, 'rfc4514') : undefined;
}

async function checkRevocations(
  { crl, roots, directory }: ServerCrls,
  options: CrlOptions,
): Promise<readonly Finding[]> {
  const ca = roots.length === 1 ? roots[0] : undefined;
  if (directory === undefined) return await unlessDamaged(crl, 'crl-invalid', (own) => judge(own, ca, options));
  const damage = await unlessDamaged(crl, 'crl-invalid', async ({ text }) => {
    serverCrls(text);
    return [];
  });
  if (damage.length > 0 || directory.state === 'unread' || ca === undefined || ca.fault !== undefined) return damage;
  const { found, behind } = filesFor(ca.text, directory);
  const file = { setting: 'ssl_crl_dir', path: directory.path, state: directory.state };
  const judgeFiles = (files: CrlTexts) => {
    const text = [crl?.text ?? '', ...files.values()].join('\n');
    return judge({ file, text }, ca, options);
  };
  const findings = await judgeFiles(found);
  if (behind.size > 0) {
    const all = await judgeFiles(new Map([...found, ...behind]));
    if ((all.length === 0) !== (findings.length === 0)) {
      return [dependsOnOpenssl(file, behind, all.length === 0 ? 'continues' : 'stops')];
    }
  }
  const others = directory.names.filter((name) => !found.has(name));
  if (findings.length === 0 || others.length === 0) return findings;
  const [first] = findings;
  const names = others.length > 3 ? `${others.slice(0, 3).join(', ')}, …` : others.join(', ');
  const rest = `OpenSSL finds a CRL in ${directory.path} only by the hash of its issuer (<hash>.r0 and so on), and ignores ${names}. Run "openssl rehash ${directory.path}"`;
  return [{ ...first!, message: `${first!.message}. ${rest}` }, ...findings.slice(1)];
}

/** The finding that the files after a file that does not load decide whether the server accepts client certificates. */
function dependsOnOpenssl(file: PemFile['file'], behind: CrlTexts, need: 'continues' | 'stops'): Finding {
  const names = [...behind.keys()].join(', ');
  const message =
    `It is not known whether the server finds its CRLs in ${file.path}: older versions of OpenSSL stop at a file that does not load, ` +
    `and newer versions continue with ${names}. The server accepts client certificates only if its OpenSSL ${need}. ` +
    'Replace or remove the file that does not load';
  return { file, code: 'tls-crl-refuses', severity: 'info', message };
}

async function judge(crl: PemFile, ca: PemFile | undefined, options: CrlOptions): Promise<readonly Finding[]> {
  if (ca === undefined || ca.fault !== undefined) return [];
  const problems = await revocationProblems({ authorities: ca.text, crls: crl.text, ...options }).catch((error) => {
    if (error instanceof PgHostsslError && error.code === 'certificate-invalid') return [];
    throw error;
  });
  return problems.map(({ message }) => ({
    file: crl.file,
    code: 'tls-crl-refuses',
    severity: 'warning',
    message: `The CRLs in ${crl.file.path}: ${message}`,
  }));
}

/**
 * The files in the directory of CRLs that OpenSSL loads for these CAs. `behind` holds the files after a file that does
 * not load.
 */
function filesFor(authorities: string, { files }: CrlDirectory): ReturnType<typeof findCrlFiles> {
  const hashes = certificatesIn(authorities).flatMap((authority) => hashOf(authority) ?? []);
  return findCrlFiles(hashes, (name) => files.find((file) => file.name === name)?.content());
}

/**
 * The hash of a CA's subject, which is a part of CRL file names. `undefined` for an unreadable certificate, which
 * another check reports.
 */
function hashOf(authority: string): string | undefined {
  return unlessInvalid(() => nameHash(readCertificate(authority).subject), 'certificate-invalid');
}
