import { type DerElement, SequenceReader } from '../../asn1/reader.ts';
import { readAlgorithm } from './key-algorithms.ts';

/** Signatures by RSA, DSA and ECDSA with MD2, MD4, MD5 and SHA-1. */
const weakSignatures: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.2',
  '1.2.840.113549.1.1.3',
  '1.2.840.113549.1.1.4',
  '1.2.840.113549.1.1.5',
  '1.3.14.3.2.29',
  '1.2.840.10040.4.3',
  '1.2.840.10045.4.1',
]);
const rsaPss = '1.2.840.113549.1.1.10';
const sha1 = '1.3.14.3.2.26';

/** Whether an AlgorithmIdentifier names a signature whose hash is too weak for OpenSSL 3. */
export function isWeakSignature(identifier: DerElement): boolean {
  const { algorithm, parameters } = readAlgorithm(identifier);
  if (algorithm !== rsaPss || parameters === undefined) return algorithm === rsaPss || weakSignatures.has(algorithm);
  const hash = new SequenceReader(parameters).contextual(0);
  return hash === undefined || readAlgorithm(hash).algorithm === sha1;
}
