import type { Bytes } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { extension, extensionOid, readBasicConstraints } from '../certificate/extensions.ts';
import { type KeyAlgorithm, keyAlgorithmNames, kindOfKeyOrNone } from '../keys/key-algorithms.ts';
import type { IssueOptions } from './authority-options.ts';

/** How a certificate is renewed. */
export interface RenewOptions extends IssueOptions {
  /**
   * The certificate of the authority that issued it, PEM, if that is not this one: an old root that this one replaces. If
   * not given, the certificate must be of this authority.
   */
  readonly issuedBy?: string;
}

/** The extensions that say what a certificate is for, as they stand, without those that name keys. */
export function carriedExtensions(certificate: Certificate): readonly Bytes[] {
  const keyIdentifiers: readonly string[] = [extensionOid.subjectKeyIdentifier, extensionOid.authorityKeyIdentifier];
  return [...certificate.extensions]
    .filter(([oid]) => !keyIdentifiers.includes(oid))
    .map(([oid, { value, critical }]) => extension(oid, value, critical));
}

/** The kind of key that a certificate has, for a new one of the same kind; `undefined` where none is generated of it. */
export function sameKeyAlgorithm(certificate: Certificate): KeyAlgorithm | undefined {
  const name = kindOfKeyOrNone(certificate.publicKey)?.name;
  return keyAlgorithmNames.find((known) => known === name);
}

/**
 * A certificate to be renewed must be that of a server or a client.
 *
 * @throws PgHostsslError `authority-unfit`
 */
export function checkIsLeaf(certificate: Certificate): void {
  if (readBasicConstraints(certificate.extensions)?.isCa !== true) return;
  throw new PgHostsslError('authority-unfit', 'The certificate is that of an authority', {
    hint: 'Renew a root by its method renew, and an intermediate authority by issuing it again with its key.',
  });
}
