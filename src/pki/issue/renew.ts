import type { PropertyNames } from '../../arguments.ts';
import type { Bytes } from '../../asn1/bytes.ts';
import { PgHostsslError } from '../../errors.ts';
import type { Certificate } from '../certificate/certificate.ts';
import {
  authorityKeyIdentifier,
  extension,
  extensionOid,
  isCaCertificate,
  readSubjectKeyIdentifier,
  subjectKeyIdentifier,
} from '../certificate/extensions.ts';
import { keyIdentifier } from '../certificate/issuer.ts';
import { belongsTo } from '../certificate/matches-key.ts';
import { chooseSerialNumber } from '../certificate/serial-number.ts';
import { choosePeriod } from '../certificate/validity.ts';
import { chooseKey } from '../keys/choose-key.ts';
import { keyAlgorithmNames, kindOfKeyOrNone } from '../keys/key-algorithms.ts';
import { type PrivateKey, signerOf } from '../keys/private-key.ts';
import type { CompleteProvider } from '../provider/provider.ts';
import { type IssueOptions, issueNames } from './authority-options.ts';
import { type Root, rootDays } from './root.ts';
import { signCertificate } from './sign-certificate.ts';

/** Options of {@link CertificateAuthority.renewCertificate}. */
export interface RenewOptions extends IssueOptions {
  /**
   * The certificate of the CA that issued the old certificate, PEM, such as an old root that this CA replaces. If not
   * given, this CA must have issued the old certificate.
   */
  readonly issuedBy?: string | undefined;
}

export const renewNames: PropertyNames<RenewOptions> = { ...issueNames, issuedBy: true };

/** The extensions of a certificate, unchanged, except the subject key identifier and the authority key identifier. */
export function carriedExtensions(certificate: Certificate): readonly Bytes[] {
  const keyIdentifiers: readonly string[] = [extensionOid.subjectKeyIdentifier, extensionOid.authorityKeyIdentifier];
  return [...certificate.extensions]
    .filter(([oid]) => !keyIdentifiers.includes(oid))
    .map(([oid, { value, critical }]) => extension(oid, value, { critical }));
}

/**
 * The key in the options, or a new key. The new key is of the same kind as the key of the certificate, if this library
 * generates that kind.
 */
export async function chooseSameKind(
  { publicKey }: Certificate,
  options: IssueOptions,
  provider: CompleteProvider,
): Promise<PrivateKey> {
  const name = kindOfKeyOrNone(publicKey)?.name;
  const keyAlgorithm = options.keyAlgorithm ?? keyAlgorithmNames.find((known) => known === name);
  return chooseKey(keyAlgorithm === undefined ? options : { ...options, keyAlgorithm }, provider);
}

/**
 * Checks that a certificate is not a CA certificate.
 *
 * @throws PgHostsslError `not-a-leaf`
 */
export function checkIsLeaf(certificate: Certificate): void {
  if (!isCaCertificate(certificate.extensions)) return;
  throw new PgHostsslError('not-a-leaf', 'The certificate to renew is a CA certificate', {
    hint: 'Renew a root with `renew`. For an intermediate CA, issue its certificate again with the same key.',
  });
}

/** Does the work of {@link CertificateAuthority.renew}. */
export async function renewRoot(own: Certificate, options: IssueOptions, provider: CompleteProvider): Promise<Root> {
  const period = choosePeriod(options.validity ?? {}, rootDays, provider.now());
  const serialNumber = chooseSerialNumber(options.serialNumber, provider);
  const key = await chooseSameKind(own, options, provider);
  const signer = signerOf(key);
  const old = readSubjectKeyIdentifier(own.extensions);
  // If the root keeps its key, it also keeps its subject key identifier, because the certificates issued before name
  // that identifier.
  const identifier = belongsTo(key, own) && old !== undefined ? old : keyIdentifier(signer.publicKey);
  const content = {
    serialNumber,
    issuer: own.subject.bytes,
    subject: own.subject.bytes,
    ...period,
    publicKey: signer.publicKey,
    extensions: [...carriedExtensions(own), subjectKeyIdentifier(identifier), authorityKeyIdentifier(identifier)],
  };
  return { certificate: await signCertificate(content, signer), key };
}
