import type { Bytes } from '../../asn1/bytes.ts';
import { derTag } from '../../asn1/der.ts';
import type { Certificate } from '../certificate/certificate.ts';
import type { OpensslRules } from '../certificate/openssl-rules.ts';
import { coordinateSize } from '../keys/ec-point.ts';
import { keyNumbers } from '../keys/key-type.ts';
import { ecPublicKey, readAlgorithm, readPublicKey } from '../keys/public-key.ts';
import { signatureHash } from '../keys/signature-algorithm.ts';
import { type ChainProblem, chainProblem } from './chain-problem.ts';

/** The minimum strength of keys and hashes that OpenSSL accepts at a security level. */
interface Strength {
  /** The minimum number of bits in the modulus of an RSA key. */
  readonly RSA: readonly [number];
  /** The minimum numbers of bits in p and q of a DSA key. */
  readonly DSA: readonly [number, number];
  /** The minimum number of bits in a coordinate of a point on the curve. */
  readonly curve: number;
  readonly weakHashes: ReadonlySet<string>;
}

const brokenHashes = ['md2', 'md4', 'md5', 'mdc2', 'sha'];

/**
 * Security level 2 of OpenSSL 3: 112 bits. OpenSSL 3 estimates the strength of RSA keys and rounds it up:
 * `ossl_ifc_ffc_compute_security_bits`.
 */
const level2: Strength = {
  RSA: [1963],
  DSA: [2048, 224],
  curve: 224,
  weakHashes: new Set([...brokenHashes, 'sha1', 'ripemd160']),
};

const oldLevel2: Strength = { ...level2, RSA: [2048] };

/** Security level 1 of OpenSSL 1.1.1: 80 bits, as OpenSSL 1.1.1 counts them. */
const oldLevel1: Strength = { RSA: [1024], DSA: [1024, 160], curve: 160, weakHashes: new Set(brokenHashes) };

/**
 * The keys and signatures of a path that are too weak for OpenSSL: `check_auth_level` in crypto/x509/x509_vfy.c. With
 * `allowWeak`, the security level is the default of the OpenSSL project: 0 in OpenSSL 3, 1 in OpenSSL 1.1.1. Without
 * `allowWeak`, the level is 2, as in Debian and Ubuntu. The self-signature of a root is not checked.
 */
export function checkStrength(
  path: readonly Certificate[],
  { rules, allowWeak }: { readonly rules: OpensslRules; readonly allowWeak: boolean },
): readonly ChainProblem[] {
  const { estimatesStrength } = rules;
  if (allowWeak && estimatesStrength) return [];
  const least = allowWeak ? oldLevel1 : estimatesStrength ? level2 : oldLevel2;
  const problems: ChainProblem[] = [];
  for (const [depth, { publicKey, signatureAlgorithm }] of path.entries()) {
    const weak = weakKey(publicKey, least);
    if (weak !== undefined) {
      problems.push(chainProblem(path, depth, 'key-weak', `The key of the certificate is ${weak}`));
    }
    if (depth < path.length - 1 && least.weakHashes.has(signatureHash(signatureAlgorithm) ?? '')) {
      const message = 'The certificate is signed with SHA-1, RIPEMD-160 or an older hash';
      problems.push(chainProblem(path, depth, 'signature-weak', message));
    }
  }
  return problems;
}

/** A description of a weak key, or `undefined` for a strong key: `EVP_PKEY_get_security_bits`. */
function weakKey(publicKey: Bytes, least: Strength): string | undefined {
  const numbers = keyNumbers(publicKey);
  if (numbers !== undefined) {
    const isWeak = numbers.bits.some((bits, i) => bits < least[numbers.type][i]!);
    return isWeak ? `${numbers.type} with ${numbers.bits.join(' and ')} bits` : undefined;
  }
  const { algorithm, bits: point } = readPublicKey(publicKey);
  if (readAlgorithm(algorithm).algorithm !== ecPublicKey) return undefined;
  // A curve has about as many bits as a coordinate of its points.
  const size = coordinateSize(point) * 8;
  return size < least.curve ? `on a curve with ${size} bits` : undefined;
}

/** The keys whose curve is given by parameters instead of a name. OpenSSL 3 rejects them in a chain: `check_curve`. */
export function checkCurves(path: readonly Certificate[]): readonly ChainProblem[] {
  if (path.length < 2) return [];
  const message = 'The curve of the key in the certificate is given by parameters, not by name';
  return path.flatMap(({ publicKey }, depth) => {
    const { algorithm, parameters } = readAlgorithm(readPublicKey(publicKey).algorithm);
    const isExplicit = algorithm === ecPublicKey && parameters?.tag !== derTag.oid;
    return isExplicit ? [chainProblem(path, depth, 'curve-not-named', message)] : [];
  });
}
