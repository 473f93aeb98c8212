import {
  asciiBytes,
  asciiText,
  type Bytes,
  type DerElement,
  DerError,
  der,
  derInteger,
  derOctetString,
  derOid,
  derSequence,
  derTag,
  derTrue,
  expectTag,
  readBoolean,
  readChildren,
  readChildrenOf,
  readDer,
  readOid,
  readSmallInteger,
} from '../../asn1/der.ts';
import type { Host } from './host.ts';

/** Object identifiers of the extensions of RFC 5280 §4.2.1 that are written or read here. */
export const extensionOid = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  netscapeCertType: '2.16.840.1.113730.1.1',
} as const;

/** What a key may be used for, in the order of RFC 5280 §4.2.1.3's bits. */
export const keyUsageNames = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** What a key may be used for (RFC 5280 §4.2.1.3). */
export type KeyUsage = (typeof keyUsageNames)[number];

/** Purposes of RFC 5280 §4.2.1.12 that have a name here. */
const purposeOids = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  any: '2.5.29.37.0',
} as const;

/** Encoded once: they are written into every certificate. */
const oidDer: ReadonlyMap<string, Bytes> = new Map(
  [...Object.values(extensionOid), ...Object.values(purposeOids)].map((oid) => [oid, derOid(oid)]),
);

/** The purposes that certificates are issued for here. */
export type Purpose = 'serverAuth' | 'clientAuth';

/** An extension as a certificate holds it. */
export interface Extension {
  /** Whether a reader that does not know it must reject the certificate. */
  readonly critical: boolean;
  /** The DER inside of the extension's OCTET STRING. */
  readonly value: Bytes;
}

/** Extensions by object identifier, in their order. */
export type Extensions = ReadonlyMap<string, Extension>;

/** Basic constraints (RFC 5280 §4.2.1.9). */
export interface BasicConstraints {
  /** Whether the certificate's key may sign certificates. */
  readonly isCa: boolean;
  /** How many authorities may stand between this one and a leaf; any number if not given. */
  readonly pathLength?: number;
}

/** Basic constraints, always critical. */
export function basicConstraints({ isCa, pathLength }: BasicConstraints): Bytes {
  const value = derSequence(
    ...(isCa ? [derTrue] : []),
    ...(isCa && pathLength !== undefined ? [derInteger(pathLength)] : []),
  );
  return extension(extensionOid.basicConstraints, value, true);
}

/** Key usage, always critical. */
export function keyUsage(usages: readonly KeyUsage[]): Bytes {
  const bits = usages.reduce((sum, usage) => sum | (0x8000 >> keyUsageNames.indexOf(usage)), 0);
  const octets = bits & 0xff ? [bits >> 8, bits & 0xff] : [bits >> 8];
  // DER cuts trailing zero bits off a named bit list, and counts the ones left unused in the last octet.
  const unused = 31 - Math.clz32(octets.at(-1)! & -octets.at(-1)!);
  return extension(extensionOid.keyUsage, der(derTag.bitString, Uint8Array.of(unused, ...octets)), true);
}

/** Extended key usage. */
export function extendedKeyUsage(purposes: readonly Purpose[]): Bytes {
  return extension(
    extensionOid.extendedKeyUsage,
    derSequence(...purposes.map((purpose) => oidDer.get(purposeOids[purpose])!)),
  );
}

/** Subject key identifier. */
export function subjectKeyIdentifier(identifier: Uint8Array): Bytes {
  return extension(extensionOid.subjectKeyIdentifier, derOctetString(identifier));
}

/** Authority key identifier: the issuer's subject key identifier, copied. */
export function authorityKeyIdentifier(identifier: Uint8Array): Bytes {
  return extension(extensionOid.authorityKeyIdentifier, derSequence(der(0x80, identifier)));
}

/**
 * Subject alternative names. An IP address is written as iPAddress, which libpq 15 and later, Node and Java look at, and
 * as text in dNSName, the only place where libpq up to 14 looks.
 */
export function subjectAltName(hosts: readonly Host[]): Bytes {
  const names = hosts.flatMap((host) =>
    host.kind === 'dns'
      ? [der(0x82, asciiBytes(host.name))]
      : [der(0x87, host.address), ...host.texts.map((text) => der(0x82, asciiBytes(text)))],
  );
  return extension(extensionOid.subjectAltName, derSequence(...names));
}

/** The extensions in a certificate's or request's `Extensions`; throws DerError where they are unreadable. */
export function readExtensions(der: Bytes): Extensions {
  const elements = readChildrenOf(readDer(der), derTag.sequence);
  const extensions = new Map(
    elements.map((element) => {
      const [oid, ...rest] = readChildrenOf(element, derTag.sequence);
      const critical = rest[0]?.tag === derTag.boolean && readBoolean(rest[0]);
      return [readOid(oid), { critical, value: expectTag(rest.at(-1), derTag.octetString).content }];
    }),
  );
  // RFC 5280 §4.2; which of the two counts would be anybody's guess.
  if (extensions.size < elements.length) throw new DerError('an extension is there twice');
  return extensions;
}

/** Reads all that the functions below read; throws DerError where any of it is unreadable. */
export function readAllExtensions(extensions: Extensions): void {
  readBasicConstraints(extensions);
  readKeyUsage(extensions);
  readExtendedKeyUsage(extensions);
  readNetscapeCertType(extensions);
  readSubjectKeyIdentifier(extensions);
  readAuthorityKeyIdentifier(extensions);
  readHostEntries(extensions);
}

/** The basic constraints, or `undefined` where there are none. */
export function readBasicConstraints(extensions: Extensions): BasicConstraints | undefined {
  const extension = extensions.get(extensionOid.basicConstraints);
  if (extension === undefined) return undefined;
  const elements = readChildrenOf(readDer(extension.value), derTag.sequence);
  const isCa = elements[0]?.tag === derTag.boolean && readBoolean(elements[0]);
  const last = elements.at(-1);
  return { isCa, ...(last?.tag === derTag.integer ? { pathLength: readSmallInteger(last) } : {}) };
}

/** The key usages, or `undefined` where the key may be used for anything. */
export function readKeyUsage(extensions: Extensions): readonly KeyUsage[] | undefined {
  const extension = extensions.get(extensionOid.keyUsage);
  if (extension === undefined) return undefined;
  return readNamedBits(extension.value, keyUsageNames);
}

/** What a certificate is for, by its extensions; what a client can log in with is one for clients. */
export function certificateKind(extensions: Extensions): 'authority' | 'server' | 'client' {
  if (readBasicConstraints(extensions)?.isCa === true) return 'authority';
  const purposes = readExtendedKeyUsage(extensions);
  return purposes?.includes('serverAuth') === true && !purposes.includes('clientAuth') ? 'server' : 'client';
}

/** Netscape's certificate types, which easy-rsa and OpenVPN wrote; `undefined` where any will do. */
export function readNetscapeCertType(extensions: Extensions): readonly string[] | undefined {
  const extension = extensions.get(extensionOid.netscapeCertType);
  const names = ['sslClient', 'sslServer', 'email', 'objectSigning', 'reserved', 'sslCA', 'emailCA', 'objectCA'];
  return extension === undefined ? undefined : readNamedBits(extension.value, names);
}

/** The names of the bits that are set in a BIT STRING, the first being the highest of the first octet. */
function readNamedBits<T extends string>(der: Bytes, names: readonly T[]): readonly T[] {
  const [, high = 0, low = 0] = expectTag(readDer(der), derTag.bitString).content;
  return names.filter((_, i) => ((high << 8) | low) & (0x8000 >> i));
}

/** The purposes, by name where they have one here and else as object identifiers; `undefined` where any will do. */
export function readExtendedKeyUsage(extensions: Extensions): readonly string[] | undefined {
  const extension = extensions.get(extensionOid.extendedKeyUsage);
  if (extension === undefined) return undefined;
  return readChildrenOf(readDer(extension.value), derTag.sequence).map((element) => {
    const oid = readOid(element);
    return Object.entries(purposeOids).find(([, known]) => known === oid)?.[0] ?? oid;
  });
}

/** The subject key identifier, where there is one. */
export function readSubjectKeyIdentifier(extensions: Extensions): Bytes | undefined {
  const extension = extensions.get(extensionOid.subjectKeyIdentifier);
  return extension === undefined ? undefined : readDer(extension.value).content;
}

/** What a certificate or list says of the authority that signed it (RFC 5280 §4.2.1.1). */
export interface AuthorityKeyIdentifier {
  /** The authority's subject key identifier. */
  readonly keyIdentifier: Bytes | undefined;
  /** The issuer of the authority's own certificate. */
  readonly issuer: DerElement | undefined;
  /** The serial number of the authority's own certificate. */
  readonly serialNumber: Bytes | undefined;
}

/** The authority key identifier, with nothing in it where there is none. */
export function readAuthorityKeyIdentifier(extensions: Extensions): AuthorityKeyIdentifier {
  const value = extensions.get(extensionOid.authorityKeyIdentifier)?.value;
  const parts = value === undefined ? [] : readChildrenOf(readDer(value), derTag.sequence);
  const contentOf = (tag: number) => parts.find((part) => part.tag === tag)?.content;
  const names = parts.find(({ tag }) => tag === 0xa1);
  const name = names && readChildren(names).find(({ tag }) => tag === 0xa4);
  return { keyIdentifier: contentOf(0x80), issuer: name && readDer(name.content), serialNumber: contentOf(0x82) };
}

/** Subject alternative names that say where a host is. */
export interface AlternativeNames {
  /** The dNSName entries, as they stand. */
  readonly dnsNames: readonly string[];
  /** The iPAddress entries: four or sixteen bytes, if they are right. */
  readonly ipAddresses: readonly Uint8Array[];
}

/** A subject alternative name that says where a host is, as it stands. */
export type HostEntry =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'ip'; readonly address: Uint8Array };

/** The subject alternative names that say where a host is, in their order. */
export function readHostEntries(extensions: Extensions): readonly HostEntry[] {
  const extension = extensions.get(extensionOid.subjectAltName);
  const names = extension === undefined ? [] : readChildren(readDer(extension.value));
  return names.flatMap(({ tag, content }): readonly HostEntry[] => {
    if (tag === 0x82) return [{ kind: 'dns', name: asciiText(content) }];
    return tag === 0x87 ? [{ kind: 'ip', address: content }] : [];
  });
}

/** The DNS names and IP addresses among the subject alternative names. */
export function readAlternativeNames(extensions: Extensions): AlternativeNames {
  const entries = readHostEntries(extensions);
  return {
    dnsNames: entries.flatMap((entry) => (entry.kind === 'dns' ? [entry.name] : [])),
    ipAddresses: entries.flatMap((entry) => (entry.kind === 'ip' ? [entry.address] : [])),
  };
}

/** One extension (RFC 5280 §4.1). */
export function extension(oid: string, value: Bytes, critical = false): Bytes {
  return derSequence(oidDer.get(oid) ?? derOid(oid), ...(critical ? [derTrue] : []), derOctetString(value));
}
