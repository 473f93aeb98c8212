import { equalBytes } from '../../asn1/der.ts';
import { sameName } from '../../names/canonical-name.ts';
import type { Certificate } from './certificate.ts';
import {
  type Extensions,
  extensionOid,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readNetscapeCertType,
  readSubjectKeyIdentifier,
} from './extensions.ts';

/** Whether subject and issuer are the same name (`EXFLAG_SI` of OpenSSL), as in a root. */
export function isSelfIssued({ issuer, subject }: Certificate): boolean {
  return sameName(issuer, subject);
}

/**
 * Whether a certificate names itself as its issuer, in all that it says of it (`EXFLAG_SS` of OpenSSL, which looks at no
 * signature for it): a root. An authority with the name of the one above it, but another key, is none.
 */
export function isSelfSigned(certificate: Certificate): boolean {
  return isIssuerOf(certificate, certificate);
}

/** Whether a certificate names this one as its issuer: by name, and by all that its authority key identifier says. */
export function isIssuerOf(issuer: Certificate, certificate: Certificate): boolean {
  return sameName(certificate.issuer, issuer.subject) && isNamedAuthority(issuer, certificate.extensions);
}

/**
 * Whether the authority key identifier among these extensions, if there is one, fits this authority
 * (`X509_check_akid`): the key identifier, where both have one, and the serial number and issuer of the authority's own
 * certificate, as easy-rsa writes them, which a renewed certificate of the same key no longer has.
 */
export function isNamedAuthority(authority: Certificate, extensions: Extensions): boolean {
  const { keyIdentifier, issuer, serialNumber } = readAuthorityKeyIdentifier(extensions);
  const own = readSubjectKeyIdentifier(authority.extensions);
  return (
    (keyIdentifier === undefined || own === undefined || equalBytes(keyIdentifier, own)) &&
    (serialNumber === undefined || equalBytes(serialNumber, authority.serialNumber)) &&
    (issuer === undefined || sameName(issuer, authority.issuer))
  );
}

/**
 * Whether a certificate without basic constraints counts as an authority where it is a root: `check_ca` of OpenSSL still
 * goes by its version, its key usage (which may yet lack keyCertSign) and Netscape's type.
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
