import type { Bytes } from '../../asn1/bytes.ts';
import { equalBytes } from '../../c/compare.ts';
import { sameName } from '../../names/canonical-name.ts';
import { readPublicKey } from '../keys/public-key.ts';
import { canHaveSigned, signatureKeyType } from '../keys/signature-algorithm.ts';
import { sha1 } from '../provider/sha1.ts';
import type { Certificate } from './certificate.ts';
import {
  type Extensions,
  extensionOid,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readSubjectKeyIdentifier,
} from './extensions.ts';
import { readNetscapeCertType } from './key-usage.ts';

/**
 * @internal The key identifier of a new certificate: SHA-1 of the key's bits (RFC 5280 §4.2.1.2, method 1), as OpenSSL
 * writes it.
 */
export function keyIdentifier(publicKey: Bytes): Bytes {
  return sha1(readPublicKey(publicKey).bits);
}

/**
 * Whether the subject and the issuer of a certificate are the same name, as in a root certificate: OpenSSL's
 * `EXFLAG_SI`.
 */
export function isSelfIssued({ issuer, subject }: Certificate): boolean {
  return sameName(issuer, subject);
}

/**
 * Whether a certificate names itself as its issuer, by name and by authority key identifier, as a root certificate
 * does: OpenSSL's `EXFLAG_SS`. The signature is not checked. A CA certificate whose issuer has the same name but
 * another key is not self-signed.
 */
export function isSelfSigned(certificate: Certificate): boolean {
  const { publicKey, signatureAlgorithm } = certificate;
  return isNamedIssuer(certificate, certificate) && canHaveSigned(publicKey, signatureAlgorithm);
}

/** Whether two certificates are for the same subject and key, as a root and its cross certificate. */
export function isSameHolder(a: Certificate, b: Certificate): boolean {
  return sameName(a.subject, b.subject) && equalBytes(a.publicKey, b.publicKey);
}

/**
 * Whether a certificate names a CA certificate as its issuer, by name and authority key identifier, and the key of the
 * CA is of the type that made the signature: `ossl_x509_likely_issued`. If OpenSSL does not know the type of signature,
 * only the names decide.
 */
export function isIssuerOf(issuer: Certificate, certificate: Certificate): boolean {
  if (!isNamedIssuer(issuer, certificate)) return false;
  const { signatureAlgorithm } = certificate;
  return signatureKeyType(signatureAlgorithm) === undefined || canHaveSigned(issuer.publicKey, signatureAlgorithm);
}

/** Whether a certificate names this CA certificate as its issuer. The type of the CA's key is not compared. */
export function isNamedIssuer(issuer: Certificate, certificate: Certificate): boolean {
  return sameName(certificate.issuer, issuer.subject) && isNamedAuthority(issuer, certificate.extensions);
}

/**
 * Whether the authority key identifier in these extensions names a CA certificate: `X509_check_akid`. The key
 * identifiers are compared if both certificates have one. The authority key identifier may also hold the serial number
 * and the issuer of the CA certificate; easy-rsa writes it so. Such an identifier does not name a renewed CA
 * certificate, even if the renewed CA has the same key.
 */
export function isNamedAuthority(authority: Certificate, extensions: Extensions): boolean {
  const { keyIdentifier, issuer, serialNumber } = readAuthorityKeyIdentifier(extensions);
  const own = readSubjectKeyIdentifier(authority.extensions);
  return (
    keyIdentifiersFit(keyIdentifier, own) &&
    (serialNumber === undefined || equalBytes(serialNumber, authority.serialNumber)) &&
    (issuer === undefined || sameName(issuer, authority.issuer))
  );
}

/** Whether two key identifiers may be of the same key: they are equal, or one of them is missing. */
export function keyIdentifiersFit(a: Bytes | undefined, b: Bytes | undefined): boolean {
  return a === undefined || b === undefined || equalBytes(a, b);
}

/**
 * Whether OpenSSL accepts a root certificate without basic constraints as a CA certificate: `check_ca`. OpenSSL accepts
 * such a certificate if its version is 1, if it has a key usage (even one without keyCertSign), or if Netscape's
 * certificate type says that it is a CA.
 */
export function isOldRoot(certificate: Certificate): boolean {
  const { extensions, version } = certificate;
  if (readBasicConstraints(extensions) !== undefined) return false;
  return (
    (version === 1 && isSelfIssued(certificate)) ||
    extensions.has(extensionOid.keyUsage) ||
    readNetscapeCertType(extensions)?.includes('sslCA') === true
  );
}
