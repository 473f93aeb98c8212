import type { Bytes } from '../../asn1/bytes.ts';
import { readDer, SequenceReader } from '../../asn1/reader.ts';
import { equalBytes } from '../../c/compare.ts';
import {
  type Extensions,
  extensionOid,
  pointNames,
  readBasicConstraints,
  readDistributionPoints,
} from '../certificate/extensions.ts';

/** Extensions of a CRL (RFC 5280 §5.2) that say which certificates the CRL is about. */
const oid = { issuingDistributionPoint: '2.5.29.28', delta: '2.5.29.27' } as const;

/** Extensions of a CRL that OpenSSL handles, so that they may be critical: `crl_cb` in crypto/x509/x_crl.c. */
const known: ReadonlySet<string> = new Set([
  oid.issuingDistributionPoint,
  oid.delta,
  extensionOid.authorityKeyIdentifier,
]);

/** The limits that an issuing distribution point sets to a CRL (RFC 5280 §5.2.5). */
interface CrlScope {
  /** The DER of each name of the distribution point, or `undefined` for a CRL without one. */
  readonly point: readonly Bytes[] | undefined;
  readonly only: readonly ('user' | 'authority' | 'attribute')[];
  /** Whether the CRL is indirect, or about some reasons only. OpenSSL ignores such a CRL. */
  readonly isPartial: boolean;
}

/** Whether the extensions of a CRL hold a critical one that OpenSSL does not know, so that it rejects the CRL. */
export function hasUnknownCritical(extensions: Extensions): boolean {
  return [...extensions].some(([id, { critical }]) => critical && !known.has(id));
}

/** Whether OpenSSL takes a CRL with these extensions into account at all: `get_crl_score` in crypto/x509/x509_vfy.c. */
export function isUsable(crl: Extensions): boolean {
  const scope = readScope(crl);
  return scope === undefined || (!scope.isPartial && scope.only.length < 2);
}

/** Whether a CRL is about a certificate, by the extensions of both: `crl_crldp_check`. */
export function covers(crl: Extensions, extensions: Extensions): boolean {
  const scope = readScope(crl);
  if (scope === undefined) return true;
  const isCa = readBasicConstraints(extensions)?.isCa === true;
  if (scope.only.includes('attribute') || scope.only.includes(isCa ? 'user' : 'authority')) return false;
  if (scope.point === undefined) return true;
  return readDistributionPoints(extensions).some((names) =>
    names.some((name) => scope.point!.some((own) => equalBytes(own, name))),
  );
}

function readScope(crl: Extensions): CrlScope | undefined {
  const value = crl.get(oid.issuingDistributionPoint)?.value;
  if (value === undefined) return undefined;
  const reader = new SequenceReader(readDer(value));
  const point = reader.optional(0xa0);
  const isTrue = (tag: number) => {
    const element = reader.optional(tag);
    return element !== undefined && element.content[0] !== 0;
  };
  const [user, authority] = [isTrue(0x81), isTrue(0x82)];
  const hasReasons = reader.optional(0x83) !== undefined;
  const isIndirect = isTrue(0x84);
  const attribute = isTrue(0x85);
  reader.end();
  return {
    point: point && pointNames(point),
    only: [
      ...(user ? (['user'] as const) : []),
      ...(authority ? (['authority'] as const) : []),
      ...(attribute ? (['attribute'] as const) : []),
    ],
    isPartial: isIndirect || hasReasons,
  };
}
