import { shownValue } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { formatEncodedName } from '../../names/format-name.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { constrainedNames } from '../certificate/constrained-name.ts';
import { extensionOid, isCaCertificate, readBasicConstraints } from '../certificate/extensions.ts';
import { forbiddenName } from '../certificate/forbidden-name.ts';
import { isIssuerOf } from '../certificate/issuer.ts';
import { isForPurpose, lacksUsage, type Purpose } from '../certificate/key-usage.ts';
import { isSignedBy } from '../keys/verify-signature.ts';
import type { CompleteProvider } from '../provider/provider.ts';

/**
 * Checks that a certificate may sign certificates.
 *
 * @throws PgHostsslError `not-an-authority`, `lacks-cert-sign`
 */
export function checkIsAuthority({ subject, extensions }: Certificate): void {
  const name = formatEncodedName(subject);
  const hint = 'Give the certificate of a CA (CA:TRUE, keyCertSign), not the certificate of a server or a client.';
  if (!isCaCertificate(extensions)) {
    throw new PgHostsslError('not-an-authority', `The certificate "${name}" is not a CA certificate`, { hint });
  }
  if (lacksUsage(extensions, 'keyCertSign')) {
    throw new PgHostsslError('lacks-cert-sign', `The certificate "${name}" lacks the key usage keyCertSign`, { hint });
  }
}

/**
 * Checks that a CA certificate issued another certificate. The name, the key identifier and the signature must fit.
 *
 * @throws PgHostsslError `issuer-mismatch`
 */
export async function checkIsIssuer(
  authority: Certificate,
  certificate: Certificate,
  provider: CompleteProvider,
): Promise<void> {
  if (await isIssuedBy(certificate, authority, provider)) return;
  const [above, below] = [authority, certificate].map(({ subject }) => formatEncodedName(subject));
  throw new PgHostsslError(
    'issuer-mismatch',
    `The CA "${above}" did not issue "${below}", which comes before the CA in the chain`,
    {
      hint: 'Order the certificates: the CA itself first, then its issuer, then the issuer of that issuer.',
    },
  );
}

/** Whether a certificate names this CA certificate as its issuer, and the key of the CA signed the certificate. */
export async function isIssuedBy(
  certificate: Certificate,
  authority: Certificate,
  provider: CompleteProvider,
): Promise<boolean> {
  return isIssuerOf(authority, certificate) && (await isSignedBy(certificate.der, authority.publicKey, provider));
}

/**
 * The path length constraint of a new CA certificate below these CA certificates.
 *
 * @throws PgHostsslError `path-too-long`, `path-length-invalid`
 */
export function choosePathLength(authorities: readonly Certificate[], asked: number | undefined): number {
  const limits = authorities.flatMap(({ extensions }, depth) => {
    const limit = readBasicConstraints(extensions)?.pathLength;
    return limit === undefined ? [] : [limit - depth];
  });
  const remaining = Math.min(...limits, Number.POSITIVE_INFINITY);
  const pathLength = checkPathLength(asked) ?? 0;
  if (pathLength < remaining) return pathLength;
  throw new PgHostsslError(
    'path-too-long',
    remaining <= 0
      ? 'The path length of the CA allows no CA below it'
      : `pathLength must be at most ${remaining - 1} below this CA; got ${shownValue(pathLength)}`,
    {
      hint: 'A CA with `pathLength: 1` may issue one level of CAs below it. Create the upper CA with a larger `pathLength`.',
    },
  );
}

/**
 * Checks the path length constraint that a caller asks for.
 *
 * @throws PgHostsslError `path-length-invalid`
 */
export function checkPathLength(pathLength: number | undefined): number | undefined {
  if (pathLength === undefined || (Number.isInteger(pathLength) && pathLength >= 0 && pathLength < 256)) {
    return pathLength;
  }
  const shown = shownValue(pathLength);
  throw new PgHostsslError('path-length-invalid', `pathLength must be a whole number from 0 to 255; got ${shown}`);
}

/**
 * Checks that at least one purpose of a leaf is allowed by all CA certificates above the leaf. An extended key usage
 * limits a CA certificate to the purposes in it: `check_purpose` in crypto/x509/x509_vfy.c checks each certificate of a
 * chain.
 *
 * @throws PgHostsslError `wrong-purpose`
 */
export function checkPurposes(authorities: readonly Certificate[], leaf: Certificate): void {
  const limited = authorities.filter(({ extensions }) => extensions.has(extensionOid.extendedKeyUsage));
  if (limited.length === 0) return;
  const purposes = (['serverAuth', 'clientAuth'] as const).filter((p) => isForPurpose(leaf.extensions, p, 'leaf'));
  const allowed = (purpose: Purpose) =>
    limited.every(({ extensions }) => isForPurpose(extensions, purpose, 'authority'));
  if (purposes.length === 0 || purposes.some(allowed)) return;
  throw new PgHostsslError(
    'wrong-purpose',
    `The extended key usage of the CA does not allow ${purposes.join(' or ')} below it`,
    { hint: 'Use a CA whose certificate has no extended key usage, or an extended key usage with this purpose.' },
  );
}

/**
 * Checks that the name constraints of all CA certificates above a certificate allow its names.
 *
 * @throws PgHostsslError `name-not-permitted`
 */
export function checkNameConstraints(
  authorities: readonly Certificate[],
  certificate: Certificate,
  { isLeaf }: { readonly isLeaf: boolean },
): void {
  const limited = authorities.filter(({ extensions }) => extensions.has(extensionOid.nameConstraints));
  if (limited.length === 0) return;
  const names = constrainedNames(certificate.subject, certificate.extensions, { isLeaf });
  const forbidden = forbiddenName(limited, names);
  if (forbidden === undefined) return;
  throw new PgHostsslError('name-not-permitted', `The name constraints of the CA do not allow ${forbidden}`, {
    hint: 'Leave this name out, or use a CA without this constraint.',
  });
}
