import { sameName } from './canonical-name.ts';
import type { Certificate } from './certificate.ts';
import { equalBytes } from './der.ts';
import { type Extensions, readAuthorityKeyIdentifier, readSubjectKeyIdentifier } from './extensions.ts';

/** Whether subject and issuer are the same name (`EXFLAG_SI` of OpenSSL), as in a root. */
export function isSelfIssued({ issuer, subject }: Certificate): boolean {
  return sameName(issuer, subject);
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
