import { der, derTag } from '../../asn1/der.ts';
import {
  type DerElement,
  DerError,
  readBits,
  readChildren,
  readDer,
  readOid,
  SequenceReader,
} from '../../asn1/reader.ts';
import { sameName } from '../../names/canonical-name.ts';
import { type Extensions, extensionOid, extensionValue } from './extensions.ts';
import { nameTag, readDirectoryName, readGeneralNames, readName, sameGeneralName } from './general-name.ts';

/** The place of CRLs (DistributionPointName, RFC 5280 §4.2.1.13): several general names, or one distinguished name. */
export type PointName = { readonly names: readonly DerElement[] } | { readonly name: DerElement };

/** A distribution point of a certificate: the place of CRLs that cover the certificate (RFC 5280 §4.2.1.13). */
export interface DistributionPoint {
  readonly point: PointName | undefined;
  /**
   * The revocation reasons that the CRLs at this place cover, as bits; {@link allReasons} if the distribution point
   * names no reasons.
   */
  readonly reasons: number;
  /** The names of the CAs that issue the CRLs; `undefined` if the CRLs have the same issuer as the certificate. */
  readonly issuers: readonly DerElement[] | undefined;
}

/** The bits of all revocation reasons: `CRLDP_ALL_REASONS` in OpenSSL. */
export const allReasons = 0x807f;

/**
 * The distribution points of a certificate (RFC 5280 §4.2.1.13), as `setup_crldp` in crypto/x509/v3_purp.c reads them.
 *
 * @throws DerError if the extension is malformed
 */
export function readDistributionPoints({
  issuer,
  extensions,
}: {
  readonly issuer: DerElement;
  readonly extensions: Extensions;
}): readonly DistributionPoint[] {
  const value = extensionValue(extensions, extensionOid.distributionPoints);
  if (value === undefined) return [];
  return readChildren(value, derTag.sequence).map((point) => {
    const reader = new SequenceReader(point);
    const name = reader.optional(0xa0);
    const reasons = reader.optional(0x81);
    const issuerNames = reader.optional(0xa2);
    reader.end();
    const issuers = issuerNames && readGeneralNames(issuerNames, 0xa2);
    if (name === undefined && (issuers === undefined || issuers.length === 0)) {
      throw new DerError('A distribution point has neither a name nor an issuer');
    }
    const own = issuers?.find(({ tag }) => tag === nameTag.directory);
    const relativeTo = own === undefined ? issuer : readDirectoryName(own);
    return { point: name && readPointName(name, relativeTo), reasons: readReasons(reasons, 0x81), issuers };
  });
}

/**
 * Reads a DistributionPointName from its element, whose tag is explicit.
 *
 * @param relativeTo the name of the CRL's issuer; a nameRelativeToCRLIssuer is appended to it
 * @throws DerError if the element is malformed
 */
export function readPointName(element: DerElement, relativeTo: DerElement): PointName {
  const choice = readDer(element.content);
  if (choice.tag === 0xa0) return { names: readGeneralNames(choice, 0xa0) };
  for (const attribute of readChildren(choice, 0xa1)) {
    const reader = new SequenceReader(attribute);
    readOid(reader.next());
    reader.next();
    reader.end();
  }
  const level = der(derTag.set, choice.content);
  return { name: readName(readDer(der(derTag.sequence, relativeTo.content, level))) };
}

/** The revocation reasons in a ReasonFlags with this tag, as bits; {@link allReasons} if there is no ReasonFlags. */
export function readReasons(element: DerElement | undefined, tag: number): number {
  if (element === undefined) return allReasons;
  const [first = 0, second = 0] = readBits(element, tag);
  return (first | (second << 8)) & allReasons;
}

/**
 * Whether two distribution points have a name in common, or one of them has no name: `idp_check_dp` in
 * crypto/x509/x509_vfy.c.
 */
export function samePoint(a: PointName | undefined, b: PointName | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  const directories = (point: PointName) =>
    'name' in point
      ? [point.name]
      : point.names.filter(({ tag }) => tag === nameTag.directory).map((name) => readDirectoryName(name));
  if ('names' in a && 'names' in b) return a.names.some((one) => b.names.some((other) => sameGeneralName(one, other)));
  return directories(a).some((one) => directories(b).some((other) => sameName(one, other)));
}
