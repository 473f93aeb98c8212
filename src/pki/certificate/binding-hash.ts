import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import { signatureHash } from '../keys/signature-algorithm.ts';
import { readCertificate } from './certificate.ts';

/** The major versions of servers that offer a bound login with SCRAM. */
const offersBinding: PgMajorSpan = { since: 11 };

/**
 * @internal Whether a login with SCRAM over TLS can be bound to a server certificate (the first certificate of a PEM
 * text). libpq binds each such login by default if the server is PostgreSQL 11 or later (`channel_binding=prefer`), with
 * the hash of the signature on the certificate. A signature by an Ed25519 or Ed448 key has no hash, and the login fails.
 * @see `pgtls_get_peer_certificate_hash` in fe-secure-openssl.c
 */
export function allowsScram(certificate: string, version: PgMajor): boolean {
  if (!spanIncludes(offersBinding, version)) return true;
  return signatureHash(readCertificate(certificate).signatureAlgorithm) !== undefined;
}
