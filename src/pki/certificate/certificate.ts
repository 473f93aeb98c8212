import { assertSource } from '../../arguments.ts';
import type { Bytes } from '../../asn1/bytes.ts';
import { derTag } from '../../asn1/der.ts';
import { decodePem, encodePem, isCertificateBlock, pemText } from '../../asn1/pem.ts';
import {
  type DerElement,
  DerError,
  readBits,
  readDer,
  readInteger,
  readTimeOrInvalid,
  SequenceReader,
} from '../../asn1/reader.ts';
import { equalBytes } from '../../c/compare.ts';
import { PgHostsslError } from '../../errors.ts';
import { readAlgorithm, readPublicKey } from '../keys/public-key.ts';
import { readAlternativeNames } from './alternative-names.ts';
import { readDistributionPoints } from './distribution-points.ts';
import {
  type Extensions,
  isProxy,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readExtensions,
  readSubjectKeyIdentifier,
} from './extensions.ts';
import { readNameConstraints } from './forbidden-name.ts';
import { readName } from './general-name.ts';
import { readExtendedKeyUsage, readKeyUsage, readNetscapeCertType } from './key-usage.ts';

/** The parts of a certificate (RFC 5280 §4.1). The parser accepts any values in them. */
export interface Certificate {
  /** The whole certificate, DER. */
  readonly der: Bytes;
  /** The signed part (TBSCertificate), DER. */
  readonly signed: Bytes;
  /** The version: 1, 2 or 3, or 0 for an unknown number. */
  readonly version: number;
  /** Big-endian content octets of the serial number, as the certificate holds them. */
  readonly serialNumber: Bytes;
  /** The AlgorithmIdentifier of the signature. */
  readonly signatureAlgorithm: DerElement;
  /**
   * Whether the signed part names the same algorithm as `signatureAlgorithm`. If not, OpenSSL refuses the signature.
   */
  readonly namesOneAlgorithm: boolean;
  readonly issuer: DerElement;
  readonly subject: DerElement;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The public key: SubjectPublicKeyInfo, DER. */
  readonly publicKey: Bytes;
  readonly extensions: Extensions;
}

/**
 * Returns the first certificate of a PEM text, or a certificate in DER.
 *
 * @throws PgHostsslError `certificate-invalid`
 */
export function readCertificate(source: string | Uint8Array): Certificate {
  return readCertificates(source)[0]!;
}

/**
 * Returns all certificates of a PEM text, or a certificate in DER.
 *
 * @throws PgHostsslError `certificate-invalid` if there is no certificate, or if one is unreadable or has a malformed
 * extension
 */
export function readCertificates(source: string | Uint8Array): readonly Certificate[] {
  return loadCertificates(source).map((certificate) => {
    const damage = certificate.namesOneAlgorithm
      ? damageOf(certificate)
      : new DerError('The certificate names two signature algorithms');
    if (damage !== undefined) throw damaged(damage);
    return certificate;
  });
}

/**
 * Returns all certificates of a PEM text, or a certificate in DER, as OpenSSL loads them (`d2i_X509`). Certificates
 * with a malformed extension are loaded, too; {@link damageOf} reports the malformed extension.
 *
 * @throws PgHostsslError `certificate-invalid` if there is no certificate, or if OpenSSL does not load one of them
 */
export function loadCertificates(source: string | Uint8Array): readonly Certificate[] {
  assertSource(source, 'A certificate');
  const text = pemText(source);
  if (text === undefined) return [loadCertificate(Uint8Array.from(source as Uint8Array))];
  const blocks = decodePem(text).filter(isCertificateBlock);
  if (blocks.length === 0) throw noCertificate();
  return blocks.map(({ der }) => loadCertificate(der));
}

/**
 * Splits a certificate in DER into its parts. The names and extensions are not decoded yet. A function that decodes
 * them later throws {@link DerError} if they are malformed. {@link readCertificates} decodes all of them at once.
 *
 * @throws PgHostsslError `certificate-invalid`
 */
export function parseCertificate(bytes: Bytes): Certificate {
  return orDamaged(() => {
    const outer = new SequenceReader(readDer(bytes));
    const signed = outer.next(derTag.sequence);
    const signatureAlgorithm = outer.next(derTag.sequence);
    outer.next(derTag.bitString);
    outer.end();
    const fields = new SequenceReader(signed);
    const version = fields.contextual(0);
    const serialNumber = readInteger(fields.next());
    const innerAlgorithm = fields.next(derTag.sequence);
    const issuer = fields.next(derTag.sequence);
    const validity = new SequenceReader(fields.next());
    const [notBefore, notAfter] = [readTimeOrInvalid(validity.next()), readTimeOrInvalid(validity.next())];
    validity.end();
    const subject = fields.next(derTag.sequence);
    const publicKey = fields.next(derTag.sequence);
    // RFC 5280 §4.1.2.8: the unique identifiers of issuer and subject. Their encoding is checked, and their values are
    // dropped, because nothing uses them.
    for (const tag of [0x81, 0x82]) {
      const identifier = fields.optional(tag);
      if (identifier !== undefined) readBits(identifier, tag);
    }
    const extensions = fields.contextual(3);
    fields.end();
    const namesOneAlgorithm = equalBytes(innerAlgorithm.bytes, signatureAlgorithm.bytes);
    readAlgorithm(readPublicKey(publicKey.bytes).algorithm);
    readAlgorithm(signatureAlgorithm);
    if (!namesOneAlgorithm) readAlgorithm(innerAlgorithm);
    return {
      der: bytes,
      signed: signed.bytes,
      version: version === undefined ? 1 : versionOf(readInteger(version)),
      serialNumber,
      signatureAlgorithm,
      // RFC 5280 §4.1.1.2: a certificate names the signature algorithm twice. The signature covers only the name in the
      // signed part.
      namesOneAlgorithm,
      issuer,
      subject,
      notBefore,
      notAfter,
      publicKey: publicKey.bytes,
      extensions: extensions === undefined ? new Map() : readExtensions(extensions),
    };
  });
}

/** The version (1, 2 or 3) for the number in a certificate; 0 for an unknown number. OpenSSL accepts any number. */
function versionOf(content: Bytes): number {
  return content.length === 1 && content[0]! < 3 ? content[0]! + 1 : 0;
}

/** Parses a certificate and decodes its names, so that a later decoding of the names cannot fail. */
function loadCertificate(der: Bytes): Certificate {
  const certificate = parseCertificate(der);
  return orDamaged(() => {
    readName(certificate.issuer);
    readName(certificate.subject);
    return certificate;
  });
}

/**
 * The error in an extension or a time of a loaded certificate, or `undefined` if there is no error: OpenSSL's
 * `EXFLAG_INVALID`, set by `ossl_x509v3_cache_extensions`. If the result is `undefined`, no function that reads
 * extensions throws {@link DerError}.
 */
export function damageOf(certificate: Certificate): DerError | undefined {
  const { extensions, notBefore, notAfter } = certificate;
  if (Number.isNaN(notBefore.getTime() + notAfter.getTime())) return new DerError('A time is invalid');
  try {
    readBasicConstraints(extensions);
    readKeyUsage(extensions);
    readExtendedKeyUsage(extensions);
    readNetscapeCertType(extensions);
    readSubjectKeyIdentifier(extensions);
    readAuthorityKeyIdentifier(extensions);
    readAlternativeNames(extensions);
    readDistributionPoints(certificate);
    readNameConstraints(extensions);
    isProxy(extensions);
    return undefined;
  } catch (error) {
    if (error instanceof DerError) return error;
    throw error;
  }
}

function orDamaged<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof DerError ? damaged(cause) : cause;
  }
}

function damaged(cause: DerError): PgHostsslError {
  return new PgHostsslError('certificate-invalid', 'The certificate is damaged', { cause });
}

/** The certificate as PEM, with a final newline. */
export function certificatePem(der: Uint8Array): string {
  return encodePem('CERTIFICATE', der);
}

function noCertificate(): PgHostsslError {
  return new PgHostsslError('certificate-invalid', 'The text holds no certificate', {
    hint: 'A certificate in PEM begins with the line -----BEGIN CERTIFICATE-----, and its lines end with a line feed.',
  });
}
