import type { Certificate } from './certificate.ts';
import { type Purpose, readExtendedKeyUsage, readKeyUsage, readNetscapeCertType } from './extensions.ts';

/** What each purpose asks of a leaf; of authorities the extended key usage alone is looked at. */
const purposeRules = {
  clientAuth: {
    extended: ['clientAuth'],
    usage: ['digitalSignature', 'keyAgreement'],
    netscape: 'sslClient',
  },
  serverAuth: {
    // Server-gated cryptography of Microsoft and Netscape.
    extended: ['serverAuth', '1.3.6.1.4.1.311.10.3.3', '2.16.840.1.113730.4.1'],
    usage: ['digitalSignature', 'keyAgreement', 'keyEncipherment'],
    netscape: 'sslServer',
  },
} as const;

/**
 * Whether OpenSSL takes a certificate for a purpose: `check_purpose_ssl_client` and `check_purpose_ssl_server` (crypto/x509/v3_purp.c);
 * `anyExtendedKeyUsage` is not enough there. An authority limits what is below it, too.
 */
export function isForPurpose({ extensions }: Certificate, purpose: Purpose, isLeaf: boolean): boolean {
  const rules = purposeRules[purpose];
  const allows = (own: readonly string[] | undefined, asked: readonly string[]) =>
    own === undefined || own.some((name) => asked.includes(name));
  if (!allows(readExtendedKeyUsage(extensions), rules.extended)) return false;
  if (!isLeaf) return true;
  return allows(readKeyUsage(extensions), rules.usage) && allows(readNetscapeCertType(extensions), [rules.netscape]);
}
