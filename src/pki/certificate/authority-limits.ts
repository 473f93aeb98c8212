import { PgHostsslError } from '../../errors.ts';
import { formatName } from '../../names/format-name.ts';
import { decodeName } from '../../names/name.ts';
import { verifyCertificateSignature } from '../keys/x509.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import type { Certificate } from './certificate.ts';
import { extensionOid, type Purpose, readBasicConstraints, readKeyUsage } from './extensions.ts';
import { constrainedNames, forbiddenName } from './forbidden-name.ts';
import { isIssuerOf } from './issuer.ts';
import { isForPurpose } from './purpose.ts';

/**
 * The certificate must be one that may sign certificates.
 *
 * @throws PgHostsslError `authority-unfit`
 */
export function checkIsAuthority(certificate: Certificate): void {
  const fail = (what: string) =>
    new PgHostsslError('authority-unfit', `The certificate ${what}, so that nobody accepts what it signs`, {
      hint: 'Give the certificate of an authority (CA:TRUE, keyCertSign), not that of a server or a client.',
    });
  if (readBasicConstraints(certificate.extensions)?.isCa !== true) throw fail('is not that of an authority');
  if (readKeyUsage(certificate.extensions)?.includes('keyCertSign') === false) {
    throw fail('lacks the key usage keyCertSign');
  }
}

/**
 * The certificate must be that of the authority above another.
 *
 * @throws PgHostsslError `authority-unfit`
 */
export async function checkIsIssuer(
  authority: Certificate,
  certificate: Certificate,
  provider: CompleteProvider,
): Promise<void> {
  const isNamed = isIssuerOf(authority, certificate);
  if (isNamed && (await verifyCertificateSignature(certificate.der, authority.publicKey, provider))) return;
  const [above, below] = [authority, certificate].map(({ subject }) => formatName(decodeName(subject), 'rfc4514'));
  throw new PgHostsslError('authority-unfit', `The authority ${above} did not issue ${below}, after which it stands`, {
    hint: "Give the authority's own certificate first, then its issuer, then the issuer of that.",
  });
}

/**
 * The certificate must be one that may sign revocation lists: with a key usage that lacks cRLSign, OpenSSL rejects every
 * client as soon as the list is there.
 *
 * @throws PgHostsslError `authority-unfit`
 */
export function checkMaySignCrls(certificate: Certificate): void {
  if (readKeyUsage(certificate.extensions)?.includes('cRLSign') !== false) return;
  throw new PgHostsslError('authority-unfit', "The authority's certificate lacks the key usage cRLSign", {
    hint: 'With a list of such an authority a server rejects every client. Renew its certificate with cRLSign first.',
  });
}

/**
 * How many authorities may still stand below the first of these, which is below the others; `undefined` for any number.
 */
export function remainingPathLength(authorities: readonly Certificate[]): number | undefined {
  const limits = authorities.flatMap(({ extensions }, depth) => {
    const pathLength = readBasicConstraints(extensions)?.pathLength;
    return pathLength === undefined ? [] : [pathLength - depth];
  });
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/**
 * The path length that a new authority below these gets.
 *
 * @throws PgHostsslError `authority-unfit` if there may be none, or none with so many below it.
 */
export function choosePathLength(authorities: readonly Certificate[], asked: number | undefined): number {
  const remaining = remainingPathLength(authorities) ?? Number.POSITIVE_INFINITY;
  const pathLength = checkPathLength(asked) ?? 0;
  if (pathLength < remaining) return pathLength;
  throw new PgHostsslError(
    'authority-unfit',
    remaining <= 0
      ? "The authority's path length allows no authority below it"
      : `The authority's path length allows a path length of ${remaining - 1} at most below it, not ${pathLength}`,
  );
}

/**
 * A path length as it was asked for.
 *
 * @throws PgHostsslError `authority-unfit` for what is no whole number from 0 on.
 */
export function checkPathLength(pathLength: number | undefined): number | undefined {
  if (pathLength === undefined || (Number.isInteger(pathLength) && pathLength >= 0 && pathLength < 256)) {
    return pathLength;
  }
  throw new PgHostsslError('authority-unfit', `${pathLength} is no path length`);
}

/**
 * Of what a leaf is for, some purpose must be one that all authorities above allow below them: with an extended key usage
 * of its own an authority is for nothing else (`check_purpose` in crypto/x509/x509_vfy.c looks at each of a chain).
 *
 * @throws PgHostsslError `authority-unfit`
 */
export function checkPurposes(authorities: readonly Certificate[], leaf: Certificate): void {
  const limited = authorities.filter(({ extensions }) => extensions.has(extensionOid.extendedKeyUsage));
  if (limited.length === 0) return;
  const purposes = (['serverAuth', 'clientAuth'] as const).filter((purpose) => isForPurpose(leaf, purpose, true));
  const allowed = (purpose: Purpose) => limited.every((authority) => isForPurpose(authority, purpose, false));
  if (purposes.length === 0 || purposes.some(allowed)) return;
  throw new PgHostsslError(
    'authority-unfit',
    `The authority's extended key usage does not allow ${purposes.join(' or ')} below it`,
    { hint: 'Issue it by an authority without an extended key usage, or with one that has this purpose.' },
  );
}

/**
 * All names must be allowed by all authorities above.
 *
 * @throws PgHostsslError `authority-unfit`
 */
export function checkNameConstraints(
  authorities: readonly Certificate[],
  certificate: Certificate,
  isLeaf: boolean,
): void {
  const limited = authorities.filter(({ extensions }) => extensions.has(extensionOid.nameConstraints));
  if (limited.length === 0) return;
  const names = constrainedNames(certificate.subject, certificate.extensions, isLeaf);
  const forbidden = limited
    .map(({ extensions }) => forbiddenName(extensions, names))
    .find((name) => name !== undefined);
  if (forbidden === undefined) return;
  throw new PgHostsslError('authority-unfit', `The authority's name constraints do not allow ${forbidden}`);
}
