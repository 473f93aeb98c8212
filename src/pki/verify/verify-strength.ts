import { type Bytes, derTag, readBitString, readChildrenOf, readDer, readOid } from '../../asn1/der.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { isWeakSignature } from '../certificate/weak-signature.ts';
import { kindOfKeyOrNone, rsaBits } from '../keys/key-algorithms.ts';
import { type ChainProblem, chainProblem } from './chain-problem.ts';

const ecPublicKey = '1.2.840.10045.2.1';

/**
 * The keys and signatures of a path that OpenSSL 3 takes for too weak at security level 2, which is that of Debian and
 * Ubuntu (`check_auth_level` in crypto/x509/x509_vfy.c). A root's signature on itself does not count.
 */
export function checkStrength(path: readonly Certificate[]): readonly ChainProblem[] {
  return path.flatMap(({ publicKey, signatureAlgorithm }, depth) => {
    const weak = weakKey(publicKey);
    return [
      ...(weak === undefined ? [] : [chainProblem(path, depth, 'key-weak', `Its key is ${weak}`)]),
      ...(depth < path.length - 1 && isWeakSignature(signatureAlgorithm)
        ? [chainProblem(path, depth, 'signature-weak', 'It is signed with MD5, SHA-1 or an older hash')]
        : []),
    ];
  });
}

/** What a key is, in words, if it is too weak. */
function weakKey(publicKey: Bytes): string | undefined {
  const kind = kindOfKeyOrNone(publicKey);
  const bits = kind && rsaBits(kind);
  if (bits !== undefined) return bits < 2048 ? `RSA with ${bits} bits` : undefined;
  const [algorithm, point] = readChildrenOf(readDer(publicKey), derTag.sequence);
  if (readOid(readChildrenOf(algorithm, derTag.sequence)[0]) !== ecPublicKey) return undefined;
  // A curve has about as many bits as the numbers of its points: one of them, or (first octet 4) two.
  const { length, 0: form } = readBitString(point);
  const size = ((length - 1) / (form === 4 ? 2 : 1)) * 8;
  return size < 224 ? `on a curve with ${size} bits` : undefined;
}

/** Keys on a curve that is spelled out instead of named: OpenSSL 3 rejects them in a chain (`check_curve`). */
export function checkCurves(path: readonly Certificate[]): readonly ChainProblem[] {
  return path.flatMap(({ publicKey }, depth) => {
    const [oid, parameters] = readChildrenOf(readChildrenOf(readDer(publicKey), derTag.sequence)[0], derTag.sequence);
    const isExplicit = readOid(oid) === ecPublicKey && parameters?.tag !== derTag.oid;
    return isExplicit && path.length > 1
      ? [chainProblem(path, depth, 'curve-not-named', 'Its key is on a curve that is spelled out, not named')]
      : [];
  });
}
