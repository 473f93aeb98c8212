import {
  asciiBytes,
  type Bytes,
  type DerElement,
  DerError,
  der,
  derSequence,
  derTag,
  equalBytes,
  fromHex,
  readString,
  toHex,
} from '../asn1/der.ts';
import type { NameAttribute } from './distinguished-name.ts';
import { attributeOid, findAttributeType, type NameAttributeType } from './name-attributes.ts';

/**
 * Identifier octets of what a name may hold beside strings (`B_ASN1_PRINTABLE` of OpenSSL): BIT STRING, SEQUENCE, and
 * universal types that it knows nothing of. A certificate with an OCTET STRING, a number or a VisibleString in a name is
 * one that neither a server nor libpq loads.
 */
const otherTags: ReadonlySet<number> = new Set([0x03, 0x07, 0x08, 0x09, 0x0b, 0x0d, 0x0e, 0x1d, 0x30]);

/** The attribute in a piece of DER, which is kept beside the text only where the text alone would be written otherwise. Throws
 * DerError for a value of a type that OpenSSL does not load. */
export function readAttribute(oid: string, element: DerElement): NameAttribute {
  const known = findAttributeType(oid);
  const type = known?.name ?? oid;
  const value = readString(element);
  if (value === undefined && !otherTags.has(element.tag)) throw new DerError('a name holds what no name can');
  if (value === undefined) return { type, value: `#${toHex(element.bytes)}`, der: toHex(element.bytes) };
  return equalBytes(encodeText(known, value), element.bytes)
    ? { type, value }
    : { type, value, der: toHex(element.bytes) };
}

/** An attribute's DER; nothing is checked. */
export function encodeAttribute(attribute: NameAttribute): Bytes {
  return derSequence(attributeOid(attribute.type), encodeValue(attribute));
}

/** The DER of an attribute's value; nothing is checked. */
export function encodeValue({ type, value, der: hex }: NameAttribute): Bytes {
  return hex === undefined ? encodeText(findAttributeType(type), value) : fromHex(hex);
}

/** A value in the string type of its attribute, or in UTF-8 where that cannot hold it. */
function encodeText(type: NameAttributeType | undefined, value: string): Bytes {
  if (type?.string === 'printable' && isPrintable(value)) return der(derTag.printableString, asciiBytes(value));
  if (type?.string === 'ia5' && isAscii(value)) return der(derTag.ia5String, asciiBytes(value));
  return der(derTag.utf8String, new TextEncoder().encode(value));
}

/** X.680's PrintableString. */
export function isPrintable(text: string): boolean {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
}

/** Whether IA5String can hold it. */
export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}
