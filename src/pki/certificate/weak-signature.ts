import { type DerElement, derTag, readChildrenOf, readDer, readOid } from '../../asn1/der.ts';

/** Signatures with MD2, MD4, MD5 and SHA-1 by RSA, DSA and ECDSA. */
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
const sha1 = '1.3.14.3.2.26';

/** Whether an AlgorithmIdentifier is that of a signature with a hash that OpenSSL 3 takes for too weak. */
export function isWeakSignature(algorithm: DerElement): boolean {
  const [oid, parameters] = readChildrenOf(algorithm, derTag.sequence);
  const id = readOid(oid);
  if (id !== rsaPss || parameters === undefined) return id === rsaPss || weakSignatures.has(id);
  const hash = readChildrenOf(parameters, derTag.sequence).find(({ tag }) => tag === 0xa0);
  return hash === undefined || readOid(readChildrenOf(readDer(hash.content), derTag.sequence)[0]) === sha1;
}
