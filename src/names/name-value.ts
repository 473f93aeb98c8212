import { checkAny } from '../asn1/any.ts';
import { asciiBytes, type Bytes, fromHex, toHex } from '../asn1/bytes.ts';
import { der, derSequence, derTag } from '../asn1/der.ts';
import { type DerElement, DerError, readChildren, readOid, readString, SequenceReader } from '../asn1/reader.ts';
import { equalBytes } from '../c/compare.ts';
import { isAscii } from '../text/bytes.ts';
import type { NameAttribute } from './distinguished-name.ts';
import { attributeOid, findAttributeType, type NameAttributeType } from './name-attributes.ts';

/**
 * The identifier octets of the values other than strings that an attribute of a name can have (`B_ASN1_PRINTABLE` of
 * OpenSSL): BIT STRING, SEQUENCE, and universal types that OpenSSL does not know. If a name contains an OCTET STRING, a
 * number or a VisibleString, neither the server nor libpq loads the certificate.
 */
const otherTags: ReadonlySet<number> = new Set([0x03, 0x07, 0x08, 0x09, 0x0b, 0x0d, 0x0e, 0x0f, 0x1d, 0x30]);

/** An encoded attribute of a name. */
export interface EncodedAttribute {
  /** The object identifier, as dotted numbers. */
  readonly oid: string;
  readonly value: DerElement;
}

/**
 * Returns the levels of a name, each with its encoded attributes.
 *
 * @throws DerError if the element is not a name
 */
export function readLevels(name: DerElement): readonly (readonly EncodedAttribute[])[] {
  return readChildren(name, derTag.sequence).map((level) =>
    readChildren(level, derTag.set).map((attribute) => {
      const reader = new SequenceReader(attribute);
      const [oid, value] = [readOid(reader.next(derTag.oid)), reader.next()];
      reader.end();
      return { oid, value };
    }),
  );
}

/**
 * Decodes the value of an attribute. The result keeps the encoding only if encoding its text again would give other
 * bytes.
 *
 * @throws DerError for a value of a type that OpenSSL does not load
 */
export function readAttribute(oid: string, element: DerElement): NameAttribute {
  const known = findAttributeType(oid);
  const type = known?.name ?? oid;
  const value = readString(element);
  if (value === undefined && !otherTags.has(element.tag))
    throw new DerError('A name holds a value of a type that OpenSSL does not load');
  checkAny(element);
  if (value === undefined) return { type, value: `#${toHex(element.bytes)}`, der: toHex(element.bytes) };
  return equalBytes(encodeText(known, value), element.bytes)
    ? { type, value }
    : { type, value, der: toHex(element.bytes) };
}

/** Encodes an attribute in DER without checking its value. */
export function encodeAttribute(attribute: NameAttribute): Bytes {
  return derSequence(attributeOid(attribute.type), encodeValue(attribute));
}

/** Encodes the value of an attribute in DER without checking it. */
export function encodeValue({ type, value, der: hex }: NameAttribute): Bytes {
  return hex === undefined ? encodeText(findAttributeType(type), value) : fromHex(hex);
}

/** Encodes a value in the string type of its attribute, or as a UTF8String if that type cannot represent the value. */
function encodeText(type: NameAttributeType | undefined, value: string): Bytes {
  if (type?.string === 'printable' && isPrintable(value)) return der(derTag.printableString, asciiBytes(value));
  if (type?.string === 'ia5' && isAscii(value)) return der(derTag.ia5String, asciiBytes(value));
  return der(derTag.utf8String, new TextEncoder().encode(value));
}

/** Returns whether a PrintableString (X.680) can represent the text. */
export function isPrintable(text: string): boolean {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
}
