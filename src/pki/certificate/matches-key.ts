import { assertProperties, type PropertyNames } from '../../arguments.ts';
import type { Bytes } from '../../asn1/bytes.ts';
import { derOctetString } from '../../asn1/der.ts';
import { equalBytes } from '../../c/compare.ts';
import { PgHostsslError } from '../../errors.ts';
import { PrivateKey, type ReadPrivateKeyOptions, signerOf } from '../keys/private-key.ts';
import { readPublicKey } from '../keys/public-key.ts';
import { signStructure } from '../keys/signature.ts';
import { verifySignature } from '../keys/verify-signature.ts';
import { type Certificate, readCertificate } from './certificate.ts';

/**
 * Whether a private key belongs to a certificate. The server makes the same check when it loads `ssl_cert_file` and
 * `ssl_key_file`. Keys that this library refuses to sign with, because they are weak, are compared, too.
 *
 * The public half in the key file is compared. OpenSSL does not check this half when it reads an RSA or EC key, so
 * `true` does not prove that whoever wrote the file has the private key of the certificate.
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

/**
 * @internal Whether a private key belongs to a certificate, proved by a signature over random bytes. Use this function
 * instead of {@link matchesKey} if somebody else wrote the key file, and the result gives rights to the writer: the
 * file can hold the public half of another key. If no signature can be made with the key, the result is `false`.
 *
 * @throws PgHostsslError the codes of {@link matchesKey}
 */
export async function provesKey(
  certificate: string,
  privateKey: string,
  options: Pick<ReadPrivateKeyOptions, 'passphrase'>,
): Promise<boolean> {
  const holder = readCertificate(certificate);
  const key = await PrivateKey.read(privateKey, { ...options, allowWeak: true });
  if (!belongsTo(key, holder)) return false;
  const signer = signerOf(key);
  try {
    const signed = await signStructure(derOctetString(signer.provider.random(32)), signer);
    // The public half that was compared verifies the signature: the certificate may restrict its key to another kind of
    // signature, such as RSASSA-PSS.
    return (await verifySignature(signed, signer.publicKey, signer.provider)) === 'valid';
  } catch (error) {
    if (error instanceof PgHostsslError && error.code === 'provider-failed') return false;
    throw error;
  }
}

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
