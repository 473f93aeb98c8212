import type { Certificate } from './certificate.ts';
import { type ChainProblem, chainProblem } from './chain-problem.ts';
import { derTag, readChildrenOf, readDer, readOid } from './der.ts';
import { kindOfKeyOrNone, rsaBits } from './key-algorithms.ts';
import { isWeakSignature } from './weak-signature.ts';

/**
 * The keys and signatures of a path that OpenSSL 3 takes for too weak at security level 2, which is that of Debian and
 * Ubuntu (`check_auth_level` in crypto/x509/x509_vfy.c). A root's signature on itself does not count.
 */
export function checkStrength(path: readonly Certificate[]): readonly ChainProblem[] {
  return path.flatMap(({ publicKey, signatureAlgorithm }, depth) => {
    const kind = kindOfKeyOrNone(publicKey);
    const bits = kind && rsaBits(kind);
    return [
      ...(bits === undefined || bits >= 2048
        ? []
        : [chainProblem(path, depth, 'key-weak', `Its key is RSA with ${bits} bits`)]),
      ...(depth < path.length - 1 && isWeakSignature(signatureAlgorithm)
        ? [chainProblem(path, depth, 'signature-weak', 'It is signed with MD5, SHA-1 or an older hash')]
        : []),
    ];
  });
}

/** Keys on a curve that is spelled out instead of named: OpenSSL 3 rejects them in a chain (`check_curve`). */
export function checkCurves(path: readonly Certificate[]): readonly ChainProblem[] {
  return path.flatMap(({ publicKey }, depth) => {
    const [oid, parameters] = readChildrenOf(readChildrenOf(readDer(publicKey), derTag.sequence)[0], derTag.sequence);
    const isExplicit = readOid(oid) === '1.2.840.10045.2.1' && parameters?.tag !== derTag.oid;
    return isExplicit && path.length > 1
      ? [chainProblem(path, depth, 'curve-not-named', 'Its key is on a curve that is spelled out, not named')]
      : [];
  });
}
