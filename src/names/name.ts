import { assertList, assertRecord, assertText } from '../arguments.ts';
import { type Bytes, fromHex, joinBytes } from '../asn1/bytes.ts';
import { derSequence, derSetOf } from '../asn1/der.ts';
import { type DerElement, DerError, readDer } from '../asn1/reader.ts';
import { PgHostsslError } from '../errors.ts';
import { isAscii } from '../text/bytes.ts';
import type { DistinguishedName, NameAttribute, NameInput } from './distinguished-name.ts';
import { findAttributeType, type NameAttributeType } from './name-attributes.ts';
import { parseNameText } from './name-text.ts';
import { encodeAttribute, isPrintable, readAttribute, readLevels } from './name-value.ts';

/**
 * Parses the text of a distinguished name, or checks a structured name.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { parseName } from 'pg-hostssl/pki';
 *
 * const name = [[{ type: 'O', value: 'Example' }], [{ type: 'CN', value: 'webadmin' }]];
 * assert.deepEqual(parseName('/O=Example/CN=webadmin'), name);
 * assert.deepEqual(parseName('CN=webadmin,O=Example'), name);
 * ```
 *
 * @param name a text in the notation of `openssl req -subj` or RFC 4514, or a structured name
 * @returns the levels of the name, the widest first
 * @throws PgHostsslError `name-invalid` for a text that is not a name, and for a value that its attribute cannot have;
 * `name-attribute-unknown` for an attribute without a known object identifier; `argument-invalid` if `name` is neither
 * a text nor an array
 */
export function parseName(name: NameInput): DistinguishedName {
  if (typeof name !== 'string' && !Array.isArray(name)) {
    throw new PgHostsslError('argument-invalid', 'A distinguished name must be a string or an array of levels', {
      hint: "Write it as '/O=Example/CN=db' or 'CN=db,O=Example'.",
    });
  }
  const structured: DistinguishedName = typeof name === 'string' ? parseNameText(name) : name;
  assertLevels(structured);
  return structured.map((rdn) => {
    if (rdn.length === 0) throw new PgHostsslError('name-invalid', 'A level of the name has no attribute');
    return rdn.map((attribute) => {
      const type = attributeType(attribute.type);
      checkAttribute(attribute, type);
      return { ...attribute, type: type.name };
    });
  });
}

/**
 * @internal Checks the levels of a structured name and their attributes, for callers without type checks. Whether a
 * value fits its attribute is not checked.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertLevels(name: DistinguishedName): void {
  assertList(name, 'a distinguished name');
  for (const rdn of name) {
    assertList(rdn, 'a level of a distinguished name');
    for (const attribute of rdn) {
      assertRecord(attribute, 'an attribute of a distinguished name');
      assertText(attribute.type, 'the type of an attribute');
      assertText(attribute.value, `the value of the attribute ${attribute.type}`);
      if (attribute.der !== undefined) assertText(attribute.der, `der of the attribute ${attribute.type}`);
    }
  }
}

/** Returns the values of the attributes of one type, in the order of the certificate. */
export function nameValues(name: DistinguishedName, type: string): readonly string[] {
  return name.flatMap((rdn) => rdn.filter((attribute) => attribute.type === type).map((attribute) => attribute.value));
}

/** Returns the first common name, which PostgreSQL compares with the role. */
export function commonName(name: DistinguishedName): string | undefined {
  return nameValues(name, 'CN')[0];
}

/** @internal Returns the content octets of the first common name in a name, in any string type. */
export function commonNameBytes(name: DerElement): Uint8Array | undefined {
  return readLevels(name)
    .flat()
    .find(({ oid }) => findAttributeType(oid)?.name === 'CN')?.value.content;
}

/**
 * @internal Returns the common name that PostgreSQL compares with the role: the octets of the first common name, in any
 * string type (`X509_NAME_get_text_by_NID`). Returns `undefined` if the octets contain a NUL, as in a BMPString, or are
 * not UTF-8.
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

/** @internal Encodes a name in DER without checking its attributes. */
export function encodeName(name: DistinguishedName): Bytes {
  return derSequence(joinBytes(name.map((rdn) => derSetOf(rdn.map(encodeAttribute)))));
}

/**
 * @internal Decodes a name from an element.
 *
 * @throws DerError if the element is not a name
 */
export function decodeName(element: DerElement): DistinguishedName {
  return readLevels(element).map((level) => level.map(({ oid, value }) => readAttribute(oid, value)));
}

function checkAttribute(attribute: NameAttribute, type: NameAttributeType): void {
  const { string, atMost, isCountry, hint } = type;
  const { value, der } = attribute;
  const fail = (what: string, advice = hint) =>
    new PgHostsslError('name-invalid', `${attribute.type}=${JSON.stringify(value)} ${what}`, { hint: advice });
  // The encoding in `der` is used unchanged if it encodes `value`.
  if (der !== undefined) {
    if (textOf(der, type) === value) return;
    throw fail('has a `der` that encodes another value', 'Leave out `der` in an attribute whose value was changed.');
  }
  if (value === '') throw fail('is empty');
  if (!value.isWellFormed()) throw fail('holds a lone surrogate, which is not a character');
  if (value.includes('\0')) throw fail('holds a NUL; PostgreSQL rejects a certificate with it');
  const length = [...value].length;
  if (isCountry === true && !/^[A-Za-z]{2}$/.test(value)) throw fail('is not two letters');
  if (atMost !== undefined && length > atMost) throw fail(`is longer than ${atMost} characters`);
  if (string === 'printable' && !isPrintable(value)) throw fail('has a character that a PrintableString cannot hold');
  if (string === 'ia5' && !isAscii(value)) throw fail('has a character that is not ASCII');
}

/**
 * Matches an object identifier in dotted numbers. Below 0 and 1, the second number is at most 39, because both numbers
 * share one octet (X.660).
 */
const objectIdentifier = /^(?:[01]\.(?:\d|[1-3]\d)|2\.(?:0|[1-9]\d*))(?:\.(?:0|[1-9]\d*))*$/;

function attributeType(type: string): NameAttributeType {
  const known = findAttributeType(type);
  if (known !== undefined) return known;
  if (objectIdentifier.test(type)) return { name: type, oid: type, string: 'utf8' };
  throw new PgHostsslError('name-attribute-unknown', `The name has the unknown attribute ${JSON.stringify(type)}`, {
    hint: 'Use a short name such as C, ST, L, O, OU, CN, emailAddress, or an object identifier in dotted numbers.',
  });
}

/**
 * Returns the text of a value encoded in hexadecimal digits; `undefined` if the digits do not encode a value of a name.
 */
function textOf(hex: string, { oid }: NameAttributeType): string | undefined {
  try {
    return readAttribute(oid, readDer(fromHex(hex))).value;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
