import type { Bytes } from '../../asn1/der.ts';

/**
 * A key pair, or a single key, of a WebCrypto implementation. It means something only to the implementation that made it.
 */
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

/** What a key may be used for, as WebCrypto names it. */
export type WebCryptoKeyUsage = 'sign' | 'verify' | 'encrypt' | 'deriveBits';

/** Any WebCrypto: `globalThis.crypto`, `require('node:crypto').webcrypto`, `new Crypto()` of `@peculiar/webcrypto`. */
export interface WebCrypto {
  /** The asynchronous operations. */
  readonly subtle: WebCryptoSubtle;
  /** Fills an array with random bytes, and gives it back. */
  getRandomValues(array: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/**
 * What certificates are made with. Keys are bound to the WebCrypto that made them, so clock, random source and WebCrypto
 * travel together as one value.
 */
export interface Provider {
  /**
   * The WebCrypto; if not given, `@peculiar/webcrypto` on Node and `globalThis.crypto` in a browser bundle. On Node these two
   * stand on `node:crypto`, which is called itself where that is much faster; any other alone is used.
   */
  readonly crypto?: WebCrypto;
  /** The clock; the system's if not given. */
  readonly now?: () => Date;
  /**
   * Gives so many random bytes, for serial numbers, salts and initialization vectors; the WebCrypto's own source if not
   * given. Keys do not come from it: WebCrypto generates them with its own source.
   */
  readonly random?: (size: number) => Uint8Array;
}

/** An option that every function taking part in cryptography has. */
export interface ProviderOptions {
  /** What to make it with. */
  readonly provider?: Provider;
}

/**
 * Short ways past a WebCrypto, to the same functions of OpenSSL that it calls: Node's own does each small thing as a job in
 * the thread pool, `@peculiar/webcrypto` reads the key's PEM anew for each signature, and both cost several signatures.
 */
export interface Direct {
  /** The SHA-1 of these bytes. */
  sha1(bytes: Bytes): Bytes;
  /** What signs with a key given as PKCS#8, in the form that certificates hold; the key is read once. */
  signer(pkcs8: Bytes, hash: string | undefined): (content: Bytes) => Bytes;
}

/** A provider with everything in it. */
export interface CompleteProvider extends Required<Provider> {
  /** There for the default WebCrypto and Node's own, never for another. */
  readonly direct: Direct | undefined;
}

/** The provider with its gaps filled. The default WebCrypto is loaded here, and only if none is given. */
export async function completeProvider(provider: Provider | CompleteProvider = {}): Promise<CompleteProvider> {
  if ('direct' in provider) return provider;
  const crypto = provider.crypto ?? (await import('#default-provider')).crypto;
  const isOwn = provider.crypto === undefined || provider.crypto === globalThis.crypto;
  return {
    crypto,
    direct: isOwn ? (await import('#direct')).direct : undefined,
    now: provider.now ?? (() => new Date()),
    random: provider.random ?? ((size) => crypto.getRandomValues(new Uint8Array(size))),
  };
}
