import type { Bytes } from '../../asn1/bytes.ts';
import { derNull, derOid, derSequence } from '../../asn1/der.ts';
import { type DerElement, DerError, readNumber, SequenceReader } from '../../asn1/reader.ts';
import type { KeyKind } from './key-algorithms.ts';
import { type KeyType, keyType } from './key-type.ts';
import { ed25519, readAlgorithm } from './public-key.ts';

/**
 * The AlgorithmIdentifiers of signatures (RFC 5280 §4.1.1.2), as RFC 5758 §3.2, RFC 4055 §5 and RFC 8410 §3 define
 * them.
 */

// The AlgorithmIdentifiers in DER. They are encoded once, because each signature has one.
const algorithms: ReadonlyMap<string, Bytes> = new Map([
  ['ECDSA SHA-256', derSequence(derOid('1.2.840.10045.4.3.2'))],
  ['ECDSA SHA-384', derSequence(derOid('1.2.840.10045.4.3.3'))],
  ['ECDSA SHA-512', derSequence(derOid('1.2.840.10045.4.3.4'))],
  ['RSASSA-PKCS1-v1_5 SHA-256', derSequence(derOid('1.2.840.113549.1.1.11'), derNull)],
  ['Ed25519', derSequence(derOid(ed25519))],
]);

/** The AlgorithmIdentifier of signatures by a key of this kind. */
export function signatureAlgorithm({ signature }: KeyKind): Bytes {
  return algorithms.get(signature.hash === undefined ? signature.name : `${signature.name} ${signature.hash}`)!;
}

/** The names of hash algorithms in OpenSSL and `node:crypto`, by object identifier. */
const hashes: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.2.5', 'md5'],
  ['1.3.14.3.2.26', 'sha1'],
  ['1.3.36.3.2.1', 'ripemd160'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
  ['2.16.840.1.101.3.4.2.5', 'sha512-224'],
  ['2.16.840.1.101.3.4.2.6', 'sha512-256'],
  ['2.16.840.1.101.3.4.2.7', 'sha3-224'],
  ['2.16.840.1.101.3.4.2.8', 'sha3-256'],
  ['2.16.840.1.101.3.4.2.9', 'sha3-384'],
  ['2.16.840.1.101.3.4.2.10', 'sha3-512'],
]);

/**
 * The kinds of signature that OpenSSL 3.0 knows, by object identifier, with the type of key and the hash: `sigoid_srt`
 * in crypto/objects/obj_xref.h. Some kinds are left out, because OpenSSL 3.0 finds no issuer for a certificate with
 * such a signature: RSA with SHA-512/224 or SHA-512/256, DSA with SHA-384, SHA-512 or SHA-3, ECDSA with SHA-3.
 */
const signatures: ReadonlyMap<string, readonly [KeyType, hash?: string]> = new Map([
  ['1.2.840.113549.1.1.2', ['RSA', 'md2']],
  ['1.2.840.113549.1.1.3', ['RSA', 'md4']],
  ['1.2.840.113549.1.1.4', ['RSA', 'md5']],
  ['1.3.14.3.2.3', ['RSA', 'md5']],
  ['1.3.14.3.2.15', ['RSA', 'sha']],
  ['1.2.840.113549.1.1.5', ['RSA', 'sha1']],
  ['1.3.14.3.2.29', ['RSA', 'sha1']],
  ['2.5.8.3.100', ['RSA', 'mdc2']],
  ['1.3.36.3.3.1.2', ['RSA', 'ripemd160']],
  ['1.2.840.113549.1.1.14', ['RSA', 'sha224']],
  ['1.2.840.113549.1.1.11', ['RSA', 'sha256']],
  ['1.2.840.113549.1.1.12', ['RSA', 'sha384']],
  ['1.2.840.113549.1.1.13', ['RSA', 'sha512']],
  ['2.16.840.1.101.3.4.3.13', ['RSA', 'sha3-224']],
  ['2.16.840.1.101.3.4.3.14', ['RSA', 'sha3-256']],
  ['2.16.840.1.101.3.4.3.15', ['RSA', 'sha3-384']],
  ['2.16.840.1.101.3.4.3.16', ['RSA', 'sha3-512']],
  ['1.2.840.113549.1.1.10', ['RSA-PSS']],
  ['1.3.14.3.2.13', ['DSA', 'sha']],
  ['1.2.840.10040.4.3', ['DSA', 'sha1']],
  ['1.3.14.3.2.27', ['DSA', 'sha1']],
  ['2.16.840.1.101.3.4.3.1', ['DSA', 'sha224']],
  ['2.16.840.1.101.3.4.3.2', ['DSA', 'sha256']],
  ['1.2.840.10045.4.1', ['EC', 'sha1']],
  ['1.2.840.10045.4.3.1', ['EC', 'sha224']],
  ['1.2.840.10045.4.3.2', ['EC', 'sha256']],
  ['1.2.840.10045.4.3.3', ['EC', 'sha384']],
  ['1.2.840.10045.4.3.4', ['EC', 'sha512']],
  // In the next two kinds of signature, the key or the parameters name the hash. OpenSSL verifies no signature of these
  // kinds.
  ['1.2.840.10045.4.2', ['EC']],
  ['1.2.840.10045.4.3', ['EC']],
  [ed25519, ['Ed25519']],
  ['1.3.101.113', ['Ed448']],
]);

/** The type of the keys that make this kind of signature; `undefined` for a kind that OpenSSL 3.0 does not know. */
export function signatureKeyType(identifier: DerElement): KeyType | undefined {
  return signatures.get(readAlgorithm(identifier).algorithm)?.[0];
}

/**
 * The hash of a signature, as `node:crypto` names it; `undefined` for a signature of an unknown kind or without a hash.
 */
export function signatureHash(identifier: DerElement): string | undefined {
  const [type, hash] = signatures.get(readAlgorithm(identifier).algorithm) ?? [];
  return type === 'RSA-PSS' ? readPss(identifier)?.hash : hash;
}

/**
 * Whether a key is of the type that makes this kind of signature: `check_sig_alg_match` in crypto/x509/v3_purp.c. The
 * result is `false` for a key that OpenSSL cannot decode.
 */
export function canHaveSigned(publicKey: Bytes, identifier: DerElement): boolean {
  const [type, needed] = [keyType(publicKey), signatureKeyType(identifier)];
  return type !== undefined && (type === needed || (type === 'RSA' && needed === 'RSA-PSS'));
}

const mgf1 = '1.2.840.113549.1.1.8';

/** Parameters of RSASSA-PSS (RFC 4055 §3.1). The hashes have the names that `node:crypto` uses. */
export interface PssParameters {
  readonly hash: string;
  readonly maskHash: string;
  readonly saltLength: number;
}

/** The parameters in an AlgorithmIdentifier of RSASSA-PSS; `undefined` if they are missing, malformed or unknown. */
export function readPss(identifier: DerElement): PssParameters | undefined {
  const { parameters } = readAlgorithm(identifier);
  if (parameters === undefined) return undefined;
  try {
    const reader = new SequenceReader(parameters);
    const hash = reader.contextual(0);
    const mask = reader.contextual(1);
    const saltLength = reader.contextual(2);
    const trailer = reader.contextual(3);
    reader.end();
    const maskAlgorithm = mask && readAlgorithm(mask);
    if (trailer !== undefined && readNumber(trailer) !== 1) return undefined;
    if (maskAlgorithm !== undefined && maskAlgorithm.algorithm !== mgf1) return undefined;
    const salt = saltLength === undefined ? 20 : readNumber(saltLength);
    // OpenSSL reads the length into an `int`, and a WebCrypto may throw for a length beyond it.
    if (salt > 0x7fffffff) return undefined;
    return {
      hash: hash === undefined ? 'sha1' : hashName(hash),
      maskHash: maskAlgorithm === undefined ? 'sha1' : hashName(maskAlgorithm.parameters),
      saltLength: salt,
    };
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function hashName(identifier: DerElement | undefined): string {
  const name = identifier && hashes.get(readAlgorithm(identifier).algorithm);
  if (name === undefined) throw new DerError('A hash of RSASSA-PSS is missing or unknown');
  return name;
}
