import type { Bytes } from '../../asn1/bytes.ts';
import { der, derInteger, derOctetString, derOid, derSequence, derTag, derTrue } from '../../asn1/der.ts';
import {
  type DerElement,
  DerError,
  expectTag,
  readBoolean,
  readChildren,
  readFirst,
  readInteger,
  readNumber,
  readOid,
  SequenceReader,
} from '../../asn1/reader.ts';
import { nameTag, readDirectoryName, readGeneralNames } from './general-name.ts';

/**
 * Object identifiers of the extensions that this library writes or reads: RFC 5280 §4.2.1, RFC 3779, RFC 3820 and
 * Netscape.
 */
export const extensionOid = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  distributionPoints: '2.5.29.31',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  issuerAltName: '2.5.29.18',
  addressBlocks: '1.3.6.1.5.5.7.1.7',
  systemNumbers: '1.3.6.1.5.5.7.1.8',
  proxyCertInfo: '1.3.6.1.5.5.7.1.14',
  netscapeCertType: '2.16.840.1.113730.1.1',
} as const;

/** The object identifiers in DER. They are encoded once, because each certificate holds most of them. */
const oidDer: ReadonlyMap<string, Bytes> = new Map(Object.values(extensionOid).map((oid) => [oid, derOid(oid)]));

/** An extension of a certificate, request or CRL. */
export interface Extension {
  /** Whether the extension is critical: a program that does not know the extension must then reject the certificate. */
  readonly critical: boolean;
  /** The content of the OCTET STRING: the value of the extension in DER. */
  readonly value: Bytes;
  /** Whether the extension occurs twice, which RFC 5280 §4.2 forbids. */
  readonly isRepeated: boolean;
}

/** Extensions by object identifier, in the order of the certificate. */
export type Extensions = ReadonlyMap<string, Extension>;

/** Basic constraints (RFC 5280 §4.2.1.9). */
export interface BasicConstraints {
  /** Whether the certificate's key may sign certificates. */
  readonly isCa: boolean;
  /** The number of CA certificates that may come between this CA certificate and a leaf; any number if not given. */
  readonly pathLength?: number;
}

/** The basic constraints extension. It is always marked critical. */
export function basicConstraints({ isCa, pathLength }: BasicConstraints): Bytes {
  const value = derSequence(
    ...(isCa ? [derTrue] : []),
    ...(isCa && pathLength !== undefined ? [derInteger(pathLength)] : []),
  );
  return extension(extensionOid.basicConstraints, value, { critical: true });
}

/**
 * The extensions in the `Extensions` of a certificate, request or CRL.
 *
 * @throws DerError if the extensions are malformed
 */
export function readExtensions(element: DerElement): Extensions {
  const extensions = new Map<string, Extension>();
  for (const child of readChildren(element, derTag.sequence)) {
    const reader = new SequenceReader(child);
    const oid = readOid(reader.next(derTag.oid));
    const critical = reader.optional(derTag.boolean);
    const value = reader.next(derTag.octetString).content;
    reader.end();
    const isCritical = critical !== undefined && readBoolean(critical);
    const first = extensions.get(oid);
    extensions.set(
      oid,
      first === undefined
        ? { critical: isCritical, value, isRepeated: false }
        : { ...first, critical: first.critical || isCritical, isRepeated: true },
    );
  }
  return extensions;
}

/**
 * The value of an extension, or `undefined` if there is no such extension. OpenSSL ignores bytes after the value
 * (`X509V3_EXT_d2i`).
 *
 * @throws DerError if the value is malformed, or if the extension occurs twice (`X509V3_get_d2i`)
 */
export function extensionValue(extensions: Extensions, oid: string): DerElement | undefined {
  const found = extensions.get(oid);
  if (found?.isRepeated) throw new DerError('An extension occurs twice');
  return found && readFirst(found.value);
}

/** The basic constraints, or `undefined` for a certificate without them. */
export function readBasicConstraints(extensions: Extensions): BasicConstraints | undefined {
  const value = extensionValue(extensions, extensionOid.basicConstraints);
  if (value === undefined) return undefined;
  const reader = new SequenceReader(value);
  const isCa = reader.optional(derTag.boolean);
  const pathLength = reader.optional(derTag.integer);
  reader.end();
  return {
    isCa: isCa !== undefined && readBoolean(isCa),
    ...(pathLength === undefined ? {} : { pathLength: readNumber(pathLength) }),
  };
}

/** Whether the basic constraints make a certificate a CA certificate. */
export function isCaCertificate(extensions: Extensions): boolean {
  return readBasicConstraints(extensions)?.isCa === true;
}

/** The subject key identifier extension. */
export function subjectKeyIdentifier(identifier: Uint8Array): Bytes {
  return extension(extensionOid.subjectKeyIdentifier, derOctetString(identifier));
}

/** The authority key identifier extension. It holds the subject key identifier of the issuer. */
export function authorityKeyIdentifier(identifier: Uint8Array): Bytes {
  return extension(extensionOid.authorityKeyIdentifier, derSequence(der(0x80, identifier)));
}

/** The subject key identifier, or `undefined` for a certificate without one. */
export function readSubjectKeyIdentifier(extensions: Extensions): Bytes | undefined {
  const value = extensionValue(extensions, extensionOid.subjectKeyIdentifier);
  return value && expectTag(value, derTag.octetString).content;
}

/**
 * The authority key identifier of a certificate or CRL (RFC 5280 §4.2.1.1). It identifies the CA certificate of the
 * signer.
 */
export interface AuthorityKeyIdentifier {
  /** The subject key identifier of the CA. */
  readonly keyIdentifier: Bytes | undefined;
  /** The issuer of the CA certificate. */
  readonly issuer: DerElement | undefined;
  /** The serial number of the CA certificate. */
  readonly serialNumber: Bytes | undefined;
}

/** The authority key identifier. If the certificate lacks the extension, each part is `undefined`. */
export function readAuthorityKeyIdentifier(extensions: Extensions): AuthorityKeyIdentifier {
  const value = extensionValue(extensions, extensionOid.authorityKeyIdentifier);
  if (value === undefined) return { keyIdentifier: undefined, issuer: undefined, serialNumber: undefined };
  const reader = new SequenceReader(value);
  const keyIdentifier = reader.optional(0x80)?.content;
  const names = reader.optional(0xa1);
  const serialNumber = reader.optional(0x82);
  reader.end();
  const name = names && readGeneralNames(names, 0xa1).find(({ tag }) => tag === nameTag.directory);
  return {
    keyIdentifier,
    issuer: name && readDirectoryName(name),
    serialNumber: serialNumber && readInteger(serialNumber, 0x82),
  };
}

/**
 * Whether a certificate has extensions with IP addresses or AS numbers (RFC 3779). OpenSSL compares them with the same
 * extensions of the issuers.
 */
export function holdsResources(extensions: Extensions): boolean {
  return extensions.has(extensionOid.addressBlocks) || extensions.has(extensionOid.systemNumbers);
}

/**
 * Whether a certificate is a proxy certificate (RFC 3820 §3.8).
 *
 * @throws DerError if the extension is malformed, or if the certificate has an extension that a proxy certificate must
 * not have
 */
export function isProxy(extensions: Extensions): boolean {
  const value = extensionValue(extensions, extensionOid.proxyCertInfo);
  if (value === undefined) return false;
  const info = new SequenceReader(value);
  const pathLength = info.optional(derTag.integer);
  if (pathLength !== undefined) readInteger(pathLength);
  const policy = new SequenceReader(info.next());
  info.end();
  readOid(policy.next());
  policy.optional(derTag.octetString);
  policy.end();
  const { subjectAltName, issuerAltName } = extensionOid;
  if (isCaCertificate(extensions) || extensions.has(subjectAltName) || extensions.has(issuerAltName)) {
    throw new DerError('A proxy certificate must not be a CA certificate or have alternative names');
  }
  return true;
}

/** Encodes an extension (RFC 5280 §4.1). */
export function extension(
  oid: string,
  value: Bytes,
  { critical = false }: { readonly critical?: boolean } = {},
): Bytes {
  return derSequence(oidDer.get(oid) ?? derOid(oid), ...(critical ? [derTrue] : []), derOctetString(value));
}
