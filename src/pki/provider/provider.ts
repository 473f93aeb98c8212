import { assertProperties, type PropertyNames } from '../../arguments.ts';
import type { Bytes } from '../../asn1/bytes.ts';
import { PgHostsslError } from '../../errors.ts';

/** A key or key pair of a WebCrypto implementation. Only that implementation can use it. */
export type WebCryptoKey = object;

/** An algorithm with its parameters, as WebCrypto takes them. */
export interface WebCryptoAlgorithm {
  /** `ECDSA`, `RSASSA-PKCS1-v1_5`, `Ed25519`, … */
  readonly name: string;
}

/** The part of the W3C `SubtleCrypto` interface that is used here. */
export interface WebCryptoSubtle {
  /** https://www.w3.org/TR/WebCryptoAPI/#SubtleCrypto-method-generateKey */
  generateKey(algorithm: WebCryptoAlgorithm, extractable: boolean, keyUsages: WebCryptoKeyUsage[]): Promise<object>;
  /** https://www.w3.org/TR/WebCryptoAPI/#SubtleCrypto-method-importKey */
  importKey(
    format: 'pkcs8' | 'spki' | 'raw',
    keyData: Uint8Array<ArrayBuffer>,
    algorithm: WebCryptoAlgorithm,
    extractable: boolean,
    keyUsages: WebCryptoKeyUsage[],
  ): Promise<WebCryptoKey>;
  /** https://www.w3.org/TR/WebCryptoAPI/#SubtleCrypto-method-exportKey */
  exportKey(format: 'pkcs8' | 'spki' | 'jwk', key: never): Promise<object>;
  /** https://www.w3.org/TR/WebCryptoAPI/#SubtleCrypto-method-sign */
  sign(algorithm: WebCryptoAlgorithm, key: never, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  /** https://www.w3.org/TR/WebCryptoAPI/#SubtleCrypto-method-verify */
  verify(
    algorithm: WebCryptoAlgorithm,
    key: never,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
  /** https://www.w3.org/TR/WebCryptoAPI/#SubtleCrypto-method-digest */
  digest(algorithm: string, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  /** https://www.w3.org/TR/WebCryptoAPI/#SubtleCrypto-method-encrypt */
  encrypt(algorithm: WebCryptoAlgorithm, key: never, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  /** https://www.w3.org/TR/WebCryptoAPI/#SubtleCrypto-method-deriveBits */
  deriveBits(algorithm: WebCryptoAlgorithm, baseKey: never, length: number): Promise<ArrayBuffer>;
}

/** A key usage of WebCrypto. */
export type WebCryptoKeyUsage = 'sign' | 'verify' | 'encrypt' | 'deriveBits';

/** Any WebCrypto: `globalThis.crypto`, `require('node:crypto').webcrypto`, `new Crypto()` of `@peculiar/webcrypto`. */
export interface WebCrypto {
  /** The asynchronous operations. */
  readonly subtle: WebCryptoSubtle;
  /** Fills an array with random bytes and returns it. */
  getRandomValues(array: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/**
 * The source of cryptography, time and randomness. A key is bound to the WebCrypto that made it, so the three travel
 * together as one value.
 */
export interface Provider {
  /**
   * The WebCrypto; if not given, `@peculiar/webcrypto` on Node and `globalThis.crypto` in a browser bundle. On Node, these
   * two use `node:crypto`, so signatures by them may call `node:crypto` directly, which is much faster.
   */
  readonly crypto?: WebCrypto;
  /** The clock; that of the system if not given. */
  readonly now?: () => Date;
  /**
   * Returns `size` random bytes for serial numbers, salts and initialization vectors; those of the WebCrypto if not given.
   * Keys never come from this function: the WebCrypto generates them with its own source.
   */
  readonly random?: (size: number) => Uint8Array;
}

/** The option of every function that uses cryptography. */
export interface ProviderOptions {
  /** The source of cryptography, time and randomness. */
  readonly provider?: Provider;
}

/**
 * A direct way to the OpenSSL functions behind a WebCrypto. WebCrypto of Node runs each operation as a job in the thread
 * pool, and `@peculiar/webcrypto` parses the PEM of the key for each signature; both take as long as several signatures.
 */
export interface Direct {
  /** A function that signs with a PKCS#8 key, in the form that certificates hold. It parses the key once. */
  signer(pkcs8: Bytes, hash: string | undefined): (content: Bytes) => Bytes;
  /**
   * A new RSA key of this length, PKCS#8. It is made in the thread pool, while `@peculiar/webcrypto` blocks the event loop
   * for as long as the search for two primes takes.
   */
  generateRsa(modulusLength: number): Promise<Bytes>;
  /** Whether a signature is that of a key; `undefined` if OpenSSL does not know the kind of key or the hash. */
  verify(facts: DirectVerification, signature: Bytes, content: Bytes): boolean | undefined;
}

/** How a signature is verified directly. */
export interface DirectVerification {
  /** SubjectPublicKeyInfo. */
  readonly key: Bytes;
  /** The hash as `node:crypto` names it, if the kind of key does not tell it. */
  readonly hash: string | undefined;
  /** The length of the salt of an RSASSA-PSS signature. */
  readonly saltLength: number | undefined;
}

const providerNames: PropertyNames<Provider> = { crypto: true, now: true, random: true };

/** A provider without gaps. */
export interface CompleteProvider extends Required<Provider> {
  /** Given for the default WebCrypto and that of Node, never for another. */
  readonly direct: Direct | undefined;
}

/**
 * Fills the gaps of a provider. It loads the default WebCrypto, if none is given.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export async function completeProvider(provider: Provider | CompleteProvider = {}): Promise<CompleteProvider> {
  if (typeof provider === 'object' && provider !== null && 'direct' in provider) return provider;
  assertProperties(provider, providerNames, 'provider');
  const crypto = provider.crypto ?? (await import('#default-provider')).crypto;
  const isOwn = provider.crypto === undefined || provider.crypto === globalThis.crypto;
  return {
    crypto,
    direct: isOwn ? (await import('#direct')).direct : undefined,
    now: provider.now ?? (() => new Date()),
    random: provider.random ?? ((size) => crypto.getRandomValues(new Uint8Array(size))),
  };
}

/**
 * The result of an operation of a WebCrypto.
 *
 * @param what - the operation in words, as in "sign"
 * @throws PgHostsslError `provider-failed` for whatever the WebCrypto throws
 */
export async function byProvider<T>(what: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw new PgHostsslError('provider-failed', `The WebCrypto provider failed to ${what}`, { cause });
  }
}
