import type { Bytes } from '../../asn1/bytes.ts';
import { derBitString, derInteger, derSequence } from '../../asn1/der.ts';
import { DerError, readDer, readInteger, SequenceReader } from '../../asn1/reader.ts';
import { equalBytes } from '../../c/compare.ts';
import { byProvider } from '../provider/provider.ts';
import type { Signer } from './private-key.ts';
import { signatureAlgorithm } from './signature-algorithm.ts';

/** Signs a certificate, CRL or certificate request: its content, the algorithm, and the signature. */
export async function signStructure(content: Bytes, signer: Signer): Promise<Bytes> {
  const signature = signer.direct?.(content) ?? (await signByProvider(content, signer));
  return derSequence(content, signatureAlgorithm(signer.kind), derBitString(signature));
}

async function signByProvider(content: Bytes, { kind, key, provider }: Signer): Promise<Bytes> {
  const { subtle } = provider.crypto;
  const made = new Uint8Array(await byProvider('sign', () => subtle.sign(kind.signature, key as never, content)));
  return kind.signature.name === 'ECDSA' ? ecdsaSignature(made) : made;
}

/** WebCrypto returns the two numbers side by side; certificates hold them as a SEQUENCE (RFC 3279 §2.2.3). */
function ecdsaSignature(raw: Bytes): Bytes {
  const half = raw.length / 2;
  return derSequence(derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half)));
}

/**
 * An ECDSA signature as WebCrypto takes it: two numbers of this size. `undefined` for a signature that is not exact DER,
 * which OpenSSL refuses after it encoded the numbers again (`ossl_ecdsa_simple_verify_sig`), or with a larger number.
 */
export function rawEcdsaSignature(signature: Bytes, size: number): Bytes | undefined {
  try {
    const numbers = new SequenceReader(readDer(signature));
    const parts = [readInteger(numbers.next()), readInteger(numbers.next())];
    if (!equalBytes(signature, derSequence(...parts.map((part) => derInteger(part))))) return undefined;
    const raw = new Uint8Array(2 * size);
    for (const [i, part] of parts.entries()) {
      const digits = part[0] === 0 ? part.subarray(1) : part;
      if (digits.length > size) return undefined;
      raw.set(digits, (i + 1) * size - digits.length);
    }
    return raw;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
