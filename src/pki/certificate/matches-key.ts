import { assertProperties, type PropertyNames } from '../../arguments.ts';
import type { Bytes } from '../../asn1/bytes.ts';
import { equalBytes } from '../../c/compare.ts';
import { PrivateKey, type ReadPrivateKeyOptions, signerOf } from '../keys/private-key.ts';
import { readPublicKey } from '../keys/public-key.ts';
import { type Certificate, readCertificate } from './certificate.ts';

/**
 * Whether a private key belongs to a certificate. The server makes the same check when it loads `ssl_cert_file` and
 * `ssl_key_file`. Keys that this library refuses to sign with, because they are weak, are compared, too.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, matchesKey } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { certificate, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * assert.equal(await matchesKey(certificate, privateKey), true);
 * assert.equal(await matchesKey(certificate, authority.privateKey.toPem()), false);
 * ```
 *
 * @param certificate PEM or DER; only the first certificate of a PEM text is read
 * @param privateKey a {@link PrivateKey}, PEM or DER
 * @throws PgHostsslError `certificate-invalid`, `private-key-invalid`, `passphrase-missing`, `passphrase-wrong`,
 * `key-iterations-exceeded`, `key-algorithm-unsupported`, `argument-invalid`
 */
export async function matchesKey(
  certificate: string | Uint8Array,
  privateKey: PrivateKey | string | Uint8Array,
  options: Omit<ReadPrivateKeyOptions, 'allowWeak'> = {},
): Promise<boolean> {
  assertProperties(options, optionNames, 'options of matchesKey');
  const holder = readCertificate(certificate);
  const key =
    privateKey instanceof PrivateKey ? privateKey : await PrivateKey.read(privateKey, { ...options, allowWeak: true });
  return belongsTo(key, holder);
}

const optionNames: PropertyNames<Omit<ReadPrivateKeyOptions, 'allowWeak'>> = {
  passphrase: true,
  maxIterations: true,
  provider: true,
};

/** @internal Whether a certificate holds the public half of a private key. */
export function belongsTo(key: PrivateKey, certificate: Certificate): boolean {
  const { publicKey, kind } = signerOf(key);
  const [own, other] = [readPublicKey(publicKey).bits, readPublicKey(certificate.publicKey).bits];
  return equalBytes(own, other) || (kind.name.startsWith('ecdsa-') && equalBytes(compressedPoint(own), other));
}

/**
 * The compressed form of an elliptic curve point (OpenSSL's `ec_conv_form compressed`): X, and whether Y is odd (SEC 1
 * §2.3.3).
 */
function compressedPoint(point: Bytes): Bytes {
  return Uint8Array.of(2 + (point.at(-1)! & 1), ...point.subarray(1, (point.length + 1) / 2));
}
