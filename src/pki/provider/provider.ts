import { assertDate, assertFunction, assertProperties, type PropertyNames } from '../../arguments.ts';
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
 * Any WebCrypto implementation, such as `globalThis.crypto`, `require('node:crypto').webcrypto`, or `new Crypto()` of
 * `@peculiar/webcrypto`.
 */
export interface WebCrypto {
  /** The asynchronous operations. */
  readonly subtle: WebCryptoSubtle;
  /** Fills an array with random bytes and returns it. */
  getRandomValues(array: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/** The source of cryptography, time and randomness in one value. A key works only with the WebCrypto that made it. */
export interface Provider {
  /**
   * The WebCrypto. If not given, `@peculiar/webcrypto` on Node and `globalThis.crypto` in a browser bundle. If the
   * WebCrypto is the default or that of Node, the library makes keys and signatures with `node:crypto` directly, which
   * is much faster.
   */
  readonly crypto?: WebCrypto | undefined;
  /** The clock; the system clock if not given. */
  readonly now?: (() => Date) | undefined;
  /**
   * Returns `size` random bytes for serial numbers, salts and initialization vectors. If not given, the bytes come from
   * the WebCrypto. Keys do not depend on this function: the WebCrypto generates keys with its own randomness.
   */
  readonly random?: ((size: number) => Uint8Array) | undefined;
}

/** Options of every function that uses cryptography. */
export interface ProviderOptions {
  /** The source of cryptography, time and randomness. */
  readonly provider?: Provider | undefined;
}

/**
 * Functions that call OpenSSL directly, in place of a WebCrypto that would call OpenSSL itself. They are faster. Node's
 * WebCrypto runs each operation as a job in the thread pool, which takes the time of several signatures.
 * `@peculiar/webcrypto` parses the PEM of the key for each signature, and loading it takes the time of many
 * certificates.
 */
export interface Direct {
  random(size: number): Bytes;
  /**
   * Generates a key. An RSA key is generated in the thread pool, because the search for two primes takes long.
   *
   * @param algorithm the algorithm, with the members that `generateKey` of WebCrypto reads
   * @param hash the hash of the signatures that the key will make; `undefined` if the kind of key implies the hash
   */
  generate(algorithm: DirectAlgorithm, hash: string | undefined): Promise<DirectKey>;
  /** Reads a PKCS#8 key. The function throws if OpenSSL cannot read the key. */
  read(pkcs8: Bytes, hash: string | undefined): DirectKey;
  /** Whether a signature was made with a key; `undefined` if OpenSSL does not know the kind of key or the hash. */
  verify(parameters: DirectVerification, signature: Bytes, content: Bytes): boolean | undefined;
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
  /**
   * Signs content. The signature has the encoding that certificates use. RSA signatures are made in the thread pool,
   * because they take long.
   */
  sign(content: Bytes): Promise<Bytes>;
}

/** The parameters with which {@link Direct.verify} verifies a signature. */
export interface DirectVerification {
  /** The public key: SubjectPublicKeyInfo, DER. */
  readonly key: Bytes;
  /** The hash as `node:crypto` names it; `undefined` if the kind of key implies the hash. */
  readonly hash: string | undefined;
  /** The length in octets of the salt of an RSASSA-PSS signature; `undefined` for other kinds of signature. */
  readonly saltLength: number | undefined;
}

const providerNames: PropertyNames<Provider> = { crypto: true, now: true, random: true };

/** A {@link Provider} whose missing parts have been replaced by the defaults. */
export interface CompleteProvider {
  /** The clock. */
  readonly now: () => Date;
  /** Returns random bytes. */
  readonly random: (size: number) => Uint8Array;
  /** Returns the WebCrypto of the provider. If it is the default WebCrypto, the first call loads it. */
  readonly webCrypto: () => Promise<WebCrypto>;
  /** Functions that call OpenSSL directly; `undefined` for a WebCrypto that does not use `node:crypto`. */
  readonly direct: Direct | undefined;
}

/**
 * Returns the time of a provider's clock.
 *
 * @param now the clock; the system clock if not given
 * @throws PgHostsslError `argument-invalid` if the clock is not a function, or does not return a valid Date
 */
export function readClock(now: (() => Date) | undefined): Date {
  if (now === undefined) return new Date();
  assertFunction(now, 'now of a provider');
  const time = now();
  assertDate(time, 'the result of now() of a provider');
  return time;
}

/**
 * Fills in the missing parts of a provider.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export async function completeProvider(provider: Provider | CompleteProvider = {}): Promise<CompleteProvider> {
  if (isComplete(provider)) return provider;
  assertProperties(provider, providerNames, 'provider');
  const { crypto, now, random } = provider;
  if (now !== undefined) assertFunction(now, 'now of a provider');
  if (random !== undefined) assertFunction(random, 'random of a provider');
  if (crypto !== undefined && (typeof crypto?.subtle !== 'object' || crypto.subtle === null)) {
    throw new PgHostsslError('argument-invalid', 'crypto of a provider must be a WebCrypto, with its `subtle`');
  }
  const isOwn = crypto === undefined || crypto === globalThis.crypto;
  const direct = isOwn ? (await import('#direct')).direct : undefined;
  const ownRandom = (size: number) =>
    (crypto ?? (globalThis.crypto as WebCrypto)).getRandomValues(new Uint8Array(size));
  return {
    webCrypto: async () => crypto ?? (await import('#default-provider')).crypto,
    direct,
    now: () => readClock(now),
    random: random === undefined ? (direct?.random ?? ownRandom) : (size) => checkedBytes(random(size), size),
  };
}

/** Checks random bytes from a caller. Fewer bytes would make a salt or a serial number that others could guess. */
function checkedBytes(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes instanceof Uint8Array && bytes.length === size) return bytes;
  throw new PgHostsslError(
    'argument-invalid',
    `random(${size}) of a provider must return a Uint8Array of ${size} bytes`,
  );
}

function isComplete(provider: Provider | CompleteProvider): provider is CompleteProvider {
  return typeof provider === 'object' && provider !== null && 'direct' in provider;
}

/**
 * Runs an operation of a WebCrypto and returns its result.
 *
 * @param what the verb that names the operation in the error message, such as "sign"
 * @throws PgHostsslError `provider-failed` if the WebCrypto throws
 */
export async function byProvider<T>(what: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw providerFailed(what, cause);
  }
}

/** The error for an operation in which the WebCrypto of a caller threw. */
export function providerFailed(what: string, cause: unknown): PgHostsslError {
  return new PgHostsslError('provider-failed', `The WebCrypto provider failed to ${what}`, { cause });
}
