import {
  type Bytes,
  type DerElement,
  der,
  derOid,
  derSequence,
  derSetOf,
  derTag,
  equalBytes,
  readChildrenOf,
  readOid,
  readString,
} from '../asn1/der.ts';

/** The form in which OpenSSL compares names (`x509_name_canon` in crypto/x509/x_name.c). */
export function canonicalName(name: DerElement): Bytes {
  const levels = canonicalLevels(name);
  const bytes = derSequence(...levels);
  // The outer SEQUENCE's own tag and length are not part of it.
  return bytes.subarray(bytes.length - levels.reduce((sum, level) => sum + level.length, 0));
}

/** Whether two names are the same to OpenSSL: case in ASCII, blanks and string types do not count (`X509_NAME_cmp`). */
export function sameName(a: DerElement, b: DerElement): boolean {
  return equalBytes(a.bytes, b.bytes) || equalBytes(canonicalName(a), canonicalName(b));
}

/** The levels of a name in that form. */
export function canonicalLevels(name: DerElement): readonly Bytes[] {
  return readChildrenOf(name, derTag.sequence).map((rdn) =>
    derSetOf(
      ...readChildrenOf(rdn, derTag.set).map((attribute) => {
        const [oid, value] = readChildrenOf(attribute, derTag.sequence);
        return derSequence(derOid(readOid(oid)), canonicalValue(value!));
      }),
    ),
  );
}

/** Lower case in ASCII, blanks at the ends dropped and runs of them made one, as UTF8String. */
function canonicalValue(value: DerElement): Bytes {
  const text = value.tag === derTag.numericString ? undefined : readString(value);
  if (text === undefined) return value.bytes;
  const canonical = text
    .replace(/^[ \t-\r]+|[ \t-\r]+$/g, '')
    .replace(/[ \t-\r]+/g, ' ')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return der(derTag.utf8String, new TextEncoder().encode(canonical));
}
