import { toHex } from '../../asn1/der.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { comparedCommonName, decodeName } from '../../names/name.ts';
import { kindOfKeyOrNone } from '../keys/key-algorithms.ts';
import { readCertificate, serialNumberHex } from './certificate.ts';
import {
  type KeyUsage,
  readAlternativeNames,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readExtendedKeyUsage,
  readKeyUsage,
  readSubjectKeyIdentifier,
} from './extensions.ts';
import { addressText } from './host.ts';
import { isSelfIssued } from './issuer.ts';

/** What a certificate says, as plain data. */
export interface CertificateInfo {
  /** Whose certificate it is. */
  readonly subject: DistinguishedName;
  /**
   * The common name that PostgreSQL compares with the role: the subject's first, whatever it is read as here in its string
   * type. `undefined` where there is none, and where no role can have its bytes: in UTF-16 or Latin-1.
   */
  readonly commonName: string | undefined;
  /** Who signed it. */
  readonly issuer: DistinguishedName;
  /** Whether subject and issuer are the same name, as in a root. */
  readonly isSelfIssued: boolean;
  /** Hexadecimal digits, lower-case. */
  readonly serialNumber: string;
  /** First moment of its validity. */
  readonly notBefore: Date;
  /** Last moment of its validity. */
  readonly notAfter: Date;
  /** DNS names among the subject alternative names. */
  readonly dnsNames: readonly string[];
  /** IP addresses among the subject alternative names; hexadecimal digits where one has an impossible length. */
  readonly ipAddresses: readonly string[];
  /** Whether it may sign other certificates. */
  readonly isCa: boolean;
  /** How many authorities may stand below it, where that is limited. */
  readonly pathLength: number | undefined;
  /** What its key may do; `undefined` for anything. */
  readonly keyUsage: readonly KeyUsage[] | undefined;
  /** The purposes it is for: `serverAuth`, `clientAuth`, …, object identifiers for unknown ones; `undefined` for any. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** `ecdsa-p256`, `rsa-2048`, `ed25519`, …; `undefined` for a kind that is not supported here. */
  readonly keyAlgorithm: string | undefined;
  /** Hexadecimal digits, lower-case. */
  readonly subjectKeyIdentifier: string | undefined;
  /** Hexadecimal digits, lower-case: the issuer's subject key identifier. */
  readonly authorityKeyIdentifier: string | undefined;
}

/**
 * What a certificate (the first one in a PEM text, or DER) says.
 *
 * @throws PgHostsslError `certificate-invalid`
 */
export function inspectCertificate(source: string | Uint8Array): CertificateInfo {
  const certificate = readCertificate(source);
  const { extensions } = certificate;
  const subject = decodeName(certificate.subject);
  const constraints = readBasicConstraints(extensions);
  const { dnsNames, ipAddresses } = readAlternativeNames(extensions);
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
