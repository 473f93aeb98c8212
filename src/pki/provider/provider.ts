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

/** The part of the W3C `SubtleCrypto` interface that this library uses. */
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

/**
 * Any WebCrypto: `globalThis.crypto`, `require('node:crypto').webcrypto`, or `new Crypto()` of `@peculiar/webcrypto`.
 */
export interface WebCrypto {
  /** The asynchronous operations. */
  readonly subtle: WebCryptoSubtle;
  /** Fills an array with random bytes and returns it. */
  getRandomValues(array: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/**
 * The source of cryptography, time and randomness. The three are one value, because a key works only with the WebCrypto
 * that made it.
 */
export interface Provider {
  /**
   * The WebCrypto. If not given, `@peculiar/webcrypto` on Node and `globalThis.crypto` in a browser bundle. If the
   * WebCrypto is the default or that of Node, the library makes keys and signatures with `node:crypto` directly, which is
   * much faster.
   */
  readonly crypto?: WebCrypto;
  /** The clock; the system clock if not given. */
  readonly now?: () => Date;
  /**
   * Returns `size` random bytes for serial numbers, salts and initialization vectors. If not given, the bytes come from
   * the WebCrypto. The function is not used for keys: the WebCrypto generates keys with its own randomness.
   */
  readonly random?: (size: number) => Uint8Array;
}

/** Options of every function that uses cryptography. */
export interface ProviderOptions {
  /** The source of cryptography, time and randomness. */
  readonly provider?: Provider;
}

/**
 * Direct calls of the OpenSSL functions behind a WebCrypto. They are faster: Node's WebCrypto runs each operation as a
 * job in the thread pool, and `@peculiar/webcrypto` parses the PEM of the key for each signature. Each takes the time
 * of several signatures, and loading `@peculiar/webcrypto` takes the time of many certificates.
 */
export interface Direct {
  /** Returns random bytes. */
  random(size: number): Bytes;
  /**
   * Generates a key. For RSA it works in the thread pool, because the search for two primes takes long.
   *
   * @param algorithm what `generateKey` of WebCrypto takes
   * @param hash the hash of signatures; `undefined` if the kind of key implies it
   */
  generate(algorithm: DirectAlgorithm, hash: string | undefined): Promise<DirectKey>;
  /** Reads a PKCS#8 key. It throws for a key that OpenSSL cannot read. */
  read(pkcs8: Bytes, hash: string | undefined): DirectKey;
  /** Whether a signature was made with a key; `undefined` if OpenSSL does not know the kind of key or the hash. */
  verify(facts: DirectVerification, signature: Bytes, content: Bytes): boolean | undefined;
}

/** The curve of an EC key, or the length of an RSA modulus. An Ed25519 key has neither. */
export interface DirectAlgorithm {
  readonly namedCurve?: string;
  readonly modulusLength?: number;
}

/** A private key of OpenSSL. */
export interface DirectKey {
  /** The key as a JSON Web Key. Node exports this form faster than DER. */
  readonly jwk: object;
  /** Makes a signature in the form that certificates hold. RSA takes long, so it works in the thread pool. */
  sign(content: Bytes): Promise<Bytes>;
}

/** The input to verify a signature directly. */
export interface DirectVerification {
  /** SubjectPublicKeyInfo. */
  readonly key: Bytes;
  /** The hash as `node:crypto` names it; `undefined` if the kind of key implies it. */
  readonly hash: string | undefined;
  /** The length of the salt of an RSASSA-PSS signature; `undefined` for any other kind. */
  readonly saltLength: number | undefined;
}

const providerNames: PropertyNames<Provider> = { crypto: true, now: true, random: true };

/** A provider with all parts filled in. */
export interface CompleteProvider extends Required<Omit<Provider, 'crypto'>> {
  /** Returns the WebCrypto. The first call loads the default one. */
  readonly webCrypto: () => Promise<WebCrypto>;
  /** The direct calls; `undefined` for a WebCrypto that does not use `node:crypto`. */
  readonly direct: Direct | undefined;
}

/**
 * Fills in the missing parts of a provider.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export async function completeProvider(provider: Provider | CompleteProvider = {}): Promise<CompleteProvider> {
  if (isComplete(provider)) return provider;
  assertProperties(provider, providerNames, 'provider');
  const { crypto } = provider;
  const isOwn = crypto === undefined || crypto === globalThis.crypto;
  const direct = isOwn ? (await import('#direct')).direct : undefined;
  const random = (size: number) => (crypto ?? (globalThis.crypto as WebCrypto)).getRandomValues(new Uint8Array(size));
  return {
    webCrypto: async () => crypto ?? (await import('#default-provider')).crypto,
    direct,
    now: provider.now ?? (() => new Date()),
    random: provider.random ?? direct?.random ?? random,
  };
}

function isComplete(provider: Provider | CompleteProvider): provider is CompleteProvider {
  return typeof provider === 'object' && provider !== null && 'direct' in provider;
}

/**
 * Runs an operation of a WebCrypto and returns its result.
 *
 * @param what - the operation in words for the message, such as "sign"
 * @throws PgHostsslError `provider-failed` if the WebCrypto throws
 */
export async function byProvider<T>(what: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw new PgHostsslError('provider-failed', `The WebCrypto provider failed to ${what}`, { cause });
  }
}
