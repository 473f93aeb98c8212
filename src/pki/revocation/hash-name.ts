import type { DerElement } from '../../asn1/der.ts';
import { canonicalName } from '../../names/canonical-name.ts';
import { readCertificate } from '../certificate/certificate.ts';
import { type CompleteProvider, completeProvider, type ProviderOptions } from '../provider/provider.ts';
import { readCrls } from './crl.ts';

/** How a file in a hash directory is to be called. */
export interface HashNameOptions extends ProviderOptions {
  /** Counts files of names with the same hash, from 0 on: several lists of one authority, for one. */
  readonly index?: number;
}

/**
 * The name under which OpenSSL looks for a revocation list in `ssl_crl_dir` (14 and later) or libpq's `sslcrldir`:
 * `<hash>.r<index>`. A list with any other name is not found, and then every client is rejected.
 *
 * @throws PgHostsslError `crl-invalid`
 */
export async function crlFileName(list: string, options: HashNameOptions = {}): Promise<string> {
  const { index = 0, provider } = options;
  return `${await nameHash(readCrls(list)[0]!.issuer, await completeProvider(provider))}.r${index}`;
}

/**
 * The name under which OpenSSL looks for an authority's certificate in a directory of certificates: `<hash>.<index>`.
 *
 * @throws PgHostsslError `certificate-invalid`
 */
export async function certificateFileName(certificate: string, options: HashNameOptions = {}): Promise<string> {
  const { index = 0, provider } = options;
  return `${await nameHash(readCertificate(certificate).subject, await completeProvider(provider))}.${index}`;
}

/**
 * @internal The hash of a name as `X509_NAME_hash` of OpenSSL 1.0 and later has it: the first four bytes, read as
 * little-endian, of the SHA-1 of the canonical form.
 */
export async function nameHash(name: DerElement, provider: CompleteProvider): Promise<string> {
  const digest = new Uint8Array(await provider.crypto.subtle.digest('SHA-1', canonicalName(name)));
  return new DataView(digest.buffer).getUint32(0, true).toString(16).padStart(8, '0');
}
