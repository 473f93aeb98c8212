import type { Bytes } from '../../asn1/bytes.ts';
import { derBitString, derNull, derOid, derSequence } from '../../asn1/der.ts';
import { type DerElement, readDer, SequenceReader } from '../../asn1/reader.ts';
import { PgHostsslError } from '../../errors.ts';
import { byProvider, type CompleteProvider, type WebCryptoAlgorithm } from '../provider/provider.ts';
import { coordinateSize, uncompressedPoint } from './ec-point.ts';
import { kindOfKeyOrNone } from './key-algorithms.ts';
import type { KeyType } from './key-type.ts';
import { readAlgorithm, readPublicKey, rsaEncryption } from './public-key.ts';
import { rawEcdsaSignature } from './signature.ts';
import { canHaveSigned, type PssParameters, readPss, signatureHash, signatureKeyType } from './signature-algorithm.ts';

/**
 * The verdict on a signature. `unsupported`: neither this library nor the provider can verify this kind of signature.
 */
export type SignatureVerdict = 'valid' | 'invalid' | 'unsupported';

/**
 * Verifies the signature of a certificate, CRL or certificate request over the unchanged bytes of its first part. If
 * the WebCrypto is the default or Node's own, `node:crypto` verifies the signature. For any other WebCrypto,
 * `@peculiar/x509` parses the key. It parses nothing else, because it refuses structures with many elements.
 *
 * @param options `knowsShortSha512` says whether RSASSA-PSS with SHA-512/224 or SHA-512/256 is supported, as it is from
 * OpenSSL 3 on
 * @throws PgHostsslError `provider-failed`
 */
export async function verifySignature(
  structure: Bytes,
  publicKey: Bytes,
  provider: CompleteProvider,
  { knowsShortSha512 = true }: { readonly knowsShortSha512?: boolean } = {},
): Promise<SignatureVerdict> {
  const parts = new SequenceReader(readDer(structure));
  const signed = parts.next().bytes;
  const identifier = parts.next();
  const { content } = parts.next();
  const type = signatureKeyType(identifier);
  const hash = signatureHash(identifier);
  if (type === undefined || (hash === undefined && !type.startsWith('Ed'))) return 'unsupported';
  if (!knowsShortSha512 && hash?.startsWith('sha512-')) return 'unsupported';
  // Like `ASN1_item_verify` of OpenSSL, refuse a BIT STRING with unused bits, and a key of a type that does not fit the
  // signature.
  if (content[0] !== 0 || !canHaveSigned(publicKey, identifier)) return 'invalid';
  const { algorithm: keyAlgorithm, bits } = readPublicKey(publicKey);
  const pss = type === 'RSA-PSS' ? readPss(identifier) : undefined;
  if (pss !== undefined && !allowsPss(keyAlgorithm, pss)) return 'invalid';
  if (provider.direct !== undefined) {
    const key = pss === undefined ? publicKey : derSequence(pssKeyAlgorithm(identifier, pss), derBitString(bits));
    const parameters = { key, hash, saltLength: pss?.saltLength };
    const isValid = provider.direct.verify(parameters, content.subarray(1), signed);
    return isValid === undefined ? 'unsupported' : isValid ? 'valid' : 'invalid';
  }
  const algorithm = webAlgorithm(type, hash, pss);
  if (algorithm === undefined) return 'unsupported';
  const isKnown = type === 'RSA-PSS' || kindOfKeyOrNone(publicKey) !== undefined;
  const size = coordinateSize(bits);
  const bytes = type === 'EC' && isKnown ? uncompressedPoint(bits, size) : bits;
  const signature = type === 'EC' ? rawEcdsaSignature(content.subarray(1), size) : content.subarray(1);
  if (bytes === undefined || signature === undefined) return 'invalid';
  const { PublicKey } = await import('./x509.ts');
  const crypto = await provider.webCrypto();
  const verify = async () => {
    const key = new PublicKey(derSequence(keyAlgorithm.bytes, derBitString(bytes)));
    const imported = await key.export({ ...key.algorithm, ...algorithm }, ['verify'], crypto as never);
    return (await crypto.subtle.verify(algorithm, imported as never, signature, signed)) ? 'valid' : 'invalid';
  };
  // Every WebCrypto can verify with the kinds of key that this library generates. Other kinds are tried, too, because
  // some WebCrypto implementations know more.
  return isKnown ? byProvider('verify', verify) : verify().catch(() => 'unsupported');
}

/**
 * Whether the private key that belongs to a public key signed a certificate, CRL or certificate request.
 *
 * @throws PgHostsslError `signature-unsupported`, `provider-failed`
 */
export async function isSignedBy(structure: Bytes, publicKey: Bytes, provider: CompleteProvider): Promise<boolean> {
  const verdict = await verifySignature(structure, publicKey, provider);
  if (verdict !== 'unsupported') return verdict === 'valid';
  throw new PgHostsslError('signature-unsupported', 'The signature, or the key that made it, is of an unknown kind');
}

/** The names of hash algorithms in WebCrypto, by their names in `node:crypto`. */
const webHashes: ReadonlyMap<string, string> = new Map([
  ['sha1', 'SHA-1'],
  ['sha256', 'SHA-256'],
  ['sha384', 'SHA-384'],
  ['sha512', 'SHA-512'],
]);

const webNames: ReadonlyMap<KeyType, string> = new Map([
  ['RSA', 'RSASSA-PKCS1-v1_5'],
  ['RSA-PSS', 'RSA-PSS'],
  ['EC', 'ECDSA'],
]);

/** The WebCrypto algorithm to verify a signature with; `undefined` if WebCrypto has no such algorithm. */
function webAlgorithm(
  type: KeyType,
  hash: string | undefined,
  pss: PssParameters | undefined,
): WebCryptoAlgorithm | undefined {
  if (type === 'Ed25519') return { name: type };
  // `@peculiar/webcrypto` expects the name `EdDSA` and the curve `Ed448`.
  if (type === 'Ed448') return { name: 'EdDSA', namedCurve: type } as WebCryptoAlgorithm;
  const [name, webHash] = [webNames.get(type), webHashes.get(hash ?? '')];
  // In WebCrypto, RSASSA-PSS always uses the same hash for the message and for the mask generation.
  if (name === undefined || webHash === undefined || pss?.hash !== pss?.maskHash) return undefined;
  return { name, hash: webHash, ...(pss && { saltLength: pss.saltLength }) } as WebCryptoAlgorithm;
}

/**
 * The AlgorithmIdentifier of the key with which `node:crypto` verifies a signature of RSASSA-PSS. Node takes the hash
 * of the mask generation from the parameters of the key, and knows only SHA-1 and SHA-2 there. If the key has no
 * parameters, Node takes the hash of the message.
 */
function pssKeyAlgorithm(identifier: DerElement, { hash, maskHash }: PssParameters): Bytes {
  return hash === maskHash ? derSequence(derOid(rsaEncryption), derNull) : identifier.bytes;
}

/**
 * Whether a key allows a signature with these parameters of RSASSA-PSS (RFC 4055 §3.3). A key without parameters allows
 * any parameters in a signature.
 */
function allowsPss(keyAlgorithm: DerElement, { hash, maskHash, saltLength }: PssParameters): boolean {
  const { algorithm, parameters } = readAlgorithm(keyAlgorithm);
  if (algorithm === rsaEncryption || parameters === undefined) return true;
  const allowed = readPss(keyAlgorithm);
  return allowed?.hash === hash && allowed.maskHash === maskHash && allowed.saltLength <= saltLength;
}
