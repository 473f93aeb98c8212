import { type Bytes, isUnreadable } from '../../asn1/der.ts';
import { decodePem, encodePem } from '../../asn1/pem.ts';
import { PgHostsslError } from '../../errors.ts';
import {
  type CompleteProvider,
  completeProvider,
  type ProviderOptions,
  type WebCryptoKey,
} from '../provider/provider.ts';
import { encryptKey } from './encrypt-key.ts';
import {
  type KeyAlgorithm,
  type KeyKind,
  kindOfKey,
  kindOfKeyOrNone,
  kindToGenerate,
  lacksPublicHalf,
  type PrivateJwk,
  type PublicJwk,
  privateKeyInfo,
  publicKeyInfo,
  rsaBits,
} from './key-algorithms.ts';

/** How a private key is read. */
export interface ReadPrivateKeyOptions extends ProviderOptions {
  /** Opens an encrypted key. Without it, an encrypted key is an error. */
  readonly passphrase?: string;
  /** Take RSA keys under 2048 bits, too: to look at them or to convert them, not to sign. */
  readonly allowWeak?: boolean;
}

/** @internal What a key signs with. */
export interface Signer {
  readonly kind: KeyKind;
  readonly key: WebCryptoKey;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  readonly provider: CompleteProvider;
  /** Signs at once, in the form that certificates hold, where there is a short way. */
  readonly direct?: ((content: Bytes) => Bytes) | undefined;
}

/** @internal What a key signs with; not a member, so that it does not show. */
export let signerOf: (key: PrivateKey) => Signer;

/** The same key with the clock and random source of this provider; the WebCrypto stays, since it alone knows the key. */
let bindKey: (key: PrivateKey, provider: CompleteProvider) => PrivateKey;

/**
 * A private key, bound to the provider that it was made or read with. Nothing of it shows in `util.inspect` or JSON; it
 * comes out by the methods `toPem`, `toDer` and `toEncryptedPem` alone.
 */
export class PrivateKey {
  /** `ecdsa-p256`, `rsa-2048`, `ed25519`, …; RSA keys that were read may have other sizes. */
  readonly algorithm: string;
  readonly #pkcs8: Bytes;
  readonly #signer: Signer;

  private constructor(pkcs8: Bytes, signer: Signer) {
    this.algorithm = signer.kind.name;
    this.#pkcs8 = pkcs8;
    const { kind, provider } = signer;
    // RSA takes its time, for which Node's own WebCrypto has threads.
    const direct = rsaBits(kind) === undefined ? provider.direct?.signer(pkcs8, kind.signature.hash) : undefined;
    this.#signer = { ...signer, direct };
  }

  /**
   * A new key.
   *
   * @throws PgHostsslError `key-algorithm-unsupported`
   */
  static async generate(algorithm: KeyAlgorithm = 'ecdsa-p256', options: ProviderOptions = {}): Promise<PrivateKey> {
    const kind = kindToGenerate(algorithm);
    const provider = await completeProvider(options.provider);
    const { subtle } = provider.crypto;
    const pair = (await subtle.generateKey(kind.key, true, ['sign', 'verify'])) as KeyPair;
    const exported = await exportPair(kind, pair, provider);
    return new PrivateKey(exported.pkcs8, { kind, key: pair.privateKey, publicKey: exported.publicKey, provider });
  }

  /**
   * Reads a key: PKCS#8 as PEM or DER everywhere; on Node also the traditional forms (PKCS#1, SEC1) and encrypted keys,
   * PKCS#8 or traditional PEM with `DEK-Info`. Other blocks in the same text are passed over.
   *
   * @throws PgHostsslError `private-key-invalid`, `passphrase-missing`, `passphrase-wrong`, `key-weak` for RSA under
   * 2048 bits, `key-algorithm-unsupported` for kinds of keys, and in a browser for forms, that cannot be read.
   */
  static async read(source: string | Uint8Array, options: ReadPrivateKeyOptions = {}): Promise<PrivateKey> {
    const provider = await completeProvider(options.provider);
    const pkcs8 = await pkcs8Of(source, options.passphrase);
    const kind = readKind(pkcs8);
    if (options.allowWeak !== true) refuseWeakKey(kind);
    const { subtle } = provider.crypto;
    try {
      const key = await subtle.importKey('pkcs8', pkcs8, kind.key, true, ['sign']);
      const jwk = (await subtle.exportKey('jwk', key as never)) as PublicJwk;
      return new PrivateKey(pkcs8, { kind, key, publicKey: publicKeyInfo(kind, jwk), provider });
    } catch (cause) {
      throw unreadable(cause);
    }
  }

  /** The public half as PEM (`PUBLIC KEY`), with a final newline. */
  get publicKey(): string {
    return encodePem('PUBLIC KEY', this.#signer.publicKey);
  }

  /** The key as PKCS#8 in PEM (`PRIVATE KEY`), not encrypted, with a final newline. */
  toPem(): string {
    return encodePem('PRIVATE KEY', this.#pkcs8);
  }

  /** The key as PKCS#8 in DER, not encrypted: what pgjdbc reads as `.pk8`, and libpq 13 and later as `sslkey`. */
  toDer(): Uint8Array {
    return this.#pkcs8.slice();
  }

  /**
   * The key as encrypted PKCS#8 in PEM (`ENCRYPTED PRIVATE KEY`) with a final newline: AES-256 under a key that 600,000
   * rounds of PBKDF2 make of the passphrase. libpq (`sslpassword`), the server (`ssl_passphrase_command`) and Node read it.
   *
   * @throws PgHostsslError `passphrase-missing` for an empty passphrase.
   */
  async toEncryptedPem(passphrase: string): Promise<string> {
    return encodePem('ENCRYPTED PRIVATE KEY', await encryptKey(this.#pkcs8, passphrase, this.#signer.provider));
  }

  static {
    signerOf = (key) => key.#signer;
    bindKey = (key, { now, random }) => {
      const provider = { ...key.#signer.provider, now, random };
      return new PrivateKey(key.#pkcs8, { ...key.#signer, provider });
    };
  }
}

/**
 * @internal Whoever signs, or gives out a certificate, asks this first.
 *
 * @throws PgHostsslError `key-weak`
 */
export function refuseWeakKey(kind: KeyKind): void {
  const bits = rsaBits(kind);
  if (bits === undefined || bits >= 2048) return;
  throw new PgHostsslError('key-weak', `The key is RSA with ${bits} bits`, {
    hint: 'Make a new key of 2048 bits or more: OpenSSL 3 and Node 24 refuse smaller ones.',
  });
}

/**
 * @internal The key that the options name, or a new one; strong enough in any case.
 *
 * @throws PgHostsslError `key-weak`, `key-algorithm-unsupported`, `private-key-invalid`
 */
export async function chooseKey(
  options: { readonly key?: PrivateKey | string; readonly keyAlgorithm?: KeyAlgorithm },
  provider: CompleteProvider,
): Promise<PrivateKey> {
  const { key, keyAlgorithm } = options;
  if (key === undefined) return PrivateKey.generate(keyAlgorithm, { provider });
  return givenKey(key, provider);
}

/**
 * @internal A key that a caller gave, bound to this provider.
 *
 * @throws PgHostsslError `key-weak`, `key-algorithm-unsupported`, `private-key-invalid`, `passphrase-missing`,
 * `passphrase-wrong`
 */
export async function givenKey(
  key: PrivateKey | string,
  provider: CompleteProvider,
  passphrase?: string,
): Promise<PrivateKey> {
  if (typeof key === 'string') {
    return PrivateKey.read(key, { provider, ...(passphrase === undefined ? {} : { passphrase }) });
  }
  refuseWeakKey(signerOf(key).kind);
  return bindKey(key, provider);
}

interface KeyPair {
  readonly privateKey: never;
  readonly publicKey: never;
}

async function exportPair(
  kind: KeyKind,
  { privateKey, publicKey }: KeyPair,
  { crypto }: CompleteProvider,
): Promise<{ readonly pkcs8: Bytes; readonly publicKey: Bytes }> {
  const { subtle } = crypto;
  // In Node's own WebCrypto PKCS#8 and SPKI are a job each in the thread pool, and a JSON Web Key is none.
  if (crypto === globalThis.crypto) {
    const jwk = (await subtle.exportKey('jwk', privateKey)) as PrivateJwk;
    return { pkcs8: privateKeyInfo(kind, jwk), publicKey: publicKeyInfo(kind, jwk) };
  }
  const [pkcs8, spki] = await Promise.all([subtle.exportKey('pkcs8', privateKey), subtle.exportKey('spki', publicKey)]);
  return { pkcs8: new Uint8Array(pkcs8 as ArrayBuffer), publicKey: new Uint8Array(spki as ArrayBuffer) };
}

async function pkcs8Of(source: string | Uint8Array, passphrase: string | undefined): Promise<Bytes> {
  const text = typeof source === 'string' ? source : pemText(source);
  const block = text === undefined ? undefined : decodePem(text).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block?.label === 'PRIVATE KEY' && !lacksPublicHalf(block.der)) return block.der;
  if (text !== undefined && block === undefined) {
    throw new PgHostsslError('private-key-invalid', 'The text holds no private key', {
      hint: 'A private key in PEM begins with -----BEGIN PRIVATE KEY----- (or RSA, EC, ENCRYPTED PRIVATE KEY).',
    });
  }
  const der = block === undefined ? Uint8Array.from(source as Uint8Array) : undefined;
  if (der !== undefined && kindOfKeyOrNone(der) !== undefined && !lacksPublicHalf(der)) return der;
  const { openKey } = await import('#key-formats');
  return openKey(block?.text ?? der!, passphrase);
}

/** The text of a file that is PEM and not DER. */
function pemText(bytes: Uint8Array): string | undefined {
  // DER begins with a SEQUENCE, whose octet is the digit 0 in ASCII; PEM may have any text before its first block.
  const text = new TextDecoder('utf-8').decode(bytes);
  return text.includes('-----BEGIN ') ? text : undefined;
}

function readKind(pkcs8: Bytes): KeyKind {
  try {
    return kindOfKey(pkcs8);
  } catch (cause) {
    throw isUnreadable(cause) ? unreadable(cause) : cause;
  }
}

function unreadable(cause: unknown): PgHostsslError {
  return new PgHostsslError('private-key-invalid', 'The private key is damaged or of a form that is not supported', {
    cause,
  });
}
