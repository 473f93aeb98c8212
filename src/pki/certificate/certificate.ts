import type { Bytes } from '../../asn1/bytes.ts';
import { derTag } from '../../asn1/der.ts';
import { decodePem, encodePem, pemText } from '../../asn1/pem.ts';
import {
  type DerElement,
  DerError,
  readDer,
  readInteger,
  readSmallInteger,
  readTime,
  SequenceReader,
} from '../../asn1/reader.ts';
import { equalBytes } from '../../c/compare.ts';
import { PgHostsslError } from '../../errors.ts';
import { canonicalName } from '../../names/canonical-name.ts';
import { decodeName } from '../../names/name.ts';
import { readAlgorithm, readPublicKey } from '../keys/key-algorithms.ts';
import { isWeakSignature } from '../keys/signature-algorithm.ts';
import { readHostEntries } from './alternative-names.ts';
import {
  type Extensions,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readDistributionPoints,
  readExtensions,
  readSubjectKeyIdentifier,
} from './extensions.ts';
import { readConstraints } from './forbidden-name.ts';
import { readUsages } from './key-usage.ts';

/** The parts of a certificate (RFC 5280 §4.1). They are not checked. */
export interface Certificate {
  /** The whole certificate, DER. */
  readonly der: Bytes;
  /** The signed part (TBSCertificate), DER. */
  readonly signed: Bytes;
  /** 1 to 3. */
  readonly version: number;
  /** Big-endian content octets of the serial number, unchanged. */
  readonly serialNumber: Bytes;
  /** The signature's AlgorithmIdentifier. */
  readonly signatureAlgorithm: DerElement;
  readonly issuer: DerElement;
  readonly subject: DerElement;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  readonly extensions: Extensions;
}

/**
 * The first certificate in a PEM text, or the one in DER.
 *
 * @throws PgHostsslError `certificate-invalid`
 */
export function readCertificate(source: string | Uint8Array): Certificate {
  const first = readCertificates(source)[0];
  if (first === undefined) throw noCertificate();
  return first;
}

/**
 * All certificates in a PEM text, or the one in DER.
 *
 * @throws PgHostsslError `certificate-invalid` if there is none, or one of them is unreadable.
 */
export function readCertificates(source: string | Uint8Array): readonly Certificate[] {
  const text = pemText(source);
  if (text === undefined) return [readWhole(Uint8Array.from(source as Uint8Array))];
  const blocks = decodePem(text).filter(({ label }) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE');
  if (blocks.length === 0) throw noCertificate();
  return blocks.map(({ der }) => readWhole(der));
}

/**
 * Takes a certificate in DER apart. Its names and extensions are read when they are needed, and throw {@link DerError}
 * then if they are malformed. {@link readCertificates} reads them all once.
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
    const [notBefore, notAfter] = [readTime(validity.next()), readTime(validity.next())];
    const subject = fields.next(derTag.sequence);
    const publicKey = fields.next(derTag.sequence);
    // The unique identifiers of issuer and subject (RFC 5280 §4.1.2.8), which nobody uses.
    fields.optional(0x81);
    fields.optional(0x82);
    const extensions = fields.contextual(3);
    fields.end();
    readAlgorithm(readPublicKey(publicKey.bytes).algorithm);
    // RFC 5280 §4.1.1.2: the signature covers the inner algorithm only.
    if (!equalBytes(innerAlgorithm.bytes, signatureAlgorithm.bytes)) {
      throw new DerError('The certificate names two signature algorithms');
    }
    return {
      der: bytes,
      signed: signed.bytes,
      version: version === undefined ? 1 : readSmallInteger(version) + 1,
      serialNumber,
      signatureAlgorithm,
      issuer,
      subject,
      notBefore,
      notAfter,
      publicKey: publicKey.bytes,
      extensions: extensions === undefined ? new Map() : readExtensions(extensions),
    };
  });
}

/** Parses a certificate and reads all its names and extensions once, so that reading them later cannot fail. */
function readWhole(der: Bytes): Certificate {
  const certificate = parseCertificate(der);
  return orDamaged(() => {
    const { issuer, subject, extensions, signatureAlgorithm } = certificate;
    const { issuer: named } = readAuthorityKeyIdentifier(extensions);
    for (const name of [issuer, subject, ...(named === undefined ? [] : [named])]) {
      decodeName(name);
      canonicalName(name);
    }
    readBasicConstraints(extensions);
    readUsages(extensions);
    readSubjectKeyIdentifier(extensions);
    readHostEntries(extensions);
    readDistributionPoints(extensions);
    readConstraints(certificate);
    isWeakSignature(signatureAlgorithm);
    return certificate;
  });
}

function orDamaged<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new PgHostsslError('certificate-invalid', 'The certificate is damaged', { cause });
  }
}

/** The certificate as PEM, with a final newline. */
export function certificatePem(der: Uint8Array): string {
  return encodePem('CERTIFICATE', der);
}

function noCertificate(): PgHostsslError {
  return new PgHostsslError('certificate-invalid', 'The text holds no certificate', {
    hint: 'A certificate in PEM begins with -----BEGIN CERTIFICATE-----.',
  });
}
