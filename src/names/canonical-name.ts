import { type Bytes, joinBytes, toHex } from '../asn1/bytes.ts';
import { der, derSequence, derSetOf, derTag } from '../asn1/der.ts';
import { type DerElement, readString } from '../asn1/reader.ts';
import { pgAsciiToLower, trimSpaces } from '../c/ascii.ts';
import { equalBytes } from '../c/compare.ts';
import { attributeOid } from './name-attributes.ts';
import { readLevels } from './name-value.ts';

/** Returns a name in the form in which OpenSSL compares names: `x509_name_canon` in crypto/x509/x_name.c. */
export function canonicalName(name: DerElement): Bytes {
  // OpenSSL omits the tag and length of the outer SEQUENCE.
  return joinBytes(canonicalLevels(name));
}

/** Returns a name as a text that is equal for names that OpenSSL considers equal. */
export function nameKey(name: DerElement): string {
  return toHex(canonicalName(name));
}

/**
 * Returns whether OpenSSL considers two names equal. Case (of ASCII letters), blanks and string types are ignored
 * (`X509_NAME_cmp`).
 */
export function sameName(a: DerElement, b: DerElement): boolean {
  return equalBytes(a.bytes, b.bytes) || equalBytes(canonicalName(a), canonicalName(b));
}

/** Returns the levels of a name, each encoded in the form in which OpenSSL compares names. */
export function canonicalLevels(name: DerElement): readonly Bytes[] {
  // OpenSSL stores only the attributes of a name, so levels without attributes are dropped.
  return readLevels(name)
    .filter((level) => level.length > 0)
    .map((level) => derSetOf(level.map(({ oid, value }) => derSequence(attributeOid(oid), canonicalValue(value)))));
}

/**
 * Returns an attribute value as OpenSSL compares it: as a UTF8String, with ASCII letters in lower case, without blanks
 * at its ends, and with each run of blanks replaced by one blank.
 */
function canonicalValue(value: DerElement): Bytes {
  const text = value.tag === derTag.numericString ? undefined : readString(value);
  if (text === undefined) return value.bytes;
  const canonical = pgAsciiToLower(trimSpaces(text)).replace(/[ \t-\r]+/g, ' ');
  return der(derTag.utf8String, new TextEncoder().encode(canonical));
}
