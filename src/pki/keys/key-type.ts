import type { Bytes } from '../../asn1/bytes.ts';
import { derTag } from '../../asn1/der.ts';
import { type DerElement, DerError, readDer, readInteger, readOid, SequenceReader } from '../../asn1/reader.ts';
import { uncompressedPoint } from './ec-point.ts';
import { curveSize } from './key-algorithms.ts';
import { bitLength, ecPublicKey, ed25519, readAlgorithm, readPublicKey, rsaEncryption } from './public-key.ts';

/**
 * @internal The types of public key that OpenSSL distinguishes. `other` is a type that only serves for key agreement.
 */
export type KeyType = 'RSA' | 'RSA-PSS' | 'EC' | 'DSA' | 'Ed25519' | 'Ed448' | 'other';

const keyTypes: ReadonlyMap<string, KeyType> = new Map([
  [rsaEncryption, 'RSA'],
  ['1.2.840.113549.1.1.10', 'RSA-PSS'],
  [ecPublicKey, 'EC'],
  ['1.2.840.10040.4.1', 'DSA'],
  [ed25519, 'Ed25519'],
  ['1.3.101.113', 'Ed448'],
  // Keys that serve for key agreement only: X25519, X448 and Diffie-Hellman.
  ['1.3.101.110', 'other'],
  ['1.3.101.111', 'other'],
  ['1.2.840.113549.1.3.1', 'other'],
  ['1.2.840.10046.2.1', 'other'],
]);

/**
 * @internal The type of the key in a SubjectPublicKeyInfo. The result is `undefined` if OpenSSL 3.0 does not know the
 * type, or cannot decode the key (`X509_get0_pubkey`).
 */
export function keyType(info: Bytes): KeyType | undefined {
  const { algorithm, bits } = readPublicKey(info);
  const type = keyTypes.get(readAlgorithm(algorithm).algorithm);
  if (type === 'RSA' || type === 'RSA-PSS') return isRsaKey(bits) ? type : undefined;
  if (type === 'Ed25519') return bits.length === 32 ? type : undefined;
  if (type !== 'EC') return type;
  const { parameters } = readAlgorithm(algorithm);
  if (parameters?.tag !== derTag.oid) return parameters?.tag === derTag.sequence ? type : undefined;
  const oid = readOid(parameters);
  const size = curveSize(oid);
  const isDecodable = size === undefined ? otherCurves.test(oid) : uncompressedPoint(bits, size) !== undefined;
  return isDecodable ? type : undefined;
}

/**
 * The curves that OpenSSL 3.0 knows besides P-256, P-384 and P-521, by object identifier: the curves of X9.62, SEC 2,
 * WAP, Brainpool and SM2.
 */
const otherCurves =
  /^(?:1\.2\.840\.10045\.3\.(?:0|1)\.\d+|1\.3\.132\.0\.\d+|2\.23\.43\.1\.4\.\d+|1\.3\.36\.3\.3\.2\.8\.1\.1\.\d+|1\.2\.156\.10197\.1\.301)$/;

/** Whether the bytes are an RSAPublicKey (RFC 8017 §A.1.1). */
function isRsaKey(bytes: Bytes): boolean {
  try {
    const numbers = new SequenceReader(readDer(bytes));
    readInteger(numbers.next());
    readInteger(numbers.next());
    numbers.end();
    return true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/**
 * @internal The sizes in bits of the numbers that decide the strength of a public key. For RSA and RSASSA-PSS keys,
 * this is the modulus. For DSA keys, these are p and q (RFC 3279 §2.3.2). The result is `undefined` for all other keys,
 * and for a DSA key without parameters.
 */
export function keyNumbers(
  info: Bytes,
): { readonly type: 'RSA' | 'DSA'; readonly bits: readonly number[] } | undefined {
  const type = keyType(info);
  const { algorithm, bits } = readPublicKey(info);
  const sizes = (element: DerElement, count: number) => {
    const numbers = new SequenceReader(element);
    return Array.from({ length: count }, () => bitLength(readInteger(numbers.next())));
  };
  if (type === 'RSA' || type === 'RSA-PSS') return { type: 'RSA', bits: sizes(readDer(bits), 1) };
  const { parameters } = readAlgorithm(algorithm);
  if (type !== 'DSA' || parameters?.tag !== derTag.sequence) return undefined;
  return { type, bits: sizes(parameters, 2) };
}
