import type { Bytes } from '../../asn1/bytes.ts';
import { PgHostsslError } from '../../errors.ts';
import { encodeName, parseName } from '../../names/name.ts';
import { subjectAltName } from '../certificate/alternative-names.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { authorityKeyIdentifier, basicConstraints, subjectKeyIdentifier } from '../certificate/extensions.ts';
import { keyIdentifier } from '../certificate/issuer.ts';
import { keyUsage } from '../certificate/key-usage.ts';
import { nameConstraints } from '../certificate/name-constraints.ts';
import { chooseSerialNumber } from '../certificate/serial-number.ts';
import { choosePeriod } from '../certificate/validity.ts';
import { chooseKey } from '../keys/choose-key.ts';
import { type PrivateKey, signerOf } from '../keys/private-key.ts';
import { completeProvider } from '../provider/provider.ts';
import { checkPathLength } from './authority-limits.ts';
import type { AuthorityOptions, CreateAuthorityOptions } from './authority-options.ts';
import { chooseDnsText, parseHosts, serverKeyUsage } from './profile.ts';
import { signCertificate } from './sign-certificate.ts';

/** A new root CA: its certificate and its key. */
export interface Root {
  readonly certificate: Certificate;
  readonly key: PrivateKey;
}

/** The number of days for which a root is valid, if the caller gives no validity. */
export const rootDays = 3650;

/** Does the work of {@link CertificateAuthority.create}. */
export async function createRoot(options: CreateAuthorityOptions): Promise<Root> {
  const subject = authorityName(options);
  const hosts = options.hosts === undefined ? undefined : parseHosts(options.hosts);
  const dnsText = chooseDnsText(options.dnsTextOfAddresses);
  const constraints = limits(options, checkPathLength(options.pathLength));
  const provider = await completeProvider(options.provider);
  const period = choosePeriod(options.validity ?? {}, rootDays, provider.now());
  const serialNumber = chooseSerialNumber(options.serialNumber, provider);
  const key = await chooseKey(options, provider);
  const signer = signerOf(key);
  const identifier = keyIdentifier(signer.publicKey);
  const extensions = [
    ...constraints,
    // The root gets no extended key usage extension. An extension with serverAuth would not allow the root to issue
    // client certificates.
    keyUsage([...(hosts === undefined ? [] : serverKeyUsage(signer.kind)), 'keyCertSign', 'cRLSign']),
    subjectKeyIdentifier(identifier),
    authorityKeyIdentifier(identifier),
    ...(hosts === undefined ? [] : [subjectAltName(hosts, dnsText)]),
  ];
  const content = { serialNumber, issuer: subject, subject, ...period, publicKey: signer.publicKey, extensions };
  return { certificate: await signCertificate(content, signer), key };
}

/** The name of a CA, in DER. */
export function authorityName(options: AuthorityOptions): Bytes {
  const subject = parseName(options.subject);
  if (subject.length === 0) throw new PgHostsslError('name-invalid', 'The name of a CA must not be empty');
  return encodeName(subject);
}

/** The basic constraints and name constraints of a CA certificate. */
export function limits(options: AuthorityOptions, pathLength: number | undefined): readonly Bytes[] {
  return [
    basicConstraints({ isCa: true, ...(pathLength === undefined ? {} : { pathLength }) }),
    ...(options.nameConstraints === undefined ? [] : [nameConstraints(options.nameConstraints)]),
  ];
}
