import type { Bytes } from '../../asn1/bytes.ts';
import { derBitString, derInteger, derSequence } from '../../asn1/der.ts';
import { DerError, readDer, readInteger, SequenceReader } from '../../asn1/reader.ts';
import { equalBytes } from '../../c/compare.ts';
import type { Signer } from './private-key.ts';
import { signatureAlgorithm } from './signature-algorithm.ts';

/**
 * Signs the content of a certificate, CRL or certificate request. The result is the DER SEQUENCE of the content, the
 * algorithm and the signature.
 */
export async function signStructure(content: Bytes, signer: Signer): Promise<Bytes> {
  return derSequence(content, signatureAlgorithm(signer.kind), derBitString(await signer.sign(content)));
}

/**
 * Converts an ECDSA signature from DER to the form that WebCrypto takes: two concatenated numbers of `size` octets
 * each. The result is `undefined` if a number is larger, or if the signature is not strict DER. OpenSSL also rejects
 * such a signature: it encodes the numbers again and compares the bytes (`ossl_ecdsa_simple_verify_sig`).
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
