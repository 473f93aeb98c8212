import type { Bytes } from '../../asn1/bytes.ts';
import { derTag } from '../../asn1/der.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { coordinateSize } from '../keys/ec-point.ts';
import { kindOfKeyOrNone, readAlgorithm, readPublicKey, rsaBits } from '../keys/key-algorithms.ts';
import { isWeakSignature } from '../keys/signature-algorithm.ts';
import { type ChainProblem, chainProblem } from './chain-problem.ts';

const ecPublicKey = '1.2.840.10045.2.1';

/**
 * The keys and signatures of a path that are too weak for OpenSSL 3 at security level 2, the level of Debian and Ubuntu:
 * `check_auth_level` in crypto/x509/x509_vfy.c. The signature of a root on itself does not count.
 */
export function checkStrength(path: readonly Certificate[]): readonly ChainProblem[] {
  return path.flatMap(({ publicKey, signatureAlgorithm }, depth) => {
    const weak = weakKey(publicKey);
    return [
      ...(weak === undefined ? [] : [chainProblem(path, depth, 'key-weak', `The key of the certificate is ${weak}`)]),
      ...(depth < path.length - 1 && isWeakSignature(signatureAlgorithm)
        ? [chainProblem(path, depth, 'signature-weak', 'The certificate is signed with MD5, SHA-1 or an older hash')]
        : []),
    ];
  });
}

/** A weak key in words, or `undefined` for a strong one. */
function weakKey(publicKey: Bytes): string | undefined {
  const kind = kindOfKeyOrNone(publicKey);
  const bits = kind && rsaBits(kind);
  if (bits !== undefined) return bits < 2048 ? `RSA with ${bits} bits` : undefined;
  const { algorithm, bits: point } = readPublicKey(publicKey);
  if (readAlgorithm(algorithm).algorithm !== ecPublicKey) return undefined;
  // A curve has about as many bits as a coordinate of its points.
  const size = coordinateSize(point) * 8;
  return size < 224 ? `on a curve with ${size} bits` : undefined;
}

/** Keys on a curve given by its parameters instead of its name. OpenSSL 3 rejects them in a chain: `check_curve`. */
export function checkCurves(path: readonly Certificate[]): readonly ChainProblem[] {
  return path.flatMap(({ publicKey }, depth) => {
    const { algorithm, parameters } = readAlgorithm(readPublicKey(publicKey).algorithm);
    const isExplicit = algorithm === ecPublicKey && parameters?.tag !== derTag.oid;
    return isExplicit && path.length > 1
      ? [
          chainProblem(
            path,
            depth,
            'curve-not-named',
            'The key of the certificate is on a curve given by its parameters, not by its name',
          ),
        ]
      : [];
  });
}
