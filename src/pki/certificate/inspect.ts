import { toHex } from '../../asn1/bytes.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { formatName } from '../../names/format-name.ts';
import { comparedCommonName, decodeName } from '../../names/name.ts';
import { withoutControls } from '../../text/control-characters.ts';
import { kindOfKeyOrNone } from '../keys/key-algorithms.ts';
import { readHosts } from './alternative-names.ts';
import { readCertificate } from './certificate.ts';
import { readAuthorityKeyIdentifier, readBasicConstraints, readSubjectKeyIdentifier } from './extensions.ts';
import { addressText } from './host.ts';
import { isSelfIssued } from './issuer.ts';
import { type KeyUsage, readExtendedKeyUsage, readKeyUsage } from './key-usage.ts';
import { serialNumberHex } from './serial-number.ts';

/** The content of a certificate as plain data. */
export interface CertificateInfo {
  /** The subject: the name of the holder. */
  readonly subject: DistinguishedName;
  /**
   * The common name that PostgreSQL compares with the role: the bytes of the first common name in the subject, read as
   * UTF-8. `undefined` if the subject has no common name, or if no role name can have these bytes (UTF-16, Latin-1).
   */
  readonly commonName: string | undefined;
  /** The issuer: the name of the CA that signed the certificate. */
  readonly issuer: DistinguishedName;
  /** Whether subject and issuer are the same name, as in a root certificate. */
  readonly isSelfIssued: boolean;
  /** Lower-case hexadecimal digits. */
  readonly serialNumber: string;
  /** First moment of validity. */
  readonly notBefore: Date;
  /** Last moment of validity. */
  readonly notAfter: Date;
  /** DNS names among the subject alternative names. */
  readonly dnsNames: readonly string[];
  /**
   * IP addresses among the subject alternative names. If the number of bytes of an entry fits no IP address, the text
   * is their hexadecimal digits.
   */
  readonly ipAddresses: readonly string[];
  /** Whether the certificate is a CA certificate. */
  readonly isCa: boolean;
  /** The number of CA certificates that may come between this CA certificate and a leaf; `undefined` for any number. */
  readonly pathLength: number | undefined;
  /** The key usages; `undefined` if the certificate allows every usage. */
  readonly keyUsage: readonly KeyUsage[] | undefined;
  /**
   * The purposes of the extended key usage, such as `serverAuth`. A purpose without a known name is an object
   * identifier. `undefined` if the certificate allows every purpose.
   */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /**
   * The kind of public key: `ecdsa-p256`, `rsa-2048`, `ed25519`, …; `undefined` if this library does not support the
   * kind of key.
   */
  readonly keyAlgorithm: string | undefined;
  /** Lower-case hexadecimal digits. */
  readonly subjectKeyIdentifier: string | undefined;
  /**
   * The authority key identifier, which is the subject key identifier of the issuer, in lower-case hexadecimal digits.
   */
  readonly authorityKeyIdentifier: string | undefined;
}

/**
 * Reads a certificate: the first certificate of a PEM text, or a certificate in DER.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, inspectCertificate } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { certificate } = await authority.issueServerCertificate({ hosts: ['db.example.com'] });
 * const info = inspectCertificate(certificate);
 * assert.deepEqual(info.dnsNames, ['db.example.com']);
 * assert.deepEqual(info.extendedKeyUsage, ['serverAuth']);
 * ```
 *
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `certificate-invalid`
 */
export function inspectCertificate(source: string | Uint8Array): CertificateInfo {
  const certificate = readCertificate(source);
  const { extensions } = certificate;
  const subject = decodeName(certificate.subject);
  const constraints = readBasicConstraints(extensions);
  const { dnsNames, ipAddresses } = readHosts(extensions);
  return {
    subject,
    commonName: comparedCommonName(certificate.subject),
    issuer: decodeName(certificate.issuer),
    isSelfIssued: isSelfIssued(certificate),
    serialNumber: serialNumberHex(certificate.serialNumber),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    dnsNames,
    ipAddresses: ipAddresses.map(addressText),
    isCa: constraints?.isCa ?? false,
    pathLength: constraints?.pathLength,
    keyUsage: readKeyUsage(extensions),
    extendedKeyUsage: readExtendedKeyUsage(extensions),
    keyAlgorithm: kindOfKeyOrNone(certificate.publicKey)?.name,
    subjectKeyIdentifier: hexOf(readSubjectKeyIdentifier(extensions)),
    authorityKeyIdentifier: hexOf(readAuthorityKeyIdentifier(extensions).keyIdentifier),
  };
}

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : toHex(bytes);
}

/**
 * Describes a certificate in a few lines of text for a person: the first certificate of a PEM text, or a certificate in
 * DER. The text may change between releases.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, describeCertificate } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * assert.match(describeCertificate(authority.certificate), /^subject +CN=Example CA$/m);
 * ```
 *
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `certificate-invalid`
 */
export function describeCertificate(source: string | Uint8Array): string {
  const info = inspectCertificate(source);
  const { isCa, isSelfIssued, pathLength, dnsNames, ipAddresses, keyUsage, extendedKeyUsage } = info;
  const rows: readonly (readonly [string, string])[] = [
    ['subject', formatName(info.subject, 'rfc4514')],
    ['issuer', isSelfIssued ? 'itself' : formatName(info.issuer, 'rfc4514')],
    ['serial number', `${info.serialNumber} (${decimal(info.serialNumber)})`],
    ['valid', `${info.notBefore.toISOString()} to ${info.notAfter.toISOString()}`],
    ['CA', isCa ? `yes${pathLength === undefined ? '' : `, with at most ${pathLength} CA certificates below`}` : 'no'],
    ['DNS names', dnsNames.join(', ')],
    ['IP addresses', ipAddresses.join(', ')],
    ['key', info.keyAlgorithm ?? 'unknown kind'],
    ['key usage', keyUsage?.join(', ') ?? 'any'],
    ['purposes', extendedKeyUsage?.join(', ') ?? 'any'],
  ];
  const width = Math.max(...rows.map(([title]) => title.length));
  return rows
    .filter(([, text]) => text !== '')
    .map(([title, text]) => `${title.padEnd(width)}  ${withoutControls(text)}\n`)
    .join('');
}

function decimal(serialNumber: string): string {
  const sign = serialNumber.startsWith('-') ? '-' : '';
  return sign + BigInt(`0x${serialNumber.slice(sign.length)}`);
}
