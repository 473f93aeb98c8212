import type { Bytes } from '../../asn1/bytes.ts';
import { derInteger, derSequence } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import {
  byProvider,
  type CompleteProvider,
  type DirectKey,
  providerFailed,
  type WebCrypto,
} from '../provider/provider.ts';
import { type KeyKind, type PublicJwk, privateKeyInfo, publicKeyInfo } from './key-algorithms.ts';

/** A private key in the forms that this library needs. */
export interface KeyMaterial {
  readonly pkcs8: Bytes;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  /**
   * Signs content. The signature has the encoding that certificates use. The promise is rejected with `provider-failed`
   * if the provider fails.
   */
  readonly sign: (content: Bytes) => Promise<Bytes>;
}

/**
 * Generates a private key.
 *
 * @throws PgHostsslError `provider-failed`
 */
export async function generateMaterial(kind: KeyKind, { webCrypto, direct }: CompleteProvider): Promise<KeyMaterial> {
  if (direct !== undefined) {
    const made = await byProvider('generate a key', () => direct.generate(kind.key, kind.signature.hash));
    const publicKey = publicKeyInfo(kind, made.jwk);
    return ofDirectKey(made, privateKeyInfo(kind, made.jwk, publicKey), publicKey);
  }
  const { subtle } = await webCrypto();
  const generate = () => subtle.generateKey(kind.key, true, ['sign', 'verify']) as Promise<KeyPair>;
  const pair = await byProvider('generate a key', generate);
  const [pkcs8, spki] = await byProvider('export a key', () =>
    Promise.all([subtle.exportKey('pkcs8', pair.privateKey), subtle.exportKey('spki', pair.publicKey)]),
  );
  return {
    pkcs8: new Uint8Array(pkcs8 as ArrayBuffer),
    publicKey: new Uint8Array(spki as ArrayBuffer),
    sign: signerOfWebCrypto(kind, pair.privateKey, subtle),
  };
}

/**
 * Reads a PKCS#8 key.
 *
 * @throws PgHostsslError `private-key-invalid` if the key is damaged; `provider-failed` if the WebCrypto fails for
 * another reason, or does not tell the reason
 */
export async function readMaterial(kind: KeyKind, pkcs8: Bytes, provider: CompleteProvider): Promise<KeyMaterial> {
  try {
    return await importedMaterial(kind, pkcs8, provider);
  } catch (cause) {
    // OpenSSL fails only because of the key. The W3C WebCrypto interface reports a damaged key as a `DataError`.
    const isAboutKey = provider.direct !== undefined || (cause as Error | undefined)?.name === 'DataError';
    throw isAboutKey ? unreadableKey(cause) : providerFailed('read the private key', cause);
  }
}

/** The error for a private key that cannot be read. */
export function unreadableKey(cause?: unknown): PgHostsslError {
  return new PgHostsslError('private-key-invalid', 'The private key is damaged, or its form is not supported', {
    cause,
  });
}

async function importedMaterial(
  kind: KeyKind,
  pkcs8: Bytes,
  { webCrypto, direct }: CompleteProvider,
): Promise<KeyMaterial> {
  if (direct !== undefined) {
    const read = direct.read(pkcs8, kind.signature.hash);
    return ofDirectKey(read, pkcs8, publicKeyInfo(kind, read.jwk));
  }
  const { subtle } = await webCrypto();
  const key = (await subtle.importKey('pkcs8', pkcs8, kind.key, true, ['sign'])) as never;
  const jwk = (await subtle.exportKey('jwk', key)) as PublicJwk;
  return { pkcs8, publicKey: publicKeyInfo(kind, jwk), sign: signerOfWebCrypto(kind, key, subtle) };
}

interface KeyPair {
  readonly privateKey: never;
  readonly publicKey: never;
}

function ofDirectKey({ sign }: DirectKey, pkcs8: Bytes, publicKey: Bytes): KeyMaterial {
  return { pkcs8, publicKey, sign: (content) => byProvider('sign', () => sign(content)) };
}

function signerOfWebCrypto(kind: KeyKind, key: never, subtle: WebCrypto['subtle']): KeyMaterial['sign'] {
  return async (content) => {
    const made = new Uint8Array(await byProvider('sign', () => subtle.sign(kind.signature, key, content)));
    return kind.signature.name === 'ECDSA' ? ecdsaSignature(made) : made;
  };
}

/**
 * Encodes an ECDSA signature. WebCrypto returns the two numbers concatenated; a certificate encodes the numbers as a
 * SEQUENCE (RFC 3279 §2.2.3).
 */
function ecdsaSignature(raw: Bytes): Bytes {
  const half = raw.length / 2;
  return derSequence(derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half)));
}
