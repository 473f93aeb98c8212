import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Bytes } from '../../asn1/bytes.ts';
import type { PemBlock } from '../../asn1/pem.ts';
import { PgHostsslError } from '../../errors.ts';
import { checkIterations } from './key-iterations.ts';

/**
 * Any private key that OpenSSL can read, as PKCS#8: the traditional forms, and encrypted ones. WebCrypto can open none
 * of them, least of all those whose key is derived with MD5 (`DEK-Info`), with one iteration.
 *
 * @param source a PEM block, or DER
 * @throws PgHostsslError `passphrase-missing`, `passphrase-wrong`, `key-iterations-exceeded`, `key-algorithm-unsupported`,
 * `private-key-invalid`
 */
export function openKey(source: PemBlock | Bytes, passphrase: string | undefined, maxIterations: number): Bytes {
  if (source instanceof Uint8Array) return openDer(source, passphrase, maxIterations);
  const { label, text, der } = source;
  if (label === 'ENCRYPTED PRIVATE KEY') return openEncrypted(der, passphrase, maxIterations);
  const encrypted = /^Proc-Type: 4,ENCRYPTED/m.test(text);
  if (encrypted && passphrase === undefined) throw missing();
  return open({ key: text, format: 'pem', ...(encrypted ? { passphrase: passphrase! } : {}) }, encrypted);
}

/**
 * The key in an EncryptedPrivateKeyInfo. OpenSSL is given the bytes whose iterations were checked, and not the text around
 * them, which it could read in another way.
 */
function openEncrypted(key: Bytes, passphrase: string | undefined, maxIterations: number): Bytes {
  if (passphrase === undefined) throw missing();
  checkIterations(key, maxIterations);
  return open({ key: Buffer.from(key), format: 'der', type: 'pkcs8', passphrase }, true);
}

function openDer(key: Bytes, passphrase: string | undefined, maxIterations: number): Bytes {
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return pkcs8(createPrivateKey({ key: Buffer.from(key), format: 'der', type }));
    } catch {
      // Not of this form. DER does not tell which form the key has.
    }
  }
  if (passphrase === undefined) {
    throw new PgHostsslError(
      'private-key-invalid',
      'The bytes are no private key in DER that opens without a passphrase',
      {
        hint: 'Give the passphrase if the key is encrypted.',
      },
    );
  }
  return openEncrypted(key, passphrase, maxIterations);
}

function open(input: Exclude<Parameters<typeof createPrivateKey>[0], string | Buffer>, encrypted: boolean): Bytes {
  try {
    return pkcs8(createPrivateKey(input));
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? '';
    if (code === 'ERR_MISSING_PASSPHRASE') throw missing();
    // Not every UNSUPPORTED: the decoders say that of what a wrong passphrase makes of the key, too.
    if (encrypted && /EVP_UNSUPPORTED|UNSUPPORTED_(?:CIPHER|ENCRYPTION)|UNKNOWN_(?:CIPHER|PBE)/.test(code)) {
      throw new PgHostsslError(
        'key-algorithm-unsupported',
        'The private key is encrypted in a way that OpenSSL here does not open',
        {
          hint: 'Convert it: openssl pkcs8 -topk8 -in old.key -out new.key (with -provider legacy for old ciphers).',
          cause,
        },
      );
    }
    throw encrypted
      ? new PgHostsslError('passphrase-wrong', 'The private key does not open with this passphrase', { cause })
      : new PgHostsslError('private-key-invalid', 'The private key is damaged or of an unknown form', { cause });
  }
}

function pkcs8(key: KeyObject): Bytes {
  return Uint8Array.from(withPublicHalf(key).export({ format: 'der', type: 'pkcs8' }));
}

/** Some write EC keys without the public half, and OpenSSL then does so, too. */
function withPublicHalf(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ec') return key;
  try {
    return createPrivateKey({ key: key.export({ format: 'jwk' }), format: 'jwk' });
  } catch {
    // Not one of the curves that are supported here, which the caller will say.
    return key;
  }
}

function missing(): PgHostsslError {
  return new PgHostsslError('passphrase-missing', 'The private key is encrypted, and no passphrase was given');
}
