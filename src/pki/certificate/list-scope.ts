import {
  type Bytes,
  type DerElement,
  derTag,
  equalBytes,
  readChildren,
  readChildrenOf,
  readDer,
} from '../../asn1/der.ts';
import { type Extensions, readBasicConstraints } from './extensions.ts';

/** Extensions of RFC 5280 that say what a revocation list is about. */
const oid = { distributionPoints: '2.5.29.31', issuingDistributionPoint: '2.5.29.28', delta: '2.5.29.27' } as const;

/** Extensions of a list that OpenSSL handles, so that they may be critical (`crl_cb` in crypto/x509/x_crl.c). */
const known: ReadonlySet<string> = new Set([oid.issuingDistributionPoint, oid.delta, '2.5.29.35']);

/** What an issuing distribution point limits a list to (RFC 5280 §5.2.5). */
interface ListScope {
  /** The bytes of each name of the point; `undefined` where there is none. */
  readonly point: readonly Bytes[] | undefined;
  readonly only: readonly ('user' | 'authority' | 'attribute')[];
  /** Whether it is indirect, or about some reasons only: OpenSSL passes over such a list. */
  readonly isPartial: boolean;
}

/** Whether a list has a critical extension, in itself or in an entry, for which OpenSSL rejects it. */
export function hasUnknownCritical(extensions: Extensions): boolean {
  return [...extensions].some(([id, { critical }]) => critical && !known.has(id));
}

/** Whether OpenSSL takes a list into account at all (`get_crl_score` in crypto/x509/x509_vfy.c). */
export function isUsable(list: Extensions): boolean {
  const scope = readScope(list);
  return scope === undefined || (!scope.isPartial && scope.only.length < 2);
}

/** Whether a list is about a certificate, by the extensions of both (`crl_crldp_check`). */
export function covers(list: Extensions, extensions: Extensions): boolean {
  const scope = readScope(list);
  if (scope === undefined) return true;
  const isCa = readBasicConstraints(extensions)?.isCa === true;
  if (scope.only.includes('attribute') || scope.only.includes(isCa ? 'user' : 'authority')) return false;
  if (scope.point === undefined) return true;
  return readDistributionPoints(extensions).some((names) =>
    names.some((name) => scope.point!.some((own) => equalBytes(own, name))),
  );
}

function readScope(list: Extensions): ListScope | undefined {
  const value = list.get(oid.issuingDistributionPoint)?.value;
  if (value === undefined) return undefined;
  const elements = readChildrenOf(readDer(value), derTag.sequence);
  const isTrue = (tag: number) => elements.some((element) => element.tag === tag && element.content[0] !== 0);
  const point = elements.find(({ tag }) => tag === 0xa0);
  return {
    point: point && pointNames(point),
    only: [
      ...(isTrue(0x81) ? (['user'] as const) : []),
      ...(isTrue(0x82) ? (['authority'] as const) : []),
      ...(isTrue(0x85) ? (['attribute'] as const) : []),
    ],
    isPartial: isTrue(0x84) || elements.some(({ tag }) => tag === 0x83),
  };
}

/** The names of the points where a certificate says that its list is; those for some reasons, or of others, are left out. */
export function readDistributionPoints(extensions: Extensions): readonly (readonly Bytes[])[] {
  const value = extensions.get(oid.distributionPoints)?.value;
  const points = value === undefined ? [] : readChildrenOf(readDer(value), derTag.sequence);
  return points.flatMap((point) => {
    const parts = readChildrenOf(point, derTag.sequence);
    return parts.length === 1 && parts[0]!.tag === 0xa0 ? [pointNames(parts[0]!)] : [];
  });
}

/** The general names of a DistributionPointName; none for one that is relative to the issuer. */
function pointNames(point: DerElement): readonly Bytes[] {
  return readChildren(point)
    .filter(({ tag }) => tag === 0xa0)
    .flatMap((names) => readChildren(names).map(({ bytes }) => bytes));
}
