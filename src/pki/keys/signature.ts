import {
  type Bytes,
  derBitString,
  derInteger,
  derNull,
  derOid,
  derSequence,
  derTag,
  equalBytes,
  readBitString,
  readChildrenOf,
  readDer,
  readInteger,
  readOid,
} from '../../asn1/der.ts';
import type { KeyKind } from './key-algorithms.ts';
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

/** A signed structure, as certificates and revocation lists are: the content, the algorithm, and the signature. */
export async function signStructure(content: Bytes, signer: Signer): Promise<Bytes> {
  const signature = signer.direct?.(content) ?? (await signByProvider(content, signer));
  return derSequence(content, signatureAlgorithm(signer.kind), derBitString(signature));
}

async function signByProvider(content: Bytes, { kind, key, provider }: Signer): Promise<Bytes> {
  const made = new Uint8Array(await provider.crypto.subtle.sign(kind.signature, key as never, content));
  return kind.signature.name === 'ECDSA' ? ecdsaSignature(made) : made;
}

/** WebCrypto gives the two numbers side by side, certificates have them as a SEQUENCE (RFC 3279 §2.2.3). */
function ecdsaSignature(raw: Bytes): Bytes {
  const half = raw.length / 2;
  return derSequence(derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half)));
}

/** The arc of ECDSA with whatever hash (RFC 5758 §3.2). */
const ecdsaWith = '1.2.840.10045.4.';

/**
 * Whether an ECDSA signature of a signed structure is written in DER to the letter. OpenSSL encodes what it has read
 * again, and takes no other spelling (`ossl_ecdsa_simple_verify_sig`); x509 does. Other signatures have no structure.
 */
export function isSignatureDer(structure: Bytes): boolean {
  const [, algorithm, value] = readChildrenOf(readDer(structure), derTag.sequence);
  if (!readOid(readChildrenOf(algorithm, derTag.sequence)[0]).startsWith(ecdsaWith)) return true;
  const signature = readBitString(value);
  const [r, s] = readChildrenOf(readDer(signature), derTag.sequence);
  return equalBytes(signature, derSequence(derInteger(readInteger(r)), derInteger(readInteger(s))));
}
