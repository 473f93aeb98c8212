import type { Bytes } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import { encodeName, parseName } from '../../names/name.ts';
import { checkPathLength } from '../certificate/authority-limits.ts';
import type { Certificate } from '../certificate/certificate.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  keyUsage,
  readSubjectKeyIdentifier,
  subjectAltName,
  subjectKeyIdentifier,
} from '../certificate/extensions.ts';
import { nameConstraints } from '../certificate/name-constraints.ts';
import { choosePeriod } from '../certificate/validity.ts';
import { chooseKey, type PrivateKey, signerOf } from '../keys/private-key.ts';
import { type CompleteProvider, completeProvider } from '../provider/provider.ts';
import type { AuthorityOptions, CreateAuthorityOptions, IssueOptions } from './authority-options.ts';
import { belongsTo, chooseSerialNumber, keyIdentifier, signAuthority } from './issue.ts';
import { parseHosts, serverKeyUsage } from './profile.ts';
import { carriedExtensions, sameKeyAlgorithm } from './renew.ts';

/** A self-signed authority. */
export interface Root {
  readonly certificate: Certificate;
  readonly key: PrivateKey;
}

/** Days of validity where none are given. */
const defaultDays = 3650;

/** What {@link CertificateAuthority.create} makes. */
export async function createRoot(options: CreateAuthorityOptions): Promise<Root> {
  const subject = authorityName(options);
  const hosts = options.hosts === undefined ? undefined : parseHosts(options.hosts);
  const constraints = limits(options, checkPathLength(options.pathLength));
  const provider = await completeProvider(options.provider);
  const period = choosePeriod(options.validity ?? {}, defaultDays, provider.now());
  const serialNumber = chooseSerialNumber(options.serialNumber, provider);
  const key = await chooseKey(options, provider);
  const signer = signerOf(key);
  const identifier = await keyIdentifier(signer.publicKey, provider);
  const extensions = [
    ...constraints,
    // With a server's purpose in an extended key usage, the authority would no longer be one for clients.
    keyUsage([...(hosts === undefined ? [] : serverKeyUsage(signer.kind)), 'keyCertSign', 'cRLSign']),
    subjectKeyIdentifier(identifier),
    authorityKeyIdentifier(identifier),
    ...(hosts === undefined ? [] : [subjectAltName(hosts)]),
  ];
  const content = { serialNumber, issuer: subject, subject, ...period, publicKey: signer.publicKey, extensions };
  return { certificate: await signAuthority(content, signer), key };
}

/** What {@link CertificateAuthority.renew} makes. */
export async function renewRoot(own: Certificate, options: IssueOptions, provider: CompleteProvider): Promise<Root> {
  const period = choosePeriod(options.validity ?? {}, defaultDays, provider.now());
  const serialNumber = chooseSerialNumber(options.serialNumber, provider);
  const keyAlgorithm = options.keyAlgorithm ?? sameKeyAlgorithm(own);
  const key = await chooseKey(keyAlgorithm === undefined ? options : { ...options, keyAlgorithm }, provider);
  const signer = signerOf(key);
  const old = readSubjectKeyIdentifier(own.extensions);
  // What the old certificate issued names this identifier, so that it stays with the key.
  const identifier = belongsTo(key, own) && old !== undefined ? old : await keyIdentifier(signer.publicKey, provider);
  const content = {
    serialNumber,
    issuer: own.subject.bytes,
    subject: own.subject.bytes,
    ...period,
    publicKey: signer.publicKey,
    extensions: [...carriedExtensions(own), subjectKeyIdentifier(identifier), authorityKeyIdentifier(identifier)],
  };
  return { certificate: await signAuthority(content, signer), key };
}

/** The name of an authority, in DER. */
export function authorityName(options: AuthorityOptions): Bytes {
  const subject = parseName(options.subject);
  if (subject.length === 0) throw new PgHostsslError('name-invalid', 'An authority has an empty name');
  return encodeName(subject);
}

/** The extensions that limit what an authority may issue. */
export function limits(options: AuthorityOptions, pathLength: number | undefined): readonly Bytes[] {
  return [
    basicConstraints({ isCa: true, ...(pathLength === undefined ? {} : { pathLength }) }),
    ...(options.nameConstraints === undefined ? [] : [nameConstraints(options.nameConstraints)]),
  ];
}
