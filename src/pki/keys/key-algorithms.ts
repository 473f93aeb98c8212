import { shownValue } from '../../arguments.ts';
import { decodeBase64 } from '../../asn1/base64.ts';
import type { Bytes } from '../../asn1/bytes.ts';
import { der, derBitString, derInteger, derNull, derOctetString, derOid, derSequence, derTag } from '../../asn1/der.ts';
import { DerError, readBitString, readChildren, readDer, readOid, SequenceReader } from '../../asn1/reader.ts';
import { PgHostsslError } from '../../errors.ts';
import type { DirectAlgorithm, WebCryptoAlgorithm } from '../provider/provider.ts';
import { bitLength, ecPublicKey, ed25519, readAlgorithm, rsaEncryption } from './public-key.ts';

/**
 * The kinds of key that {@link PrivateKey.generate} can generate.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { keyAlgorithmNames } from 'pg-hostssl/pki';
 *
 * assert.ok(keyAlgorithmNames.includes('ecdsa-p256'));
 * ```
 */
export const keyAlgorithmNames = [
  'ecdsa-p256',
  'ecdsa-p384',
  'ecdsa-p521',
  'rsa-2048',
  'rsa-3072',
  'rsa-4096',
  'ed25519',
] as const;
Object.freeze(keyAlgorithmNames);

/**
 * A kind of key to generate. Every server and client accepts `ecdsa-p256`, the default. A client certificate with a
 * P-384 or P-521 key fails under TLS 1.2 on every server from 10 to 18. An Ed25519 *CA* breaks SCRAM logins over TLS on
 * 11 and later, because libpq finds no digest for the channel binding.
 */
export type KeyAlgorithm = (typeof keyAlgorithmNames)[number];

/** @internal A kind of key: its WebCrypto names, and how it signs. */
export interface KeyKind {
  /** `ecdsa-p256`, `rsa-3072`, …: a {@link KeyAlgorithm}, or another size of RSA key. */
  readonly name: string;
  /** The parameter of `generateKey` and `importKey`. */
  readonly key: WebCryptoAlgorithm & DirectAlgorithm;
  /** The parameter of `sign` and `verify`. */
  readonly signature: WebCryptoAlgorithm & { readonly hash?: string };
}

/** @internal JSON Web Key members of a public key. */
export interface PublicJwk {
  readonly kty?: string;
  readonly n?: string;
  readonly e?: string;
  readonly x?: string;
  readonly y?: string;
}

/** @internal JSON Web Key members of a private key. */
export interface PrivateJwk extends PublicJwk {
  readonly d?: string;
  readonly p?: string;
  readonly q?: string;
  readonly dp?: string;
  readonly dq?: string;
  readonly qi?: string;
}

/** The AlgorithmIdentifiers of public keys in DER. They are encoded once, because each key has one. */
const identifiers = {
  rsa: derSequence(derOid(rsaEncryption), derNull),
  ed25519: derSequence(derOid(ed25519)),
  ec: (curve: string) => derSequence(derOid(ecPublicKey), derOid(curve)),
};

const curves = [
  { oid: '1.2.840.10045.3.1.7', name: 'ecdsa-p256', namedCurve: 'P-256', hash: 'SHA-256', size: 32 },
  { oid: '1.3.132.0.34', name: 'ecdsa-p384', namedCurve: 'P-384', hash: 'SHA-384', size: 48 },
  { oid: '1.3.132.0.35', name: 'ecdsa-p521', namedCurve: 'P-521', hash: 'SHA-512', size: 66 },
].map((curve) => ({ ...curve, identifier: identifiers.ec(curve.oid) }));

/** @internal The number of octets in a coordinate of a point, if this library generates keys on the curve. */
export function curveSize(oid: string): number | undefined {
  return curves.find((curve) => curve.oid === oid)?.size;
}

/**
 * @internal The kind of key for the name that a caller gives.
 *
 * @throws PgHostsslError `key-algorithm-unsupported`
 */
export function kindToGenerate(algorithm: KeyAlgorithm): KeyKind {
  const curve = curves.find(({ name }) => name === algorithm);
  if (curve !== undefined) return ecKind(curve);
  if (algorithm === 'ed25519') return edKind;
  if (keyAlgorithmNames.includes(algorithm)) return rsaKind(Number(algorithm.slice('rsa-'.length)));
  throw new PgHostsslError(
    'key-algorithm-unsupported',
    `keyAlgorithm must be a known kind of key; got ${shownValue(algorithm)}`,
    {
      hint: `Use one of ${keyAlgorithmNames.join(', ')}.`,
    },
  );
}

/**
 * @internal The kind of key in a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) or a PrivateKeyInfo (RFC 5208 §5). The
 * function throws {@link DerError} if the bytes are unreadable.
 *
 * @throws PgHostsslError `key-algorithm-unsupported`
 */
export function kindOfKey(info: Bytes): KeyKind {
  const reader = new SequenceReader(readDer(info));
  const isPrivate = reader.optional(derTag.integer) !== undefined;
  const { algorithm, parameters } = readAlgorithm(reader.next());
  if (algorithm === ed25519) return edKind;
  if (algorithm === rsaEncryption) {
    const key = isPrivate ? reader.next(derTag.octetString).content : readBitString(reader.next());
    const numbers = new SequenceReader(readDer(key));
    if (isPrivate) numbers.next(derTag.integer);
    return rsaKind(bitLength(numbers.next(derTag.integer).content));
  }
  if (algorithm === ecPublicKey && parameters?.tag === derTag.oid) {
    const curve = curves.find((known) => known.oid === readOid(parameters));
    if (curve !== undefined) return ecKind(curve);
  }
  throw new PgHostsslError('key-algorithm-unsupported', `Keys of the kind ${algorithm} are not supported`, {
    hint: 'Use ECDSA on P-256, P-384 or P-521 (as a named curve), RSA, or Ed25519.',
  });
}

/** @internal The kind of key, or `undefined` if the key is unreadable or its kind is not supported. */
export function kindOfKeyOrNone(info: Bytes): KeyKind | undefined {
  try {
    return kindOfKey(info);
  } catch (error) {
    if (error instanceof PgHostsslError || error instanceof DerError) return undefined;
    throw error;
  }
}

/**
 * @internal Whether a PrivateKeyInfo holds an EC key without its public half, which RFC 5915 §3 allows, or with a
 * compressed public half. `@peculiar/webcrypto` replaces a missing public half by zeros, and cannot read a compressed
 * public half.
 */
export function lacksPublicHalf(pkcs8: Bytes): boolean {
  if (!kindOfKeyOrNone(pkcs8)?.name.startsWith('ecdsa-')) return false;
  try {
    const info = new SequenceReader(readDer(pkcs8));
    info.next(derTag.integer);
    info.next(derTag.sequence);
    const key = new SequenceReader(readDer(info.next(derTag.octetString).content));
    key.next(derTag.integer);
    key.next(derTag.octetString);
    key.contextual(0);
    const publicHalf = key.contextual(1);
    return publicHalf === undefined || readBitString(publicHalf)[0] !== 4;
  } catch (error) {
    // This function reports no damaged key: the caller parses the whole key later and reports the damage.
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** @internal The SubjectPublicKeyInfo of a public key that WebCrypto exported as a JSON Web Key. */
export function publicKeyInfo(kind: KeyKind, jwk: PublicJwk): Bytes {
  const member = (name: keyof PublicJwk) => fromBase64Url(jwk[name] ?? '');
  const curve = curves.find(({ name }) => name === kind.name);
  if (curve !== undefined) {
    const point = [Uint8Array.of(4), leftPadded(member('x'), curve.size), leftPadded(member('y'), curve.size)];
    return derSequence(curve.identifier, derBitString(...point));
  }
  if (kind === edKind) return derSequence(identifiers.ed25519, derBitString(member('x')));
  return derSequence(identifiers.rsa, derBitString(derSequence(derInteger(member('n')), derInteger(member('e')))));
}

/**
 * @internal The PrivateKeyInfo (PKCS#8, RFC 5208 §5) of a private key that WebCrypto exported as a JSON Web Key.
 *
 * @param spki the SubjectPublicKeyInfo of the same key
 */
export function privateKeyInfo(kind: KeyKind, jwk: PrivateJwk, spki: Bytes): Bytes {
  const member = (name: keyof PrivateJwk) => fromBase64Url(jwk[name] ?? '');
  const publicInfo = new SequenceReader(readDer(spki));
  const algorithm = publicInfo.next().bytes;
  const publicKey = publicInfo.next().bytes;
  const wrap = (key: Bytes) => derSequence(derInteger(0), algorithm, derOctetString(key));
  const curve = curves.find(({ name }) => name === kind.name);
  // EC keys: RFC 5915 §3, with the public key as OpenSSL writes it. Ed25519: RFC 8410 §7. RSA: RFC 8017 §A.1.2.
  if (curve !== undefined) {
    const secret = der(derTag.octetString, leftPadded(member('d'), curve.size));
    return wrap(derSequence(derInteger(1), secret, der(0xa1, publicKey)));
  }
  if (kind === edKind) return wrap(derOctetString(member('d')));
  const numbers = (['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const).map((name) => derInteger(member(name)));
  return wrap(derSequence(derInteger(0), ...numbers));
}

/** @internal The number of bits of an RSA key of this kind; `undefined` for other kinds. */
export function rsaBits(kind: KeyKind): number | undefined {
  return kind.name.startsWith('rsa-') ? Number(kind.name.slice('rsa-'.length)) : undefined;
}

/** @internal The contents of the elements of an RSA key (RFC 8017 §A.1.2) in a PrivateKeyInfo. */
export function rsaPrivateNumbers(pkcs8: Bytes): readonly Bytes[] {
  const info = new SequenceReader(readDer(pkcs8));
  info.next(derTag.integer);
  info.next(derTag.sequence);
  return readChildren(readDer(info.next(derTag.octetString).content)).map(({ content }) => content);
}

const edKind: KeyKind = { name: 'ed25519', key: { name: 'Ed25519' }, signature: { name: 'Ed25519' } };

function ecKind({ name, namedCurve, hash }: (typeof curves)[number]): KeyKind {
  const key = { name: 'ECDSA', namedCurve };
  return { name, key, signature: { name: 'ECDSA', hash } };
}

function rsaKind(modulusLength: number): KeyKind {
  const name = 'RSASSA-PKCS1-v1_5';
  const key = { name, hash: 'SHA-256', modulusLength, publicExponent: Uint8Array.of(1, 0, 1) };
  return { name: `rsa-${modulusLength}`, key, signature: { name, hash: 'SHA-256' } };
}

function leftPadded(bytes: Bytes, size: number): Bytes {
  const padded = new Uint8Array(size);
  padded.set(bytes, size - bytes.length);
  return padded;
}

function fromBase64Url(text: string): Bytes {
  return decodeBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}
