import { asciiBytes, toHex } from '../asn1/bytes.ts';
import type { DerElement } from '../asn1/reader.ts';
import { pgAsciiToUpper } from '../c/ascii.ts';
import { memcmp } from '../c/compare.ts';
import { PgHostsslError } from '../errors.ts';
import type { DistinguishedName, NameAttribute, RelativeDistinguishedName } from './distinguished-name.ts';
import { assertLevels, decodeName } from './name.ts';
import { findAttributeType, opensslName } from './name-attributes.ts';
import { encodeAttribute, encodeValue } from './name-value.ts';

/**
 * A text form of names.
 *
 * - `rfc4514`: narrowest first, `CN=db,O=Example,C=US`, non-ASCII characters as they are; `parseName` reads it back.
 * - `openssl`: widest first, `/C=US/O=Example/CN=db`, as `openssl req -subj` takes it; `parseName` reads it back.
 * - `clientname-dn`: the text that PostgreSQL 14 and later compares for `clientname=DN`, so the text for pg_ident.conf:
 *   narrowest first, every byte that is not ASCII as `\XX` (OpenSSL's XN_FLAG_RFC2253). The text holds commas, so
 *   pg_ident.conf needs double quotes around it.
 * - `pg-stat-ssl`: the text that `pg_stat_ssl.client_dn` and `ssl_client_dn()` of sslinfo show: widest first, with `/`
 *   before each attribute. The view cuts the text to 63 bytes; this text is whole.
 */
export type NameForm = 'rfc4514' | 'openssl' | 'clientname-dn' | 'pg-stat-ssl';

/**
 * Formats a distinguished name as text.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { formatName, parseName } from 'pg-hostssl/pki';
 *
 * const name = parseName('/O=Größe/CN=webadmin');
 * assert.equal(formatName(name, 'rfc4514'), 'CN=webadmin,O=Größe');
 * assert.equal(formatName(name, 'clientname-dn'), 'CN=webadmin,O=Gr\\C3\\B6\\C3\\9Fe');
 * ```
 *
 * @returns the text; it has no final newline
 * @throws PgHostsslError `argument-invalid` for a name that is not structured, such as a text, and for an unknown form
 */
export function formatName(name: DistinguishedName, form: NameForm): string {
  assertLevels(name);
  switch (form) {
    case 'rfc4514':
      return narrowestFirst(name, escapeValue, (type) => findAttributeType(type)?.name);
    case 'clientname-dn':
      return narrowestFirst(name, (value) => escapeBytes(escapeValue(value)), opensslName);
    case 'openssl':
      return name.map((rdn) => `/${rdn.map((part) => `${part.type}=${escapeSubject(part.value)}`).join('+')}`).join('');
    case 'pg-stat-ssl':
      return name
        .flatMap(inEncodedOrder)
        .map(
          (attribute) =>
            `/${opensslName(attribute.type) ?? attribute.type}=${hexValue(attribute) ?? escapeValue(attribute.value)}`,
        )
        .join('');
    default:
      throw new PgHostsslError('argument-invalid', 'The form of formatName is unknown', {
        hint: "The forms are 'rfc4514', 'openssl', 'clientname-dn' and 'pg-stat-ssl'.",
      });
  }
}

/** @internal Formats an encoded name as RFC 4514. */
export function formatEncodedName(name: DerElement): string {
  return formatName(decodeName(name), 'rfc4514');
}

/**
 * Formats a name with the narrowest level first. Like OpenSSL, it also reverses the attributes inside a level
 * (`do_name_ex` in crypto/x509/x_name.c). RFC 4514 does not prescribe the order of these attributes.
 */
function narrowestFirst(
  name: DistinguishedName,
  escapeText: (value: string) => string,
  nameOfType: (type: string) => string | undefined,
): string {
  const text = (attribute: NameAttribute) => {
    const type = nameOfType(attribute.type);
    // If an attribute type has no name, the value is shown as the hexadecimal digits of its encoding (RFC 4514 §2.4,
    // and XN_FLAG_DUMP_UNKNOWN_FIELDS of OpenSSL).
    const hex = type === undefined ? `#${pgAsciiToUpper(toHex(encodeValue(attribute)))}` : hexValue(attribute);
    return `${type ?? attribute.type}=${hex ?? escapeText(attribute.value)}`;
  };
  return name
    .map((rdn) => inEncodedOrder(rdn).map(text).toReversed().join('+'))
    .toReversed()
    .join(',');
}

/** Returns the attributes of a level in the order in which DER encodes them: sorted by their bytes. */
function inEncodedOrder(rdn: RelativeDistinguishedName): RelativeDistinguishedName {
  if (rdn.length < 2) return rdn;
  const keyed = rdn.map((attribute) => ({ attribute, key: encodeAttribute(attribute) }));
  return keyed.sort((a, b) => memcmp(a.key, b.key)).map(({ attribute }) => attribute);
}

/** Returns the hexadecimal digits of a value that is not a text; `undefined` for a text. */
function hexValue({ value, der }: NameAttribute): string | undefined {
  return der !== undefined && value === `#${der}` ? pgAsciiToUpper(value) : undefined;
}

/**
 * Escapes a value as RFC 4514 §2.4 does. Control characters are escaped, too, so that the name is always one line.
 * OpenSSL does the same (ASN1_STRFLGS_ESC_2253 and ASN1_STRFLGS_ESC_CTRL in `do_esc_char` of crypto/asn1/a_strex.c).
 */
function escapeValue(value: string): string {
  return value
    .replace(/[\\"+,;<>]/g, '\\$&')
    .replace(/[\x00-\x1f\x7f]/g, (character) => `\\${pgAsciiToUpper(toHex(asciiBytes(character)))}`)
    .replace(/^[ #]| $/g, '\\$&');
}

/** Escapes each byte of characters outside ASCII, like ASN1_STRFLGS_ESC_MSB. */
function escapeBytes(value: string): string {
  return value.replace(/[^\x00-\x7f]+/g, (text) =>
    pgAsciiToUpper(toHex(new TextEncoder().encode(text))).replace(/../g, '\\$&'),
  );
}

function escapeSubject(value: string): string {
  return value.replace(/[\\/+]/g, '\\$&');
}
