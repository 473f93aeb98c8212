import type { Bytes } from '../../asn1/bytes.ts';
import { derBitString, derSequence } from '../../asn1/der.ts';
import { type DerElement, readDer, SequenceReader } from '../../asn1/reader.ts';
import { PgHostsslError } from '../../errors.ts';
import { byProvider, type CompleteProvider, type WebCryptoAlgorithm } from '../provider/provider.ts';
import { coordinateSize, uncompressedPoint } from './ec-point.ts';
import { kindOfKeyOrNone, readAlgorithm, readPublicKey } from './key-algorithms.ts';
import { rawEcdsaSignature } from './signature.ts';
import { canHaveSigned, readPss, signatureKeyType } from './signature-algorithm.ts';

/** Whether a signature is that of a key. `unsupported`: neither this library nor the provider can tell. */
export type SignatureVerdict = 'valid' | 'invalid' | 'unsupported';

/**
 * Verifies the signature of a certificate, CRL or certificate request over the bytes of its first part, as they stand.
 * Only the algorithm and the key are parsed by `@peculiar/x509`, which has limits on the number of elements.
 *
 * @throws PgHostsslError `provider-failed`
 */
export async function verifySignature(
  structure: Bytes,
  publicKey: Bytes,
  provider: CompleteProvider,
): Promise<SignatureVerdict> {
  const parts = new SequenceReader(readDer(structure));
  const signed = parts.next().bytes;
  const identifier = parts.next();
  const { content } = parts.next();
  const { AlgorithmProvider, PublicKey } = await import('./x509.ts');
  const toWeb = (algorithm: string) => new AlgorithmProvider().toWebAlgorithm({ algorithm } as never);
  const algorithm = webAlgorithm(identifier, toWeb);
  if (algorithm === undefined) return 'unsupported';
  const type = signatureKeyType(identifier);
  // `ASN1_item_verify` refuses a BIT STRING with unused bits, and a key of another type.
  if (content[0] !== 0 || (type !== undefined && !canHaveSigned(publicKey, identifier))) return 'invalid';
  const { algorithm: keyAlgorithm, bits } = readPublicKey(publicKey);
  const size = coordinateSize(bits);
  const isKnown = type === 'RSA-PSS' || (type !== undefined && kindOfKeyOrNone(publicKey) !== undefined);
  const bytes = type === 'EC' && isKnown ? uncompressedPoint(bits, size) : bits;
  const signature = type === 'EC' ? rawEcdsaSignature(content.subarray(1), size) : content.subarray(1);
  if (bytes === undefined || signature === undefined) return 'invalid';
  const verify = async () => {
    const key = new PublicKey(derSequence(keyAlgorithm.bytes, derBitString(bytes)));
    const imported = await key.export({ ...key.algorithm, ...algorithm }, ['verify'], provider.crypto as never);
    return (await provider.crypto.subtle.verify(algorithm, imported as never, signature, signed)) ? 'valid' : 'invalid';
  };
  // Every WebCrypto knows the keys that are issued here. Other keys are tried, because some providers know more.
  return isKnown ? byProvider('verify', verify) : verify().catch(() => 'unsupported');
}

/**
 * Whether the private half of this key signed a certificate, CRL or certificate request.
 *
 * @throws PgHostsslError `signature-unsupported`, `provider-failed`
 */
export async function isSignedBy(structure: Bytes, publicKey: Bytes, provider: CompleteProvider): Promise<boolean> {
  const verdict = await verifySignature(structure, publicKey, provider);
  if (verdict !== 'unsupported') return verdict === 'valid';
  throw new PgHostsslError('signature-unsupported', 'The signature, or the key that made it, is of an unknown kind');
}

/** The algorithm of a signature for WebCrypto; `undefined` for one that is unknown or has no counterpart there. */
function webAlgorithm(
  identifier: DerElement,
  toWeb: (objectIdentifier: string) => WebCryptoAlgorithm,
): WebCryptoAlgorithm | undefined {
  const { algorithm } = readAlgorithm(identifier);
  if (signatureKeyType(identifier) !== 'RSA-PSS') return nameOrNone(toWeb(algorithm));
  const pss = readPss(identifier);
  const hash = pss && nameOrNone(toWeb(pss.hash));
  // WebCrypto takes one hash for both.
  if (hash === undefined || pss?.hash !== pss?.maskHash) return undefined;
  return { name: 'RSA-PSS', hash, saltLength: pss!.saltLength } as WebCryptoAlgorithm;
}

/** What @peculiar/x509 does not know, it names by the object identifier. */
function nameOrNone(algorithm: WebCryptoAlgorithm): WebCryptoAlgorithm | undefined {
  return /^\d/.test(algorithm.name) ? undefined : algorithm;
}
