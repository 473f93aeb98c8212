import { decodePem } from '../../../asn1/pem.ts';
import { certificatesOnly, privateKeyOnly } from '../../../asn1/pem-contents.ts';
import { isBlank } from '../../../c/ascii.ts';
import { inspectCertificate } from '../../../pki/certificate/inspect.ts';
import { givenCrls } from '../crl/given-crls.ts';
import { inProperty, invalid } from '../request/invalid.ts';
import type { RevocationRequest } from '../request/lifecycle-requests.ts';

/**
 * Checks that a property of a request holds certificates that can be read. Text without content counts as not given.
 *
 * @throws PgHostsslError `certificate-invalid`, `private-key-misplaced`; the message names the property
 */
export function assertCertificatesIn(name: string, text: string | Uint8Array): void {
  if (typeof text === 'string' && isBlank(text)) return;
  const certificates = decodePem(certificatesOnly(text, `The property ${name} of the request`));
  inProperty(name, () => {
    for (const block of certificates) inspectCertificate(block.text);
  });
}

/**
 * Checks the properties of a request that hold finished CRLs, and the CA certificates that issued them.
 *
 * @throws PgHostsslError `argument-invalid`, `crl-invalid`, `certificate-invalid`, `private-key-misplaced`
 */
export function assertGivenCrls({ crls, issuers }: Pick<RevocationRequest, 'crls' | 'issuers'>): void {
  if (crls !== undefined && typeof crls !== 'string') throw invalid('crls', 'must be PEM');
  if (issuers !== undefined && typeof issuers !== 'string') throw invalid('issuers', 'must be PEM');
  givenCrls(crls);
  if (issuers === undefined || isBlank(issuers)) return;
  if (crls === undefined) throw invalid('issuers', 'must be given with crls');
  assertCertificatesIn('issuers', issuers);
}

/**
 * Checks that a property of a request holds one private key. An encrypted key is not decrypted.
 *
 * @throws PgHostsslError `private-key-invalid`; the message names the property
 */
export function assertPrivateKeyIn(name: string, text: string): void {
  privateKeyOnly(text, `The property ${name} of the request`);
}
