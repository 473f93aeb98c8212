import type { Bytes } from '../../asn1/bytes.ts';
import { der, derOid, derSequence, derTag } from '../../asn1/der.ts';
import { type DerElement, DerError, readBits, readChildren, readOid } from '../../asn1/reader.ts';
import { type Extensions, extension, extensionOid, extensionValue, isCaCertificate } from './extensions.ts';

/**
 * The key usages, in the order of their bits in RFC 5280 §4.2.1.3.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { keyUsageNames } from 'pg-hostssl/pki';
 *
 * assert.equal(keyUsageNames[0], 'digitalSignature');
 * ```
 */
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
Object.freeze(keyUsageNames);

/** A key usage (RFC 5280 §4.2.1.3). */
export type KeyUsage = (typeof keyUsageNames)[number];

/** The extended key usages (RFC 5280 §4.2.1.12) that this library knows by name. */
const purposeOids = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  any: '2.5.29.37.0',
} as const;

/** A purpose (extended key usage) that this library issues certificates for. */
export type Purpose = 'serverAuth' | 'clientAuth';

/** The purposes in DER. They are encoded once, because each leaf certificate holds one of them. */
const purposeDer: Readonly<Record<Purpose, Bytes>> = {
  serverAuth: derOid(purposeOids.serverAuth),
  clientAuth: derOid(purposeOids.clientAuth),
};

/** The key usage extension. It is always marked critical. */
export function keyUsage(usages: readonly KeyUsage[]): Bytes {
  const bits = usages.reduce((sum, usage) => sum | (0x8000 >> keyUsageNames.indexOf(usage)), 0);
  const octets = bits & 0xff ? [bits >> 8, bits & 0xff] : [bits >> 8];
  // DER omits the trailing zero bits of a named bit list. The first octet holds the number of unused bits in the last
  // octet.
  const unused = 31 - Math.clz32(octets.at(-1)! & -octets.at(-1)!);
  return extension(extensionOid.keyUsage, der(derTag.bitString, Uint8Array.of(unused, ...octets)), { critical: true });
}

/** The extended key usage extension. */
export function extendedKeyUsage(purposes: readonly Purpose[]): Bytes {
  return extension(extensionOid.extendedKeyUsage, derSequence(...purposes.map((purpose) => purposeDer[purpose])));
}

/** The key usages, or `undefined` if the certificate allows every usage. */
export function readKeyUsage(extensions: Extensions): readonly KeyUsage[] | undefined {
  const value = extensionValue(extensions, extensionOid.keyUsage);
  if (value === undefined) return undefined;
  const usages = readNamedBits(value, keyUsageNames);
  // RFC 5280 §4.2.1.3 and `ossl_x509v3_cache_extensions` reject a key usage extension in which no bit is set.
  if (usages.length === 0) throw new DerError('The key usage is empty');
  return usages;
}

/** Whether a certificate has a key usage extension without this usage. */
export function lacksUsage(extensions: Extensions, usage: KeyUsage): boolean {
  return readKeyUsage(extensions)?.includes(usage) === false;
}

/**
 * The values of Netscape's certificate type extension, which easy-rsa and OpenVPN wrote, or `undefined` if the
 * certificate lacks the extension.
 */
export function readNetscapeCertType(extensions: Extensions): readonly string[] | undefined {
  const value = extensionValue(extensions, extensionOid.netscapeCertType);
  const names = ['sslClient', 'sslServer', 'email', 'objectSigning', 'reserved', 'sslCA', 'emailCA', 'objectCA'];
  return value && readNamedBits(value, names);
}

/**
 * The names of the bits that are set in a BIT STRING. `names` begins with the name of the highest bit of the first
 * octet.
 */
function readNamedBits<T extends string>(value: DerElement, names: readonly T[]): readonly T[] {
  const [high = 0, low = 0] = readBits(value);
  return names.filter((_, i) => ((high << 8) | low) & (0x8000 >> i));
}

/**
 * The extended key usages, or `undefined` if the certificate allows every purpose. A purpose without a known name is an
 * object identifier.
 */
export function readExtendedKeyUsage(extensions: Extensions): readonly string[] | undefined {
  const value = extensionValue(extensions, extensionOid.extendedKeyUsage);
  if (value === undefined) return undefined;
  return readChildren(value, derTag.sequence).map((element) => {
    const oid = readOid(element);
    return Object.entries(purposeOids).find(([, known]) => known === oid)?.[0] ?? oid;
  });
}

/**
 * The kind of a certificate, which its extensions tell. A certificate with which a client can log in counts as a client
 * certificate, even if it is also for servers.
 */
export function certificateKind(extensions: Extensions): 'authority' | 'server' | 'client' {
  if (isCaCertificate(extensions)) return 'authority';
  const purposes = readExtendedKeyUsage(extensions);
  return purposes?.includes('serverAuth') === true && !purposes.includes('clientAuth') ? 'server' : 'client';
}

/**
 * For each purpose, the values that OpenSSL accepts in three extensions of a leaf. Of a CA certificate, OpenSSL checks
 * only the extended key usage.
 */
const purposeRules = {
  clientAuth: {
    extended: ['clientAuth'],
    usage: ['digitalSignature', 'keyAgreement'],
    netscape: 'sslClient',
  },
  serverAuth: {
    // The two object identifiers are Microsoft's and Netscape's server-gated cryptography. OpenSSL takes them for
    // serverAuth.
    extended: ['serverAuth', '1.3.6.1.4.1.311.10.3.3', '2.16.840.1.113730.4.1'],
    usage: ['digitalSignature', 'keyAgreement', 'keyEncipherment'],
    netscape: 'sslServer',
  },
} as const;

/**
 * Whether OpenSSL accepts a certificate for a purpose: `check_purpose_ssl_client` and `check_purpose_ssl_server` in
 * crypto/x509/v3_purp.c. `anyExtendedKeyUsage` is not enough for these functions. The extended key usage of a CA
 * certificate limits the certificates below it.
 */
export function isForPurpose(extensions: Extensions, purpose: Purpose, role: 'leaf' | 'authority'): boolean {
  const rules = purposeRules[purpose];
  const allows = (own: readonly string[] | undefined, asked: readonly string[]) =>
    own === undefined || own.some((name) => asked.includes(name));
  if (!allows(readExtendedKeyUsage(extensions), rules.extended)) return false;
  if (role === 'authority') return true;
  return allows(readKeyUsage(extensions), rules.usage) && allows(readNetscapeCertType(extensions), [rules.netscape]);
}
