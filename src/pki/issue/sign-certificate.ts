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
  /** Big-endian octets of a positive number, without a sign octet. */
  readonly serialNumber: Bytes;
  readonly issuer: Bytes;
  readonly subject: Bytes;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  readonly extensions: readonly Bytes[];
}

/** A CA that issues: its own certificate, then the certificates above it, and the signer of its key. */
export interface Issuer {
  readonly certificates: readonly Certificate[];
  readonly signer: Signer;
}

/** A certificate to issue below a CA. */
export interface Issue extends CertificateOptions {
  /** Whether the certificate is for a server or a client. Otherwise it is for a CA. */
  readonly isLeaf: boolean;
  /** Days of validity, if the options give no validity. */
  readonly days: number;
  /** The subject, in DER. */
  readonly subject: Bytes;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  /** All extensions but the key identifiers, in DER. */
  readonly extensions: readonly Bytes[];
}

/**
 * Issues a certificate within the validity, name constraints and purposes of the CA.
 *
 * @throws PgHostsslError `name-not-permitted`, `wrong-purpose`, `issuer-expired`, `validity-invalid`,
 * `serial-number-invalid`, `readback-mismatch`
 */
export async function signBelow({ certificates, signer }: Issuer, issue: Issue): Promise<Certificate> {
  const own = certificates[0]!;
  const { provider } = signer;
  // The identifier of the issuer is copied from the CA certificate, and not computed: another program may have chosen a
  // different one.
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
  checkNameConstraints(certificates, certificate, issue.isLeaf);
  if (issue.isLeaf) checkPurposes(certificates, certificate);
  return certificate;
}

/**
 * Signs a certificate, for a CA or a leaf, and reads it back.
 *
 * @throws PgHostsslError `readback-mismatch`
 */
export async function signCertificate(content: CertificateContent, signer: Signer): Promise<Certificate> {
  return readBack(await signStructure(encodeCertificate(content, signatureAlgorithm(signer.kind)), signer), content);
}

const version3 = der(0xa0, derInteger(2));

/**
 * Encodes the signed part of a certificate (TBSCertificate, RFC 5280 §4.1). The bytes equal those of @peculiar/x509,
 * and encoding takes a tenth of the time.
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
