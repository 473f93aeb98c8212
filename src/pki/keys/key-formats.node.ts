import { createPrivateKey, type KeyObject, type PrivateKeyInput } from 'node:crypto';
import type { Bytes } from '../../asn1/bytes.ts';
import { isEncryptedBlock, type PemBlock } from '../../asn1/pem.ts';
import { PgHostsslError } from '../../errors.ts';
import { jwkOf } from '../provider/direct.node.ts';
import { checkIterations } from './key-iterations.ts';

/**
 * Uses OpenSSL to read a private key that WebCrypto cannot read, and returns PKCS#8. WebCrypto cannot read the
 * traditional forms (PKCS#1, SEC1) and encrypted keys. One encrypted form is PEM with `DEK-Info`, in which one
 * iteration of MD5 derives the encryption key from the passphrase.
 *
 * @param source a PEM block, or DER
 * @throws PgHostsslError `passphrase-missing`, `passphrase-wrong`, `key-iterations-exceeded`,
 * `key-algorithm-unsupported`, `private-key-invalid`
 */
export function openKey(source: PemBlock | Bytes, passphrase: string | undefined, maxIterations: number): Bytes {
  if (source instanceof Uint8Array) return openDer(source, passphrase, maxIterations);
  const { label, text, der } = source;
  if (label === 'ENCRYPTED PRIVATE KEY') return openEncrypted(der, passphrase, maxIterations);
  if (!isEncryptedBlock(source)) return open({ key: text, format: 'pem' });
  if (passphrase === undefined) throw missing();
  return open({ key: text, format: 'pem', passphrase });
}

/**
 * Decrypts an EncryptedPrivateKeyInfo. OpenSSL gets the DER bytes in which the number of iterations was checked. It
 * does not get the PEM text, which it could parse differently.
 */
function openEncrypted(key: Bytes, passphrase: string | undefined, maxIterations: number): Bytes {
  if (passphrase === undefined) throw missing();
  checkIterations(key, maxIterations);
  return open({ key: Buffer.from(key), format: 'der', type: 'pkcs8', passphrase });
}

function openDer(key: Bytes, passphrase: string | undefined, maxIterations: number): Bytes {
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return pkcs8(createPrivateKey({ key: Buffer.from(key), format: 'der', type }));
    } catch {
      // The bytes are not a key in the form that was tried. DER does not name the form of a key, so the next form is
      // tried.
    }
  }
  if (passphrase === undefined) {
    throw new PgHostsslError('private-key-invalid', 'The bytes are not an unencrypted private key in DER', {
      hint: 'Give the passphrase if the key is encrypted.',
    });
  }
  return openEncrypted(key, passphrase, maxIterations);
}

function open(input: PrivateKeyInput): Bytes {
  const encrypted = input.passphrase !== undefined;
  try {
    return pkcs8(createPrivateKey(input));
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? '';
    if (code === 'ERR_MISSING_PASSPHRASE') throw missing();
    // Other errors with UNSUPPORTED in the code do not count: OpenSSL also reports them for a wrong passphrase, because
    // it then tries to decode random bytes.
    if (encrypted && /EVP_UNSUPPORTED|UNSUPPORTED_(?:CIPHER|ENCRYPTION)|UNKNOWN_(?:CIPHER|PBE)/.test(code)) {
      throw new PgHostsslError(
        'key-algorithm-unsupported',
        'The private key is encrypted in a way that this OpenSSL cannot decrypt',
        {
          hint: 'Convert the key: openssl pkcs8 -topk8 -in old.key -out new.key (with -provider legacy for old ciphers).',
          cause,
        },
      );
    }
    throw encrypted
      ? new PgHostsslError('passphrase-wrong', 'The passphrase does not decrypt the private key', { cause })
      : new PgHostsslError('private-key-invalid', 'The private key is damaged or has an unknown form', { cause });
  }
}

function pkcs8(key: KeyObject): Bytes {
  return Uint8Array.from(withPublicHalf(key).export({ format: 'der', type: 'pkcs8' }));
}

/**
 * Adds the public half to an EC private key. Some programs write EC private keys without the public half. If OpenSSL
 * exported such a key as PKCS#8, the public half would still be missing.
 */
function withPublicHalf(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ec') return key;
  try {
    return createPrivateKey({ key: jwkOf(key), format: 'jwk' });
  } catch {
    // The key is damaged, or this library does not support the curve. The caller of this function throws the error.
    return key;
  }
}

function missing(): PgHostsslError {
  return new PgHostsslError('passphrase-missing', 'The private key is encrypted, and no passphrase was given');
}
