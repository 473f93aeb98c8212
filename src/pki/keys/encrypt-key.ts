import { assertCText, assertText } from '../../arguments.ts';
import type { Bytes } from '../../asn1/bytes.ts';
import { derInteger, derNull, derOctetString, derOid, derSequence } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import { byProvider, type CompleteProvider } from '../provider/provider.ts';
import { pbes2 } from './key-iterations.ts';

/** The number of PBKDF2 rounds that OWASP recommends for SHA-256. (`node:crypto` always writes 2048 rounds.) */
const iterations = 600_000;

const oid = {
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacWithSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
} as const;

/**
 * Encrypts a key as EncryptedPrivateKeyInfo (RFC 5208 §6): PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC (RFC 8018).
 * OpenSSL reads this form, and so do libpq, the server, Node, and Java 19 and later.
 *
 * @throws PgHostsslError `passphrase-missing`, `text-invalid`, `provider-failed`
 */
export async function encryptKey(pkcs8: Bytes, passphrase: string, provider: CompleteProvider): Promise<Bytes> {
  checkPassphrase(passphrase);
  const salt = Uint8Array.from(provider.random(16));
  const iv = Uint8Array.from(provider.random(16));
  const secret = new TextEncoder().encode(passphrase);
  const encrypted = await byProvider('encrypt the private key', async () => {
    const { subtle } = await provider.webCrypto();
    const base = await subtle.importKey('raw', secret, { name: 'PBKDF2' }, false, ['deriveBits']);
    const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
    const keyBytes = new Uint8Array(await subtle.deriveBits(derivation, base as never, 256));
    const key = await subtle.importKey('raw', keyBytes, { name: 'AES-CBC' }, false, ['encrypt']);
    const cipher = { name: 'AES-CBC', iv };
    return new Uint8Array(await subtle.encrypt(cipher, key as never, pkcs8));
  });
  const parameters = derSequence(
    derSequence(
      derOid(oid.pbkdf2),
      derSequence(derOctetString(salt), derInteger(iterations), derSequence(derOid(oid.hmacWithSha256), derNull)),
    ),
    derSequence(derOid(oid.aes256Cbc), derOctetString(iv)),
  );
  return derSequence(derSequence(derOid(pbes2), parameters), derOctetString(encrypted));
}

/**
 * Refuses an empty passphrase. An empty passphrase protects nothing, and OpenSSL would ask for another passphrase. Also
 * refuses a passphrase that no client and no server can give: C ends a text at a NUL, and a lone surrogate has no
 * bytes.
 *
 * @throws PgHostsslError `passphrase-missing`, `argument-invalid`, `text-invalid`
 */
export function checkPassphrase(passphrase: string | undefined): void {
  if (passphrase === undefined || passphrase === '') {
    throw new PgHostsslError('passphrase-missing', 'The passphrase is missing or empty', {
      hint: 'Give a passphrase, or write the key without encryption.',
    });
  }
  assertText(passphrase, 'the passphrase');
  assertCText(passphrase, 'the passphrase');
}
