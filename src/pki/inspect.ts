import { PgHostsslError } from '../errors.ts';
import { readCertificate, serialNumberHex } from './certificate.ts';
import { DerError, toHex } from './der.ts';
import type { DistinguishedName } from './distinguished-name.ts';
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
import { kindOfKey } from './key-algorithms.ts';
import { commonName, decodeName } from './name.ts';

/** What a certificate says, as plain data. */
export interface CertificateInfo {
  /** Whose certificate it is. */
  readonly subject: DistinguishedName;
  /** The subject's first common name, which is the one that PostgreSQL compares with the role. */
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
    commonName: commonName(subject),
    issuer: decodeName(certificate.issuer),
    isSelfIssued: toHex(certificate.subject.bytes) === toHex(certificate.issuer.bytes),
    serialNumber: serialNumberHex(certificate.serialNumber),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    dnsNames,
    ipAddresses: ipAddresses.map(addressText),
    isCa: constraints?.isCa ?? false,
    pathLength: constraints?.pathLength,
    keyUsage: readKeyUsage(extensions),
    extendedKeyUsage: readExtendedKeyUsage(extensions),
    keyAlgorithm: keyAlgorithmOf(certificate.publicKey),
    subjectKeyIdentifier: hexOf(readSubjectKeyIdentifier(extensions)),
    authorityKeyIdentifier: hexOf(readAuthorityKeyIdentifier(extensions)),
  };
}

function keyAlgorithmOf(publicKey: Parameters<typeof kindOfKey>[0]): string | undefined {
  try {
    return kindOfKey(publicKey).name;
  } catch (error) {
    if (error instanceof PgHostsslError || error instanceof DerError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : toHex(bytes);
}
