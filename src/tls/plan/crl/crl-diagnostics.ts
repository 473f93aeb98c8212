import { readDer } from '../../../asn1/reader.ts';
import { isAbsolutePath, pathInDataDirectory } from '../../../c/paths.ts';
import { settingDiagnostic } from '../../../conf/server/setting-diagnostic.ts';
import { sameName } from '../../../names/canonical-name.ts';
import { encodeName } from '../../../names/name.ts';
import { readCertificate } from '../../../pki/certificate/certificate.ts';
import type { CertificateAuthority } from '../../../pki/issue/authority.ts';
import { type RevocationProblem, revocationProblems } from '../../../pki/revocation/check-revocation.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import { assertRootsLoad, inFile } from '../pem-files.ts';
import { planDiagnostic } from '../plan-diagnostic.ts';
import { isSslOn, pathFrom, setting } from '../settings/settings.ts';
import { type ConfiguredServer, placeOfCrls, unreadCrls } from './crl-files.ts';
import type { NextCrls } from './next-crls.ts';

/** The server whose CRLs are checked, and the time of the plan. */
interface CheckedCrls extends ConfiguredServer {
  readonly now: Date;
  /** A CA whose CRL is renewed in time, so that no diagnostic warns of the end of this CRL. */
  readonly renewed?: CertificateAuthority | undefined;
}

/**
 * Diagnostics about the server's CRLs. If the CRL of a CA is missing or has expired, the server refuses every
 * certificate of that CA.
 *
 * @param authorities the certificates that the server trusts after the plan, and the CA certificates of the chain, PEM
 * @param warnDays the number of days before the end of a CRL from which on a diagnostic warns of its end
 */
export async function crlDiagnostics(
  { now, renewed, ...configured }: CheckedCrls,
  authorities: string,
  crls: string,
  warnDays = 7,
): Promise<readonly Diagnostic[]> {
  const file = placeOfCrls(configured);
  assertRootsLoad(configured.server.ca.path, authorities);
  const found = await inFile(file, () => revocationProblems({ authorities, crls, at: now, warnDays }));
  const own = renewed && readCertificate(renewed.certificate).subject;
  const isRenewed = ({ code, authority }: RevocationProblem): boolean =>
    code === 'crl-expires-soon' &&
    own !== undefined &&
    authority !== undefined &&
    sameName(readDer(encodeName(authority)), own);
  const problems = found.filter((problem) => !isRenewed(problem));
  // Repeated messages are removed, because a CA may be both in the root file and in the chain.
  return [...new Set(problems.map(({ message }) => message))].map((message) =>
    planDiagnostic({ file }, 'tls-crl-refuses', 'warning', `${message}. planRevocation installs the next CRL`),
  );
}

/** Warnings about revocations that the server's next CRLs lack, although its former CRLs had them or may have had them. */
export function lostRevocations({ path, isLost, dropped }: NextCrls): readonly Diagnostic[] {
  const warning = (code: 'tls-crl-behind' | 'tls-no-longer-revoked', message: string): Diagnostic =>
    planDiagnostic({ file: path }, code, 'warning', message);
  const shown = dropped.slice(0, 5).join(', ');
  const more = dropped.length > 5 ? ` and ${dropped.length - 5} more` : '';
  const ofDropped = `The new CRL no longer revokes the serial numbers ${shown}${more}. The server accepts their certificates again, unless they have expired`;
  const ofLost =
    'The settings of the server name CRLs, but the server has no CRL of this CA. If a CRL of this CA was removed, its revocations are lost, unless the ledger or `crls` of the request has them';
  return [
    ...(dropped.length === 0 ? [] : [warning('tls-no-longer-revoked', ofDropped)]),
    ...(isLost ? [warning('tls-crl-behind', ofLost)] : []),
  ];
}

/** The diagnostic for a server whose `ssl_crl_dir` names a directory that the given `ServerState` does not hold. */
export function crlDirectoryDiagnostics(configured: ConfiguredServer): readonly Diagnostic[] {
  const { server, settings } = configured;
  if (!unreadCrls(configured).includes('ssl_crl_dir')) return [];
  const message =
    'The server reads CRLs from this directory, which is not part of the state of the server: whether they have expired or revoke a certificate is not known. Read the server with `readServer`';
  const file = pathInDataDirectory(server.dataDirectory, setting(settings, 'ssl_crl_dir')!);
  return [planDiagnostic({ file }, 'tls-crl-directory', 'warning', message)];
}

/**
 * The warning about a path in `ssl_crl_dir` that OpenSSL splits at a colon (`add_cert_dir` in crypto/x509/by_dir.c), so
 * that the server does not look into the directory. A plan that writes CRLs names the directory by its relative path.
 */
export function splitPathDiagnostics({ server, settings }: ConfiguredServer): readonly Diagnostic[] {
  const value = isSslOn(settings) ? (setting(settings, 'ssl_crl_dir') ?? '') : '';
  const isList = value.split(':').every((part) => isAbsolutePath(part) || part === '');
  if (!value.includes(':') || !isAbsolutePath(value) || isList) return [];
  const relative = pathFrom(server.dataDirectory, value);
  const way = relative.includes(':')
    ? 'Move the CRLs to a directory without a colon in its path, and name it in ssl_crl_dir'
    : `Set ssl_crl_dir = '${relative}'. A plan that writes CRLs does this, too`;
  const message = `OpenSSL splits ssl_crl_dir at the colon of ${value}, so the server does not find the CRLs in this directory, and refuses the certificates of their CAs. ${way}`;
  return [settingDiagnostic(settings, 'ssl_crl_dir', { code: 'tls-crl-directory', severity: 'warning', message })];
}
