import {
  type Bytes,
  type DerElement,
  derSequence,
  derSetOf,
  derTag,
  fromHex,
  readChildrenOf,
  readDer,
  readOid,
} from '../asn1/der.ts';
import { PgHostsslError } from '../errors.ts';
import type { DistinguishedName, NameAttribute, NameInput } from './distinguished-name.ts';
import { findAttributeType, type NameAttributeType } from './name-attributes.ts';
import { parseNameText } from './name-text.ts';
import { encodeAttribute, isAscii, isPrintable, readAttribute } from './name-value.ts';

/**
 * The structured name that a text stands for; a name that is structured already is checked.
 *
 * @throws PgHostsslError `name-invalid` for a text that is no name, and for a value that its attribute cannot have;
 * `name-attribute-unknown` for an attribute that has no object identifier here.
 */
export function parseName(name: NameInput): DistinguishedName {
  const structured = typeof name === 'string' ? parseNameText(name) : name;
  return structured.map((rdn) => {
    if (rdn.length === 0) throw new PgHostsslError('name-invalid', 'A level of a name has no attribute');
    return rdn.map((attribute) => {
      const type = attributeType(attribute.type);
      checkAttribute(attribute, type);
      return { ...attribute, type: type.name };
    });
  });
}

/** The values of the attributes of one type, in the order of the certificate. */
export function nameValues(name: DistinguishedName, type: string): readonly string[] {
  return name.flatMap((rdn) => rdn.filter((attribute) => attribute.type === type).map((attribute) => attribute.value));
}

/** The first common name, which is the one that PostgreSQL compares with the role. */
export function commonName(name: DistinguishedName): string | undefined {
  return nameValues(name, 'CN')[0];
}

/** @internal The content octets of the first common name in a name, in whatever string type. */
export function commonNameBytes(name: DerElement): Uint8Array | undefined {
  return readChildrenOf(name, derTag.sequence)
    .flatMap((rdn) => readChildrenOf(rdn, derTag.set))
    .map((attribute) => readChildrenOf(attribute, derTag.sequence))
    .find(([oid]) => readOid(oid) === '2.5.4.3')?.[1]?.content;
}

/**
 * @internal The common name that PostgreSQL compares with the role: the octets of the first one, whatever their string
 * type (`X509_NAME_get_text_by_NID`), and none with a NUL, as each BMPString has.
 */
export function comparedCommonName(name: DerElement): string | undefined {
  const bytes = commonNameBytes(name);
  if (bytes === undefined || bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** @internal The DER of a name that was checked. */
export function encodeName(name: DistinguishedName): Bytes {
  return derSequence(...name.map((rdn) => derSetOf(...rdn.map(encodeAttribute))));
}

/** @internal The name in a piece of DER; throws DerError where it is none. */
export function decodeName(element: DerElement | undefined): DistinguishedName {
  return readChildrenOf(element, derTag.sequence).map((rdn) =>
    readChildrenOf(rdn, derTag.set).map((attribute) => {
      const [oid, value] = readChildrenOf(attribute, derTag.sequence);
      return readAttribute(readOid(oid), value!);
    }),
  );
}

function checkAttribute(attribute: NameAttribute, type: NameAttributeType): void {
  const { string, atMost, isCountry, hint } = type;
  const { value, der } = attribute;
  const fail = (what: string, advice = hint) =>
    new PgHostsslError(
      'name-invalid',
      `${attribute.type}=${JSON.stringify(value)} ${what}`,
      advice === undefined ? {} : { hint: advice },
    );
  // What was read from a certificate is taken over as it is, provided that nobody changed the text beside it.
  if (der !== undefined) {
    if (textOf(der, type) === value) return;
    throw fail(
      'has a der that says something else',
      'Leave der away from an attribute that is not taken over as it was.',
    );
  }
  if (value === '') throw fail('is empty');
  if (/\p{Surrogate}/u.test(value)) throw fail('holds a lone surrogate, which is no character');
  if (value.includes('\0')) throw fail('holds a NUL, with which PostgreSQL rejects a certificate');
  const length = [...value].length;
  if (isCountry === true && !/^[A-Za-z]{2}$/.test(value)) throw fail('is not two letters');
  if (atMost !== undefined && length > atMost) throw fail(`is longer than ${atMost} characters`);
  if (string === 'printable' && !isPrintable(value)) throw fail('has a character that this attribute cannot hold');
  if (string === 'ia5' && !isAscii(value)) throw fail('has a character that is not ASCII');
}

function attributeType(type: string): NameAttributeType {
  const known = findAttributeType(type);
  if (known !== undefined) return known;
  if (/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(type)) return { name: type, oid: type, string: 'utf8' };
  throw new PgHostsslError('name-attribute-unknown', `A name has the unknown attribute ${JSON.stringify(type)}`, {
    hint: 'Use a short name such as C, ST, L, O, OU, CN, emailAddress, or an object identifier as dotted numbers.',
  });
}

/** The text in the DER of a value, given in hexadecimal digits; `undefined` where it is not that of one. */
function textOf(hex: string, { oid }: NameAttributeType): string | undefined {
  try {
    return readAttribute(oid, readDer(fromHex(hex))).value;
  } catch {
    return undefined;
  }
}
