import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Bytes } from '../../asn1/bytes.ts';
import type { PemBlock } from '../../asn1/pem.ts';
import { PgHostsslError } from '../../errors.ts';
import { checkIterations } from './key-iterations.ts';

/**
 * Reads a private key that WebCrypto cannot open, with OpenSSL, and returns PKCS#8. These are the traditional forms and
 * all encrypted forms, including PEM with `DEK-Info`, which derives the key with MD5 in one iteration.
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
 * Opens an EncryptedPrivateKeyInfo. OpenSSL gets the bytes whose iterations were checked, because it could read the
 * text around them differently.
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
      // The key has another form. DER does not say which form a key has, so the next form is tried.
    }
  }
  if (passphrase === undefined) {
    throw new PgHostsslError('private-key-invalid', 'The bytes are not an unencrypted private key in DER', {
      hint: 'Give the passphrase if the key is encrypted.',
    });
  }
  return openEncrypted(key, passphrase, maxIterations);
}

function open(input: Exclude<Parameters<typeof createPrivateKey>[0], string | Buffer>, encrypted: boolean): Bytes {
  try {
    return pkcs8(createPrivateKey(input));
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? '';
    if (code === 'ERR_MISSING_PASSPHRASE') throw missing();
    // Other errors with UNSUPPORTED in the code do not count: OpenSSL also reports them for a wrong passphrase, when it
    // tries to decode the garbage.
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
 * Adds the public half to an EC key. Some programs write the key without it, and OpenSSL would then write it without,
 * too.
 */
function withPublicHalf(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ec') return key;
  try {
    return createPrivateKey({ key: key.export({ format: 'jwk' }), format: 'jwk' });
  } catch {
    // The curve is not supported here. The caller reports that.
    return key;
  }
}

function missing(): PgHostsslError {
  return new PgHostsslError('passphrase-missing', 'The private key is encrypted, and no passphrase was given');
}
