import type { Bytes } from '../../asn1/bytes.ts';
import { der, derInteger, derSequence, derTime } from '../../asn1/der.ts';
import { equalBytes } from '../../c/compare.ts';
import { PgHostsslError } from '../../errors.ts';
import { type Certificate, parseCertificate } from '../certificate/certificate.ts';
import { authorityKeyIdentifier, readSubjectKeyIdentifier, subjectKeyIdentifier } from '../certificate/extensions.ts';
import { keyIdentifier } from '../certificate/issuer.ts';
import { chooseSerialNumber, serialNumberHex } from '../certificate/serial-number.ts';
import { choosePeriod } from '../certificate/validity.ts';
import type { Signer } from '../keys/private-key.ts';
import { signStructure } from '../keys/signature.ts';
import { signatureAlgorithm } from '../keys/signature-algorithm.ts';
import { checkNameConstraints, checkPurposes } from './authority-limits.ts';
import type { CertificateOptions } from './authority-options.ts';

/** The content of a new certificate. The names, the key and the extensions are DER. */
export interface CertificateContent {
  /** The serial number: big-endian octets of a positive number, without a sign octet. */
  readonly serialNumber: Bytes;
  readonly issuer: Bytes;
  readonly subject: Bytes;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The public key: SubjectPublicKeyInfo, DER. */
  readonly publicKey: Bytes;
  readonly extensions: readonly Bytes[];
}

/** The CA that issues a certificate: its own certificate, then the CA certificates above it, and the key that signs. */
export interface Issuer {
  readonly certificates: readonly Certificate[];
  readonly signer: Signer;
}

/** The content of a certificate that a CA issues. */
export interface Issue extends CertificateOptions {
  /** Whether the certificate is for a server or a client. Otherwise it is for a CA. */
  readonly isLeaf: boolean;
  /** The number of days for which the certificate is valid, if the options give no validity. */
  readonly days: number;
  /** The subject, in DER. */
  readonly subject: Bytes;
  /** The public key: SubjectPublicKeyInfo, DER. */
  readonly publicKey: Bytes;
  /** All extensions except the subject and authority key identifiers, in DER. */
  readonly extensions: readonly Bytes[];
}

/**
 * Issues a certificate, and checks it against the validity, the name constraints and the purposes of the CA.
 *
 * @throws PgHostsslError `name-not-permitted`, `wrong-purpose`, `issuer-expired`, `validity-invalid`,
 * `serial-number-invalid`, `readback-mismatch`
 */
export async function signBelow({ certificates, signer }: Issuer, issue: Issue): Promise<Certificate> {
  const own = certificates[0]!;
  const { provider } = signer;
  // The authority key identifier is copied from the CA certificate and not computed, because another program may have
  // chosen the key identifier of the CA.
  const issuerIdentifier = readSubjectKeyIdentifier(own.extensions);
  const certificate = await signCertificate(
    {
      ...choosePeriod(issue.validity ?? {}, issue.days, provider.now(), own),
      serialNumber: chooseSerialNumber(issue.serialNumber, provider),
      issuer: own.subject.bytes,
      subject: issue.subject,
      publicKey: issue.publicKey,
      extensions: [
        ...issue.extensions,
        subjectKeyIdentifier(keyIdentifier(issue.publicKey)),
        ...(issuerIdentifier === undefined ? [] : [authorityKeyIdentifier(issuerIdentifier)]),
      ],
    },
    signer,
  );
  checkNameConstraints(certificates, certificate, issue);
  if (issue.isLeaf) checkPurposes(certificates, certificate);
  return certificate;
}

/**
 * Signs a certificate, parses the signed bytes, and compares the result with the content that was asked for.
 *
 * @throws PgHostsslError `readback-mismatch`
 */
export async function signCertificate(content: CertificateContent, signer: Signer): Promise<Certificate> {
  return readBack(await signStructure(encodeCertificate(content, signatureAlgorithm(signer.kind)), signer), content);
}

const version3 = der(0xa0, derInteger(2));

/**
 * Encodes the signed part of a certificate (TBSCertificate, RFC 5280 §4.1). The result is equal to that of
 * @peculiar/x509, which takes ten times as long.
 */
export function encodeCertificate(content: CertificateContent, algorithm: Bytes): Bytes {
  return derSequence(
    version3,
    derInteger(content.serialNumber),
    algorithm,
    content.issuer,
    derSequence(derTime(content.notBefore), derTime(content.notAfter)),
    content.subject,
    content.publicKey,
    der(0xa3, derSequence(...content.extensions)),
  );
}

/** Parses a new certificate and compares it with the requested content. */
function readBack(bytes: Bytes, content: CertificateContent): Certificate {
  const certificate = parseCertificate(bytes);
  const isEqual =
    equalBytes(certificate.subject.bytes, content.subject) &&
    equalBytes(certificate.issuer.bytes, content.issuer) &&
    equalBytes(certificate.publicKey, content.publicKey) &&
    serialNumberHex(certificate.serialNumber) === serialNumberHex(content.serialNumber) &&
    certificate.notBefore.getTime() === content.notBefore.getTime() &&
    certificate.notAfter.getTime() === content.notAfter.getTime() &&
    certificate.extensions.size === content.extensions.length;
  if (isEqual) return certificate;
  throw new PgHostsslError('readback-mismatch', 'The signed certificate differs from the requested content');
}
