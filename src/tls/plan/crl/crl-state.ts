import { equalBytes } from '../../../c/compare.ts';
import type { TargetFile } from '../../../disk/file-state.ts';
import { PgHostsslError, unlessInvalid } from '../../../errors.ts';
import { formatEncodedName } from '../../../names/format-name.ts';
import { type Certificate, loadCertificates, readCertificate } from '../../../pki/certificate/certificate.ts';
import { isSameHolder, isSelfSigned } from '../../../pki/certificate/issuer.ts';
import { opensslRules } from '../../../pki/certificate/openssl-rules.ts';
import { wholeSeconds } from '../../../pki/certificate/validity.ts';
import type { CertificateAuthority } from '../../../pki/issue/authority.ts';
import { needsRenewal } from '../../../pki/lifecycle/due.ts';
import { type Crl, readCrls } from '../../../pki/revocation/crl.ts';
import { isRevokedBy, newestCrl } from '../../../pki/revocation/find-crl.ts';
import { findPath, firstInTime } from '../../../pki/verify/find-path.ts';
import { inFile, presentCertificates } from '../pem-files.ts';
import {
  type ConfiguredServer,
  checksCrls,
  crlFiles,
  crlInForce,
  crlsInForce,
  crlsOf,
  placeOfCrls,
  type ServerAndCa,
} from './crl-files.ts';

/** The server whose CRLs are searched for a certificate. */
export interface SearchedCrls extends ConfiguredServer {
  /** The CRLs that the server reads after the plan, PEM. If not given, the CRLs that the server reads now. */
  readonly crls?: string | undefined;
}

/**
 * Whether a CRL of the server revokes the certificate in a file. A file without a readable certificate holds no
 * revoked certificate.
 */
export async function isRevoked(searched: SearchedCrls, file: TargetFile): Promise<boolean> {
  const present = presentCertificates(file);
  const certificate = unlessInvalid(() => readCertificate(present));
  return certificate !== undefined && (await firstRevoked(searched, [certificate])) !== undefined;
}

/** The first of some certificates that a CRL of the server revokes; `undefined` if no CRL revokes one of them. */
export async function firstRevoked(
  { crls, ...configured }: SearchedCrls,
  certificates: readonly Certificate[],
): Promise<Certificate | undefined> {
  const read = await inFile(placeOfCrls(configured), () => crlsOf(crls ?? crlsInForce(configured) ?? ''));
  return certificates.find((certificate) => isRevokedBy(read, certificate));
}

/**
 * Checks that no CRL of the server revokes a CA whose certificates a plan issues, or a CA above it: the server refuses
 * every certificate of such a CA. Only the CA certificates with which the server verifies these certificates count. A
 * cross certificate does not count if the server trusts the root with the same name and key.
 *
 * @param trusted the certificates that the server trusts, PEM; an empty text if they are not known
 * @throws PgHostsslError `authority-unfit`
 */
export async function assertNotRevoked(
  searched: SearchedCrls,
  authority: CertificateAuthority,
  { trusted, now }: { readonly trusted: string; readonly now: Date },
): Promise<void> {
  const revoked = await firstRevoked(searched, pathOf(authority, trusted, now));
  if (revoked === undefined) return;
  const name = JSON.stringify(formatEncodedName(revoked.subject));
  throw new PgHostsslError(
    'authority-unfit',
    `A CRL of the server revokes the CA certificate ${name}, so the server refuses every certificate of this CA`,
    { file: placeOfCrls(searched), hint: 'Nothing was planned. Plan with another CA.' },
  );
}

/** The CA certificates above a certificate that a CA issues, as the server finds them: `build_chain`. */
function pathOf({ chain }: CertificateAuthority, trusted: string, now: Date): readonly Certificate[] {
  const sent = loadCertificates(chain);
  const roots = unlessInvalid(() => loadCertificates(trusted)) ?? [];
  const at = wholeSeconds(now);
  const ownIn = (certificates: readonly Certificate[]): Certificate | undefined =>
    firstInTime(
      certificates.filter((one) => isSameHolder(one, sent[0]!)),
      { at, rules },
    );
  const known = ownIn(roots);
  if (known !== undefined) return findPath({ sent: [known], trusted: roots, at, rules }).path;
  // A root is not sent along, but a cross certificate of the root is.
  const first = ownIn(sent.filter((one) => !isSelfSigned(one))) ?? sent[0]!;
  return findPath({ sent: [first, ...sent], trusted: roots, at, rules }).path;
}

const rules = opensslRules['3'];

/** Whether the server checks CRLs, but has no CRL of this CA. */
export async function lacksCrl(request: ServerAndCa): Promise<boolean> {
  if (!checksCrls(request)) return false;
  // `crlFiles` throws if the state of the server lacks CRLs that the server reads.
  await crlFiles(request);
  return (await crlInForce(request)) === undefined;
}

/** Whether the server reads a CRL of this CA, and the CRL is due for renewal or not valid yet. */
export async function isCrlDue(
  request: ServerAndCa & { readonly now: Date; readonly lifePart?: number | undefined },
): Promise<boolean> {
  const { now, lifePart } = request;
  const own = await crlInForce(request);
  if (own === undefined) return false;
  return readCrls(own).some(({ thisUpdate: notBefore, nextUpdate: notAfter }) =>
    notAfter === undefined ? now < notBefore : needsRenewal({ notBefore, notAfter }, now, lifePart),
  );
}

/**
 * The CRLs among some given CRLs that replace CRLs that are due: each is newer than the CRL of its CA that the server
 * reads.
 *
 * @param authorities the certificates of the CAs whose CRLs are compared, PEM
 */
export async function newerCrls(
  request: ConfiguredServer & { readonly now: Date },
  crls: readonly Crl[],
  authorities: readonly string[],
): Promise<readonly Crl[]> {
  const found: Crl[] = [];
  for (const certificate of authorities) {
    const ofCa = { ...request, authority: { certificate } };
    if (!(await isCrlDue(ofCa))) continue;
    const [present] = readCrls((await crlInForce(ofCa))!);
    const newest = newestCrl([present!, ...crls], readCertificate(certificate))!;
    if (!equalBytes(newest.der, present!.der)) found.push(newest);
  }
  return found;
}
