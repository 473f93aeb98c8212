import { type Bytes, equalBytes, fromHex } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import {
  type Certificate,
  certificatePem,
  parseCertificate,
  publicKeyBits,
  serialNumberHex,
} from '../certificate/certificate.ts';
import { type PrivateKey, type Signer, signerOf } from '../keys/private-key.ts';
import { signatureAlgorithm, signStructure } from '../keys/signature.ts';
import { buildCertificate, type CertificateContent } from '../keys/x509.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import { encodeCertificate } from './encode-certificate.ts';

/** A certificate that was issued, with all that its user needs. */
export interface IssuedCertificate {
  /** The certificate alone, PEM with a final newline. */
  readonly certificate: string;
  /**
   * The certificate and after it the intermediate authorities up to, but without, the root: what goes into
   * `ssl_cert_file` and libpq's `sslcert`. PEM with a final newline.
   */
  readonly chain: string;
  /** Hexadecimal digits, lower-case. `pg_stat_ssl.client_serial` shows the same number in decimal. */
  readonly serialNumber: string;
  /** First moment of its validity. */
  readonly notBefore: Date;
  /** Last moment of its validity. */
  readonly notAfter: Date;
}

/** An issued certificate with its private key. */
export interface IssuedKeyPair extends IssuedCertificate {
  /** The private key. Its `toPem()` gives the text; inspection and serialization show no part of the key. */
  readonly privateKey: PrivateKey;
}

/**
 * @internal Signs an authority's certificate, which is rare, as @peculiar/x509 builds it.
 *
 * @throws PgHostsslError `readback-mismatch`
 */
export async function signAuthority(content: CertificateContent, signer: Signer): Promise<Certificate> {
  return readBack(await buildCertificate(content, signer), content);
}

/**
 * @internal Signs a certificate for a server or a client, of which there are many.
 *
 * @throws PgHostsslError `readback-mismatch`
 */
export async function signLeaf(content: CertificateContent, signer: Signer): Promise<Certificate> {
  const signed = encodeCertificate(content, signatureAlgorithm(signer.kind));
  return readBack(await signStructure(signed, signer), content);
}

/** Reads a certificate back, which is given out only if it says what was asked for. */
function readBack(der: Bytes, content: CertificateContent): Certificate {
  const certificate = parseCertificate(der);
  const asMeant =
    equalBytes(certificate.subject.bytes, content.subject) &&
    equalBytes(certificate.issuer.bytes, content.issuer) &&
    equalBytes(certificate.publicKey, content.publicKey) &&
    serialNumberHex(certificate.serialNumber) === serialNumberHex(content.serialNumber) &&
    certificate.notBefore.getTime() === content.notBefore.getTime() &&
    certificate.notAfter.getTime() === content.notAfter.getTime() &&
    certificate.extensions.size === content.extensions.length;
  if (!asMeant) {
    throw new PgHostsslError('readback-mismatch', 'The certificate does not read back as what was asked for');
  }
  return certificate;
}

/** @internal A certificate as it is given to the caller. */
export function issued(certificate: Certificate, issuers: string): IssuedCertificate {
  const pem = certificatePem(certificate.der);
  return {
    certificate: pem,
    chain: pem + issuers,
    serialNumber: serialNumberHex(certificate.serialNumber),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
  };
}

/** @internal A certificate with its key as it is given to the caller. */
export function issuedWithKey(certificate: Certificate, issuers: string, key: PrivateKey): IssuedKeyPair {
  return { ...issued(certificate, issuers), privateKey: key };
}

/** @internal SHA-1 over the key's bits: the first way of RFC 5280 §4.2.1.2, and what OpenSSL writes. */
export async function keyIdentifier(publicKey: Bytes, provider: CompleteProvider): Promise<Bytes> {
  const bits = publicKeyBits(publicKey);
  return provider.direct?.sha1(bits) ?? new Uint8Array(await provider.crypto.subtle.digest('SHA-1', bits));
}

/**
 * @internal The serial number asked for, or a new one: 158 random bits, always 20 octets long.
 *
 * @throws PgHostsslError `serial-number-invalid`
 */
export function chooseSerialNumber(asked: string | undefined, provider: CompleteProvider): Bytes {
  if (asked !== undefined) return parseSerialNumber(asked);
  const bytes = Uint8Array.from(provider.random(20));
  // The highest bit is the sign; the next one keeps the length.
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes;
}

/**
 * The bytes of a serial number.
 *
 * @throws PgHostsslError `serial-number-invalid`
 */
function parseSerialNumber(digits: string): Bytes {
  const bytes = fromHex(digits);
  if (/^(?:[0-9a-f]{2}){1,20}$/i.test(digits) && bytes[0]! < 0x80 && bytes.some((octet) => octet !== 0)) return bytes;
  throw new PgHostsslError('serial-number-invalid', `${JSON.stringify(digits)} is no serial number`, {
    hint: 'Give 2 to 40 hexadecimal digits, pairwise, below 80… and not all zero (RFC 5280 §4.1.2.2).',
  });
}

/** @internal Whether the private key belongs to the certificate: the public halves are the same. */
export function belongsTo(key: PrivateKey, certificate: Certificate): boolean {
  const { publicKey, kind } = signerOf(key);
  const [own, other] = [publicKeyBits(publicKey), publicKeyBits(certificate.publicKey)];
  return equalBytes(own, other) || (kind.name.startsWith('ecdsa-') && equalBytes(compressedPoint(own), other));
}

/** The short form in which OpenSSL (`ec_conv_form compressed`) may write a point: X, and whether Y is odd (SEC 1 §2.3.3). */
function compressedPoint(point: Bytes): Bytes {
  return Uint8Array.of(2 + (point.at(-1)! & 1), ...point.subarray(1, (point.length + 1) / 2));
}
