import type { Bytes } from '../../asn1/bytes.ts';
import { derBitString, derInteger, derNull, derOid, derSequence } from '../../asn1/der.ts';
import { readBitString, readDer, readInteger, SequenceReader } from '../../asn1/reader.ts';
import { equalBytes } from '../../c/compare.ts';
import { type KeyKind, readAlgorithm } from './key-algorithms.ts';
import type { Signer } from './private-key.ts';

// Encoded once, since each signature comes with one (RFC 5758 §3.2, RFC 4055 §5, RFC 8410 §3).
const algorithms: ReadonlyMap<string, Bytes> = new Map([
  ['ECDSA SHA-256', derSequence(derOid('1.2.840.10045.4.3.2'))],
  ['ECDSA SHA-384', derSequence(derOid('1.2.840.10045.4.3.3'))],
  ['ECDSA SHA-512', derSequence(derOid('1.2.840.10045.4.3.4'))],
  ['RSASSA-PKCS1-v1_5 SHA-256', derSequence(derOid('1.2.840.113549.1.1.11'), derNull)],
  ['Ed25519', derSequence(derOid('1.3.101.112'))],
]);

/** The AlgorithmIdentifier of the signatures that a kind of key makes. */
export function signatureAlgorithm({ signature }: KeyKind): Bytes {
  return algorithms.get(signature.hash === undefined ? signature.name : `${signature.name} ${signature.hash}`)!;
}

/** Signs a certificate, CRL or certificate request: its content, the algorithm, and the signature. */
export async function signStructure(content: Bytes, signer: Signer): Promise<Bytes> {
  const signature = signer.direct?.(content) ?? (await signByProvider(content, signer));
  return derSequence(content, signatureAlgorithm(signer.kind), derBitString(signature));
}

async function signByProvider(content: Bytes, { kind, key, provider }: Signer): Promise<Bytes> {
  const made = new Uint8Array(await provider.crypto.subtle.sign(kind.signature, key as never, content));
  return kind.signature.name === 'ECDSA' ? ecdsaSignature(made) : made;
}

/** WebCrypto returns the two numbers side by side; certificates hold them as a SEQUENCE (RFC 3279 §2.2.3). */
function ecdsaSignature(raw: Bytes): Bytes {
  const half = raw.length / 2;
  return derSequence(derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half)));
}

/** The arc of ECDSA with any hash (RFC 5758 §3.2). */
const ecdsaWith = '1.2.840.10045.4.';

/**
 * Whether an ECDSA signature of a signed structure is exact DER. OpenSSL encodes the numbers again and refuses any other
 * encoding (`ossl_ecdsa_simple_verify_sig`); `@peculiar/x509` accepts others. Other signatures have no structure.
 */
export function isSignatureDer(structure: Bytes): boolean {
  const reader = new SequenceReader(readDer(structure));
  reader.next();
  if (!readAlgorithm(reader.next()).algorithm.startsWith(ecdsaWith)) return true;
  const signature = readBitString(reader.next());
  const numbers = new SequenceReader(readDer(signature));
  const [r, s] = [readInteger(numbers.next()), readInteger(numbers.next())];
  return equalBytes(signature, derSequence(derInteger(r), derInteger(s)));
}
