import { assertProperties, type PropertyNames } from '../../arguments.ts';
import type { DerElement } from '../../asn1/reader.ts';
import { PgHostsslError } from '../../errors.ts';
import { canonicalName } from '../../names/canonical-name.ts';
import { readCertificate } from '../certificate/certificate.ts';
import { sha1 } from '../provider/sha1.ts';
import { readCrls } from './crl.ts';

/** Options of {@link crlFileName} and {@link certificateFileName}. */
export interface HashNameOptions {
  /**
   * The number of the file among the files with the same hash, counted from 0; several CRLs of one CA have the same
   * hash. If not given, 0.
   */
  readonly index?: number | undefined;
}

/**
 * The file name under which OpenSSL finds a CRL in `ssl_crl_dir` (14 and later) or libpq's `sslcrldir`:
 * `<hash>.r<index>`. If the file has any other name, the server does not find the CRL and rejects every client.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, crlFileName } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { crl } = await authority.issueCrl();
 * assert.match(crlFileName(crl), /^[0-9a-f]{8}\.r0$/);
 * ```
 *
 * @param crl PEM or DER; only the first CRL of a PEM text is read
 * @throws PgHostsslError `crl-invalid`, `argument-invalid`
 */
export function crlFileName(crl: string | Uint8Array, options: HashNameOptions = {}): string {
  assertProperties(options, optionNames, 'options of crlFileName');
  return hashedCrlName(nameHash(readCrls(crl)[0]!.issuer), indexOf(options));
}

/**
 * The file name under which OpenSSL finds a CA certificate in a directory of CA certificates: `<hash>.<index>`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, certificateFileName } from 'pg-hostssl/pki';
 *
 * const { certificate } = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * assert.match(certificateFileName(certificate, { index: 1 }), /^[0-9a-f]{8}\.1$/);
 * ```
 *
 * @param certificate PEM or DER; only the first certificate of a PEM text is read
 * @throws PgHostsslError `certificate-invalid`, `argument-invalid`
 */
export function certificateFileName(certificate: string | Uint8Array, options: HashNameOptions = {}): string {
  assertProperties(options, optionNames, 'options of certificateFileName');
  return `${nameHash(readCertificate(certificate).subject)}.${indexOf(options)}`;
}

const optionNames: PropertyNames<HashNameOptions> = { index: true };

function indexOf({ index = 0 }: HashNameOptions): number {
  if (Number.isSafeInteger(index) && index >= 0) return index;
  throw new PgHostsslError('argument-invalid', 'index of a hashed file name must be a whole number from 0 on');
}

/** @internal The name of a CRL file for a hash of an issuer and the number of the file. */
export function hashedCrlName(hash: string, index: number): string {
  return `${hash}.r${index}`;
}

/**
 * @internal The parts of a file name that {@link hashedCrlName} makes, such as `5a3f0c1e.r0`; `undefined` for any other
 * name. OpenSSL looks for no other names.
 */
export function parseHashedCrlName(name: string): { readonly hash: string; readonly index: number } | undefined {
  const [, hash, index] = /^([0-9a-f]{8})\.r(0|[1-9]\d*)$/.exec(name) ?? [];
  return hash === undefined ? undefined : { hash, index: Number(index) };
}

/** @internal Whether a file name has the form of {@link certificateFileName}, such as `5a3f0c1e.0`. */
export function isHashedCertificateName(name: string): boolean {
  return /^[0-9a-f]{8}\.(?:0|[1-9]\d*)$/.test(name);
}

/**
 * @internal The hash of a name, as `X509_NAME_hash` of OpenSSL 1.0 and later computes it: the first four bytes,
 * little-endian, of the SHA-1 of the canonical form.
 */
export function nameHash(name: DerElement): string {
  return new DataView(sha1(canonicalName(name)).buffer).getUint32(0, true).toString(16).padStart(8, '0');
}
