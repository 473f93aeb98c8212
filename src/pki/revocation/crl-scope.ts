import { type DerElement, readBoolean, SequenceReader } from '../../asn1/reader.ts';
import { sameName } from '../../names/canonical-name.ts';
import type { Certificate } from '../certificate/certificate.ts';
import {
  allReasons,
  type DistributionPoint,
  type PointName,
  readDistributionPoints,
  readPointName,
  readReasons,
  samePoint,
} from '../certificate/distribution-points.ts';
import { type Extensions, extensionOid, extensionValue, isCaCertificate } from '../certificate/extensions.ts';
import { nameTag, readDirectoryName } from '../certificate/general-name.ts';

/** Extensions of a CRL (RFC 5280 §5.2) that say which certificates the CRL covers. */
const oid = { issuingDistributionPoint: '2.5.29.28', delta: '2.5.29.27' } as const;

/** The extensions of a CRL that OpenSSL knows and therefore accepts as critical: `crl_cb` in crypto/x509/x_crl.c. */
const known: ReadonlySet<string> = new Set([
  oid.issuingDistributionPoint,
  oid.delta,
  extensionOid.authorityKeyIdentifier,
]);

/** The limits that the issuing distribution point extension sets to the scope of a CRL (RFC 5280 §5.2.5). */
interface CrlScope {
  readonly point: PointName | undefined;
  readonly only: readonly ('user' | 'authority' | 'attribute')[];
  /** Whether the CRL is indirect, or covers only some revocation reasons. OpenSSL ignores such a CRL. */
  readonly isPartial: boolean;
}

/** The parts of a CRL that decide which certificates it covers. */
export interface ScopedCrl {
  readonly issuer: DerElement;
  readonly extensions: Extensions;
}

/** Whether a CRL has a critical extension that OpenSSL does not know. OpenSSL then rejects the CRL. */
export function hasUnknownCritical(extensions: Extensions): boolean {
  return [...extensions].some(([id, { critical }]) => critical && !known.has(id));
}

/**
 * Whether a CRL is a delta CRL, which lists only changes. PostgreSQL does not enable delta CRLs in OpenSSL. OpenSSL up
 * to 3.0.20 therefore uses a delta CRL as if it were complete, and checks neither its scope nor the key usage of its
 * issuer (`check_crl`). Newer versions, such as 3.0.22, ignore a delta CRL.
 */
export function isDelta(extensions: Extensions): boolean {
  return extensions.has(oid.delta);
}

/** Whether the scope of a CRL lets OpenSSL use the CRL at all: `get_crl_score` in crypto/x509/x509_vfy.c. */
export function isUsable(crl: ScopedCrl): boolean {
  const scope = readScope(crl);
  return scope === undefined || (!scope.isPartial && scope.only.length < 2);
}

/**
 * The revocation reasons that a CRL covers for a certificate, as bits: `crl_crldp_check` of OpenSSL. The result is
 * `undefined` if the CRL does not cover the certificate.
 */
export function coveredReasons(crl: ScopedCrl, certificate: Certificate): number | undefined {
  const scope = readScope(crl);
  const isCa = isCaCertificate(certificate.extensions);
  if (scope?.only.includes('attribute') || scope?.only.includes(isCa ? 'user' : 'authority')) return undefined;
  const found = readDistributionPoints(certificate).find(
    (own) => isIssuedFor(own, crl) && (scope === undefined || samePoint(own.point, scope.point)),
  );
  return found?.reasons ?? (scope?.point === undefined ? allReasons : undefined);
}

/** Whether a distribution point allows the issuer of a CRL: `crldp_check_crlissuer` of OpenSSL. */
function isIssuedFor({ issuers }: DistributionPoint, { issuer }: ScopedCrl): boolean {
  if (issuers === undefined) return true;
  return issuers.some((name) => name.tag === nameTag.directory && sameName(readDirectoryName(name), issuer));
}

function readScope({ issuer, extensions }: ScopedCrl): CrlScope | undefined {
  const value = extensionValue(extensions, oid.issuingDistributionPoint);
  if (value === undefined) return undefined;
  const reader = new SequenceReader(value);
  const point = reader.optional(0xa0);
  const isTrue = (tag: number) => {
    const element = reader.optional(tag);
    return element !== undefined && readBoolean(element, tag);
  };
  const [user, authority] = [isTrue(0x81), isTrue(0x82)];
  const reasons = reader.optional(0x83);
  const isIndirect = isTrue(0x84);
  const attribute = isTrue(0x85);
  reader.end();
  readReasons(reasons, 0x83);
  return {
    point: point && readPointName(point, issuer),
    only: [
      ...(user ? (['user'] as const) : []),
      ...(authority ? (['authority'] as const) : []),
      ...(attribute ? (['attribute'] as const) : []),
    ],
    isPartial: isIndirect || reasons !== undefined,
  };
}
