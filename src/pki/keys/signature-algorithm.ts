import type { Bytes } from '../../asn1/bytes.ts';
import { derNull, derOid, derSequence } from '../../asn1/der.ts';
import { type DerElement, DerError, readSmallInteger, SequenceReader } from '../../asn1/reader.ts';
import { type KeyKind, type KeyType, keyType, readAlgorithm } from './key-algorithms.ts';

/** The AlgorithmIdentifier of signatures (RFC 5280 §4.1.1.2): RFC 5758 §3.2, RFC 4055 §5, RFC 8410 §3. */

// Encoded once, since each signature comes with one.
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

/** The types of the keys that make each kind of signature, in the order of `sigoid_srt` in crypto/objects/obj_xref.h. */
const signatureTypes: readonly (readonly [KeyType, RegExp])[] = [
  ['RSA', /^1\.2\.840\.113549\.1\.1\.(?:[2-5]|1[1-6])$/],
  ['RSA', /^1\.3\.14\.3\.2\.(?:15|29)$|^1\.3\.36\.3\.3\.1\.2$|^2\.5\.8\.3\.100$|^2\.16\.840\.1\.101\.3\.4\.3\.1[3-6]$/],
  ['RSA-PSS', /^1\.2\.840\.113549\.1\.1\.10$/],
  ['DSA', /^1\.2\.840\.10040\.4\.3$|^1\.3\.14\.3\.2\.(?:13|27)$|^2\.16\.840\.1\.101\.3\.4\.3\.[1-8]$/],
  ['EC', /^1\.2\.840\.10045\.4\.(?:[12]|3|3\.[1-4])$|^2\.16\.840\.1\.101\.3\.4\.3\.(?:9|1[0-2])$/],
  ['Ed25519', /^1\.3\.101\.112$/],
  ['Ed448', /^1\.3\.101\.113$/],
];

/** The type of the keys that make signatures of this kind; `undefined` for a kind that OpenSSL 3.0 does not know. */
export function signatureKeyType(identifier: DerElement): KeyType | undefined {
  const { algorithm } = readAlgorithm(identifier);
  return signatureTypes.find(([, oids]) => oids.test(algorithm))?.[0];
}

/**
 * Whether a key can have made a signature of this kind: `check_sig_alg_match` in crypto/x509/v3_purp.c. A key that OpenSSL
 * cannot decode can have made none.
 */
export function canHaveSigned(publicKey: Bytes, identifier: DerElement): boolean {
  const [type, needed] = [keyType(publicKey), signatureKeyType(identifier)];
  return type !== undefined && (type === needed || (type === 'RSA' && needed === 'RSA-PSS'));
}

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
const mgf1 = '1.2.840.113549.1.1.8';
const sha1 = '1.3.14.3.2.26';

/** Whether an AlgorithmIdentifier names a signature whose hash is too weak for OpenSSL 3. */
export function isWeakSignature(identifier: DerElement): boolean {
  const { algorithm } = readAlgorithm(identifier);
  return algorithm === rsaPss ? readPss(identifier)?.hash === sha1 : weakSignatures.has(algorithm);
}

/** Parameters of RSASSA-PSS (RFC 4055 §3.1). Both hashes are object identifiers. */
export interface PssParameters {
  readonly hash: string;
  readonly maskHash: string;
  readonly saltLength: number;
}

/** The parameters in an AlgorithmIdentifier of RSASSA-PSS; `undefined` if they are missing or malformed. */
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
    if (trailer !== undefined && readSmallInteger(trailer) !== 1) return undefined;
    if (maskAlgorithm !== undefined && maskAlgorithm.algorithm !== mgf1) return undefined;
    return {
      hash: hash === undefined ? sha1 : readAlgorithm(hash).algorithm,
      maskHash: maskAlgorithm === undefined ? sha1 : maskHash(maskAlgorithm.parameters),
      saltLength: saltLength === undefined ? 20 : readSmallInteger(saltLength),
    };
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function maskHash(parameters: DerElement | undefined): string {
  if (parameters === undefined) throw new DerError('The mask function of RSASSA-PSS has no hash');
  return readAlgorithm(parameters).algorithm;
}
