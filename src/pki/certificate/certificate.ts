import {
  type Bytes,
  type DerElement,
  DerError,
  der,
  derInteger,
  derTag,
  equalBytes,
  expectTag,
  fromHex,
  isUnreadable,
  readBitString,
  readChildrenOf,
  readDer,
  readInteger,
  readOid,
  readTime,
  toHex,
} from '../../asn1/der.ts';
import { decodePem, encodePem } from '../../asn1/pem.ts';
import { PgHostsslError } from '../../errors.ts';
import { canonicalName } from '../../names/canonical-name.ts';
import { decodeName } from '../../names/name.ts';
import { type Extensions, readAllExtensions, readAuthorityKeyIdentifier, readExtensions } from './extensions.ts';
import { readConstraints } from './forbidden-name.ts';
import { readDistributionPoints } from './list-scope.ts';
import { isWeakSignature } from './weak-signature.ts';

/** A certificate taken apart (RFC 5280 §4.1), without judging it. */
export interface Certificate {
  /** The whole certificate. */
  readonly der: Bytes;
  /** What is signed. */
  readonly signed: Bytes;
  /** 1 to 3. */
  readonly version: number;
  /** Big-endian content octets of the serial number, as they stand. */
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
 * The certificate in a PEM text (its first one) or in DER.
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
  const text = typeof source === 'string' ? source : new TextDecoder('utf-8').decode(source);
  const blocks = decodePem(text).filter(({ label }) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE');
  if (blocks.length > 0) return blocks.map(({ der }) => readWhole(der));
  if (typeof source === 'string' || text.includes('-----BEGIN ')) throw noCertificate();
  return [readWhole(Uint8Array.from(source))];
}

/**
 * A certificate in DER taken apart. Its names and extensions are read where they are needed, and may turn out unreadable
 * there; those of certificates from outside were read once before.
 */
export function parseCertificate(bytes: Bytes): Certificate {
  return orDamaged(() => {
    const [signed, algorithm] = readChildrenOf(readDer(bytes), derTag.sequence);
    const fields = [...readChildrenOf(signed, derTag.sequence)];
    const version = fields[0]?.tag === 0xa0 ? readDer(fields.shift()!.content).content[0]! + 1 : 1;
    const [serial, innerAlgorithm, issuer, validity, subject, publicKey, ...rest] = fields;
    const [notBefore, notAfter] = readChildrenOf(validity, derTag.sequence);
    const extensions = rest.find(({ tag }) => tag === 0xa3);
    const [keyAlgorithm, keyBits] = readChildrenOf(publicKey, derTag.sequence);
    readOid(readChildrenOf(keyAlgorithm, derTag.sequence)[0]);
    readBitString(keyBits);
    const serialNumber = readInteger(serial);
    if (innerAlgorithm === undefined) throw new DerError('it names no signature algorithm');
    // RFC 5280 §4.1.1.2; the one outside is not signed.
    if (!equalBytes(innerAlgorithm.bytes, algorithm!.bytes)) throw new DerError('it names two signature algorithms');
    return {
      der: bytes,
      signed: signed!.bytes,
      version,
      serialNumber,
      signatureAlgorithm: algorithm!,
      issuer: expectTag(issuer, derTag.sequence),
      subject: expectTag(subject, derTag.sequence),
      notBefore: readTime(notBefore),
      notAfter: readTime(notAfter),
      publicKey: publicKey!.bytes,
      extensions: extensions === undefined ? new Map() : readExtensions(extensions.content),
    };
  });
}

/** A certificate from outside: all that is read later is read once here, so that it cannot fail then. */
function readWhole(der: Bytes): Certificate {
  const certificate = parseCertificate(der);
  return orDamaged(() => {
    const { issuer, subject, extensions, signatureAlgorithm } = certificate;
    const { issuer: named } = readAuthorityKeyIdentifier(extensions);
    for (const name of [issuer, subject, ...(named === undefined ? [] : [named])]) {
      decodeName(name);
      canonicalName(name);
    }
    readAllExtensions(extensions);
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
    if (!isUnreadable(cause)) throw cause;
    throw new PgHostsslError('certificate-invalid', 'The certificate is damaged', { cause });
  }
}

/** The certificate as PEM, with a final newline. */
export function certificatePem(der: Uint8Array): string {
  return encodePem('CERTIFICATE', der);
}

/** A serial number as hexadecimal digits, without a sign octet; with a minus where it is negative, as RFC 5280 forbids. */
export function serialNumberHex(serialNumber: Uint8Array): string {
  const isNegative = serialNumber[0]! >= 0x80;
  const digits = toHex(isNegative ? negated(Uint8Array.of(0xff, ...serialNumber)) : serialNumber);
  return (isNegative ? '-' : '') + digits.replace(/^(?:00)+(?=..)/, '');
}

/** The INTEGER of such digits. */
export function serialNumberDer(digits: string): Bytes {
  if (!digits.startsWith('-')) return derInteger(fromHex(digits));
  const bytes = negated(Uint8Array.of(0, ...fromHex(digits.slice(1))));
  return der(derTag.integer, bytes[1]! >= 0x80 ? bytes.subarray(1) : bytes);
}

/** The negative of a number in two's complement. */
function negated(bytes: Bytes): Bytes {
  const digits = toHex(bytes.map((octet) => ~octet));
  const sum = BigInt(`0x${digits}`) + 1n;
  return fromHex(sum.toString(16).padStart(digits.length, '0').slice(-digits.length));
}

/** The bits of the key in a SubjectPublicKeyInfo. */
export function publicKeyBits(publicKey: Bytes): Bytes {
  return readBitString(readChildrenOf(readDer(publicKey), derTag.sequence)[1]);
}

function noCertificate(): PgHostsslError {
  return new PgHostsslError('certificate-invalid', 'The text holds no certificate', {
    hint: 'A certificate in PEM begins with -----BEGIN CERTIFICATE-----.',
  });
}
