import { PgHostsslError } from '../errors.ts';
import type { Bytes } from './der.ts';
import {
  asciiBytes,
  type DerElement,
  der,
  derOid,
  derSequence,
  derSetOf,
  derTag,
  fromHex,
  readChildrenOf,
  readDer,
  readOid,
  readString,
  toHex,
} from './der.ts';
import type { DistinguishedName, NameAttribute, NameInput } from './distinguished-name.ts';
import { findAttributeType, type NameAttributeType } from './name-attributes.ts';
import { parseNameText } from './name-text.ts';

/**
 * The structured name that a text stands for; a name that is structured already is checked.
 *
 * @throws PgHostsslError `name-invalid` for a text that is no name, and for a value that its attribute cannot have;
 * `name-attribute-unknown` for an attribute that has no object identifier here.
 */
export function parseName(name: NameInput): DistinguishedName {
  const structured = typeof name === 'string' ? parseNameText(name) : name;
  for (const rdn of structured) {
    if (rdn.length === 0) throw new PgHostsslError('name-invalid', 'A level of a name has no attribute');
    for (const attribute of rdn) encodeValue(attribute);
  }
  return structured;
}

/** The values of the attributes of one type, in the order of the certificate. */
export function nameValues(name: DistinguishedName, type: string): readonly string[] {
  return name.flatMap((rdn) => rdn.filter((attribute) => attribute.type === type).map((attribute) => attribute.value));
}

/** The first common name, which is the one that PostgreSQL compares with the role. */
export function commonName(name: DistinguishedName): string | undefined {
  return nameValues(name, 'CN')[0];
}

/** @internal A name's DER. */
export function encodeName(name: DistinguishedName): Bytes {
  return derSequence(
    ...name.map((rdn) =>
      derSetOf(
        ...rdn.map((attribute) => derSequence(derOid(attributeType(attribute.type).oid), encodeValue(attribute))),
      ),
    ),
  );
}

/** @internal The name in a piece of DER; throws DerError where it is none. */
export function decodeName(element: DerElement | undefined): DistinguishedName {
  return readChildrenOf(element, derTag.sequence).map((rdn) =>
    readChildrenOf(rdn, derTag.set).map((attribute) => {
      const [oid, value] = readChildrenOf(attribute, derTag.sequence);
      return decodeAttribute(readOid(oid), value!);
    }),
  );
}

function decodeAttribute(oid: string, element: DerElement): NameAttribute {
  const type = findAttributeType(oid)?.name ?? oid;
  const text = readString(element);
  const attribute = { type, value: text ?? `#${toHex(element.bytes)}` };
  return text !== undefined && toHex(encodeText(findAttributeType(oid), text)) === toHex(element.bytes)
    ? attribute
    : { ...attribute, der: toHex(element.bytes) };
}

function encodeValue(attribute: NameAttribute): Bytes {
  const type = attributeType(attribute.type);
  if (attribute.der !== undefined) return encodedValue(attribute, attribute.der);
  const { value } = attribute;
  const fail = (what: string) =>
    new PgHostsslError('name-invalid', `${attribute.type}=${JSON.stringify(value)} ${what}`, {
      ...(type.hint === undefined ? {} : { hint: type.hint }),
    });
  if (value === '') throw fail('is empty');
  if (/\p{Surrogate}/u.test(value)) throw fail('holds a lone surrogate, which is no character');
  if (value.includes('\0')) throw fail('holds a NUL, with which PostgreSQL rejects a certificate');
  const length = [...value].length;
  if (type.exactly !== undefined && length !== type.exactly) throw fail(`is not ${type.exactly} characters long`);
  if (type.atMost !== undefined && length > type.atMost) throw fail(`is longer than ${type.atMost} characters`);
  if (type.string === 'printable' && !isPrintable(value)) throw fail('has a character that this attribute cannot hold');
  if (type.string === 'ia5' && !/^[\x01-\x7f]*$/.test(value)) throw fail('has a character that is not ASCII');
  return encodeText(type, value);
}

/** The value as it was read, provided that nobody changed the text and left the old DER beside it. */
function encodedValue(attribute: NameAttribute, hex: string): Bytes {
  const bytes = fromHex(hex);
  const text = readString(readDer(bytes)) ?? `#${hex}`;
  if (text !== attribute.value) {
    throw new PgHostsslError(
      'name-invalid',
      `${attribute.type}=${JSON.stringify(attribute.value)} has a der that says ${JSON.stringify(text)}`,
      {
        hint: 'Leave der away in a name that is not taken over as it was read.',
      },
    );
  }
  return bytes;
}

function encodeText(type: NameAttributeType | undefined, value: string): Bytes {
  if (type?.string === 'printable' && isPrintable(value)) return der(derTag.printableString, asciiBytes(value));
  if (type?.string === 'ia5' && /^[\0-\x7f]*$/.test(value)) return der(derTag.ia5String, asciiBytes(value));
  return der(derTag.utf8String, new TextEncoder().encode(value));
}

function attributeType(type: string): NameAttributeType {
  const known = findAttributeType(type);
  if (known !== undefined) return known;
  if (/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(type)) return { name: type, oid: type, string: 'utf8' };
  throw new PgHostsslError('name-attribute-unknown', `A name has the unknown attribute ${JSON.stringify(type)}`, {
    hint: 'Use a short name such as C, ST, L, O, OU, CN, emailAddress, or an object identifier as dotted numbers.',
  });
}

/** X.680's PrintableString. */
function isPrintable(text: string): boolean {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
}
