import { assertProperties, assertSource, assertText, type PropertyNames } from '../../arguments.ts';
import type { Bytes } from '../../asn1/bytes.ts';
import { decodePem, encodePem, isPrivateKeyBlock, pemText } from '../../asn1/pem.ts';
import { DerError } from '../../asn1/reader.ts';
import { copyArgument } from '../../copy-argument.ts';
import { PgHostsslError } from '../../errors.ts';
import { type CompleteProvider, completeProvider, type ProviderOptions } from '../provider/provider.ts';
import { encryptKey } from './encrypt-key.ts';
import {
  type KeyAlgorithm,
  type KeyKind,
  kindOfKey,
  kindOfKeyOrNone,
  kindToGenerate,
  lacksPublicHalf,
  rsaBits,
  rsaPrivateNumbers,
} from './key-algorithms.ts';
import { defaultMaxIterations } from './key-iterations.ts';
import { generateMaterial, type KeyMaterial, readMaterial, unreadableKey } from './key-material.ts';
import { bitLength } from './public-key.ts';

/** Options of {@link PrivateKey.read}. */
export interface ReadPrivateKeyOptions extends ProviderOptions {
  /** The passphrase of an encrypted key. */
  readonly passphrase?: string | undefined;
  /**
   * The limit for the number of times that the passphrase is hashed to decrypt a key; 10,000,000 if not given. The key
   * file gives the number, and a hostile file can give a number that takes hours. For scrypt, the number is the product
   * of its three parameters.
   */
  readonly maxIterations?: number | undefined;
  /**
   * Whether RSA keys under 2048 bits are accepted. Such keys can be converted to other formats, but this library does
   * not sign with them.
   */
  readonly allowWeak?: boolean | undefined;
}

/** @internal The parts of a key that are needed to sign. */
export interface Signer {
  readonly kind: KeyKind;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  readonly provider: CompleteProvider;
  /** Signs content. The signature has the encoding that certificates use. */
  readonly sign: (content: Bytes) => Promise<Bytes>;
}

/**
 * @internal Returns the signer of a private key. This is a function outside the class, so that inspecting a key does
 * not show the signer.
 */
export let signerOf: (key: PrivateKey) => Signer;

/**
 * @internal Returns the same private key with the clock and the random source of another provider. The key keeps its
 * own WebCrypto, because no other WebCrypto can use it.
 */
export let bindKey: (key: PrivateKey, provider: CompleteProvider) => PrivateKey;

/**
 * A private key, bound to the provider that made or read it. Only the methods `toPem`, `toDer` and `toEncryptedPem`
 * return the key. Inspection (even with hidden properties and getters), JSON and structured clones show no part of the
 * key.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { inspect } from 'node:util';
 * import { PrivateKey } from 'pg-hostssl/pki';
 *
 * const key = await PrivateKey.generate('ecdsa-p256');
 * const encrypted = await key.toEncryptedPem('correct horse battery staple');
 * const opened = await PrivateKey.read(encrypted, { passphrase: 'correct horse battery staple' });
 * assert.equal(opened.toPem(), key.toPem());
 * assert.doesNotMatch(inspect(key, { showHidden: true, getters: true }), /PRIVATE/);
 * ```
 */
export class PrivateKey {
  /** The kind of key: `ecdsa-p256`, `rsa-2048`, `ed25519`, …. An RSA key from a file may have any size. */
  readonly algorithm: string;
  readonly #pkcs8: Bytes;
  readonly #signer: Signer;

  private constructor(pkcs8: Bytes, signer: Signer) {
    this.algorithm = signer.kind.name;
    this.#pkcs8 = pkcs8;
    this.#signer = signer;
  }

  /**
   * Generates a private key.
   *
   * @throws PgHostsslError `key-algorithm-unsupported`, `provider-failed`, `argument-invalid`
   */
  static async generate(algorithm: KeyAlgorithm = 'ecdsa-p256', options: ProviderOptions = {}): Promise<PrivateKey> {
    assertProperties(options, providerOptionNames, 'options of PrivateKey.generate');
    const kind = kindToGenerate(algorithm);
    const provider = await completeProvider(options.provider);
    return PrivateKey.#of(kind, await generateMaterial(kind, provider), provider);
  }

  /**
   * Reads the first private key of a PEM text, or a private key in DER. PKCS#8 as PEM or DER can be read everywhere.
   * Node also reads the traditional forms (PKCS#1, SEC1) and encrypted keys: PKCS#8, or traditional PEM with
   * `DEK-Info`. Other PEM blocks in the text are ignored.
   *
   * @throws PgHostsslError `private-key-invalid`, `passphrase-missing`, `passphrase-wrong`, `key-weak` for RSA under
   * 2048 bits, `key-iterations-exceeded`, `argument-invalid`; `key-algorithm-unsupported` for a kind of key that cannot
   * be read, for RSA over 16384 bits, and in a browser for a form that cannot be read; `provider-failed` if the
   * WebCrypto of a provider fails
   */
  static async read(source: string | Uint8Array, options: ReadPrivateKeyOptions = {}): Promise<PrivateKey> {
    assertSource(source, 'PrivateKey.read');
    assertProperties(options, readNames, 'options of PrivateKey.read');
    source = copyArgument(source);
    options = copyArgument(options);
    const provider = await completeProvider(options.provider);
    const pkcs8 = await pkcs8Of(source, options);
    const kind = readKind(pkcs8);
    refuseGiantKey(kind, pkcs8);
    if (options.allowWeak !== true) refuseWeakKey(kind);
    return PrivateKey.#of(kind, await readMaterial(kind, pkcs8, provider), provider);
  }

  /** The public key as PEM (`PUBLIC KEY`), with a final newline. */
  get publicKey(): string {
    return encodePem('PUBLIC KEY', this.#signer.publicKey);
  }

  /** The key as unencrypted PKCS#8 in PEM (`PRIVATE KEY`), with a final newline. */
  toPem(): string {
    return encodePem('PRIVATE KEY', this.#pkcs8);
  }

  /**
   * The key as unencrypted PKCS#8 in DER. pgjdbc reads this form from a `.pk8` file, and libpq 13 and later reads it
   * from the file that `sslkey` names.
   */
  toDer(): Uint8Array {
    return this.#pkcs8.slice();
  }

  /**
   * The key as encrypted PKCS#8 in PEM (`ENCRYPTED PRIVATE KEY`), with a final newline. The encryption is AES-256 with
   * 600,000 rounds of PBKDF2. libpq (with `sslpassword`), the server (with `ssl_passphrase_command`) and Node read this
   * form.
   *
   * @throws PgHostsslError `passphrase-missing` for an empty passphrase; `argument-invalid`; `text-invalid` for a
   * passphrase with a NUL or a lone surrogate; `provider-failed`
   */
  async toEncryptedPem(passphrase: string): Promise<string> {
    return encodePem('ENCRYPTED PRIVATE KEY', await encryptKey(this.#pkcs8, passphrase, this.#signer.provider));
  }

  static #of(kind: KeyKind, { pkcs8, publicKey, sign }: KeyMaterial, provider: CompleteProvider): PrivateKey {
    return new PrivateKey(pkcs8, { kind, publicKey, provider, sign });
  }

  static {
    signerOf = (key) => key.#signer;
    bindKey = (key, { now, random }) => {
      const provider = { ...key.#signer.provider, now, random };
      return new PrivateKey(key.#pkcs8, { ...key.#signer, provider });
    };
  }
}

const providerOptionNames: PropertyNames<ProviderOptions> = { provider: true };
const readNames: PropertyNames<ReadPrivateKeyOptions> = {
  provider: true,
  passphrase: true,
  maxIterations: true,
  allowWeak: true,
};

/**
 * @internal Refuses a key that is too weak for signatures and certificates: RSA under 2048 bits.
 *
 * @throws PgHostsslError `key-weak`
 */
export function refuseWeakKey(kind: KeyKind): void {
  const bits = rsaBits(kind);
  if (bits === undefined || bits >= 2048) return;
  throw new PgHostsslError('key-weak', `The key is RSA with ${bits} bits`, {
    hint: 'Generate a key of at least 2048 bits: OpenSSL 3 and Node 24 refuse smaller keys.',
  });
}

/** The size of the largest RSA key with which OpenSSL verifies: OPENSSL_RSA_MAX_MODULUS_BITS. */
const maxRsaBits = 16384;

/**
 * Refuses an RSA key with which a signature could take hours. Every number of the key counts, because a hostile file can
 * give an exponent that is longer than the modulus.
 *
 * @throws PgHostsslError `key-algorithm-unsupported`
 */
function refuseGiantKey(kind: KeyKind, pkcs8: Bytes): void {
  const bits = rsaBits(kind);
  if (bits === undefined) return;
  // A hostile file can give more numbers than a call can have arguments.
  const largest = rsaPrivateNumbers(pkcs8).reduce((most, number) => Math.max(most, bitLength(number)), bits);
  if (largest <= maxRsaBits) return;
  const other = largest > bits ? `, and another of its numbers has ${largest} bits` : '';
  throw new PgHostsslError('key-algorithm-unsupported', `The key is RSA with ${bits} bits${other}`, {
    hint: `Generate another key, such as P-256 or RSA with 3072 bits: OpenSSL uses no RSA key over ${maxRsaBits} bits.`,
  });
}

async function pkcs8Of(source: string | Uint8Array, options: ReadPrivateKeyOptions): Promise<Bytes> {
  const { passphrase, maxIterations = defaultMaxIterations } = options;
  assertMaxIterations(maxIterations);
  if (passphrase !== undefined) assertText(passphrase, 'the passphrase');
  const text = pemText(source);
  const block = text === undefined ? undefined : decodePem(text).find(isPrivateKeyBlock);
  if (block?.der.length === 0) throw unreadableKey();
  if (block?.label === 'PRIVATE KEY' && !lacksPublicHalf(block.der)) return block.der;
  if (text !== undefined && block === undefined) {
    throw new PgHostsslError('private-key-invalid', 'The text holds no private key', {
      hint: 'A private key in PEM begins with the line -----BEGIN PRIVATE KEY----- (or RSA, EC, ENCRYPTED PRIVATE KEY), and its lines end with a line feed.',
    });
  }
  const der = block === undefined ? Uint8Array.from(source as Uint8Array) : undefined;
  if (der !== undefined && kindOfKeyOrNone(der) !== undefined && !lacksPublicHalf(der)) return der;
  const { openKey } = await import('#key-formats');
  return openKey(block ?? der!, passphrase, maxIterations);
}

function assertMaxIterations(maxIterations: unknown): void {
  if (Number.isSafeInteger(maxIterations) && (maxIterations as number) > 0) return;
  throw new PgHostsslError('argument-invalid', 'maxIterations must be a whole number above 0');
}

function readKind(pkcs8: Bytes): KeyKind {
  try {
    return kindOfKey(pkcs8);
  } catch (cause) {
    throw cause instanceof DerError ? unreadableKey(cause) : cause;
  }
}
