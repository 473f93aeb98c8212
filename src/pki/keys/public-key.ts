import { checkAny } from '../../asn1/any.ts';
import type { Bytes } from '../../asn1/bytes.ts';
import { derTag } from '../../asn1/der.ts';
import { type DerElement, readBits, readDer, readOid, SequenceReader } from '../../asn1/reader.ts';

/** @internal The object identifier of RSA keys without restrictions (RFC 8017 §A.1). */
export const rsaEncryption = '1.2.840.113549.1.1.1';
/** @internal The object identifier of keys on elliptic curves (RFC 5480 §2.1.1). */
export const ecPublicKey = '1.2.840.10045.2.1';
/** @internal The object identifier of Ed25519 keys (RFC 8410 §3). */
export const ed25519 = '1.3.101.112';

/**
 * @internal The parts of an AlgorithmIdentifier (RFC 5280 §4.1.1.2). The function throws {@link DerError} if the
 * element is not an AlgorithmIdentifier.
 */
export function readAlgorithm(element: DerElement): {
  readonly algorithm: string;
  readonly parameters: DerElement | undefined;
} {
  const reader = new SequenceReader(element);
  const [algorithm, parameters] = [readOid(reader.next(derTag.oid)), reader.optional()];
  reader.end();
  if (parameters !== undefined) checkAny(parameters);
  return { algorithm, parameters };
}

/**
 * @internal The parts of a SubjectPublicKeyInfo. The function throws {@link DerError} if the bytes are
 * not a SubjectPublicKeyInfo.
 */
export function readPublicKey(info: Bytes): { readonly algorithm: DerElement; readonly bits: Bytes } {
  const reader = new SequenceReader(readDer(info));
  const [algorithm, bits] = [reader.next(derTag.sequence), readBits(reader.next())];
  reader.end();
  return { algorithm, bits };
}

/** @internal The number of bits of an INTEGER that is not negative. */
export function bitLength(integer: Uint8Array): number {
  const significant = integer[0] === 0 ? integer.subarray(1) : integer;
  return significant.length * 8 - Math.clz32(significant[0] ?? 0) + 24;
}
