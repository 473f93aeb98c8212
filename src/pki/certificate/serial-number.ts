import { assertText } from '../../arguments.ts';
import { type Bytes, fromHex, joinBytes, toHex } from '../../asn1/bytes.ts';
import { der, derInteger, derTag } from '../../asn1/der.ts';
import { readDer } from '../../asn1/reader.ts';
import { PgHostsslError } from '../../errors.ts';
import type { CompleteProvider } from '../provider/provider.ts';

/**
 * The serial number as lower-case hexadecimal digits without a sign octet. A negative number, which RFC 5280 forbids,
 * begins with a minus sign.
 */
export function serialNumberHex(serialNumber: Uint8Array): string {
  const isNegative = serialNumber[0]! >= 0x80;
  const digits = toHex(isNegative ? negated(joinBytes([Uint8Array.of(0xff), serialNumber])) : serialNumber);
  return (isNegative ? '-' : '') + digits.replace(/^(?:00)+(?=..)/, '');
}

/** The DER INTEGER for the digits that {@link serialNumberHex} returns. */
export function serialNumberDer(digits: string): Bytes {
  if (!digits.startsWith('-')) return derInteger(fromHex(digits));
  const bytes = negated(joinBytes([Uint8Array.of(0), fromHex(digits.slice(1))]));
  return der(derTag.integer, bytes[1]! >= 0x80 ? bytes.subarray(1) : bytes);
}

/** Negates a number in two's complement. */
function negated(bytes: Bytes): Bytes {
  const digits = toHex(bytes.map((octet) => ~octet));
  const sum = BigInt(`0x${digits}`) + 1n;
  return fromHex(sum.toString(16).padStart(digits.length, '0').slice(-digits.length));
}

/**
 * @internal The serial number that the caller asks for, or a new random one of 20 octets (158 random bits).
 *
 * @throws PgHostsslError `serial-number-invalid`, `argument-invalid`
 */
export function chooseSerialNumber(asked: string | undefined, { random }: CompleteProvider): Bytes {
  if (asked !== undefined) return parseSerialNumber(asked);
  const bytes = Uint8Array.from(random(20));
  // The highest bit is the sign and must be 0. The next bit is 1, so that the number always has 20 octets.
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes;
}

/**
 * Parses the serial number that a caller asks for.
 *
 * @throws PgHostsslError `serial-number-invalid`, `argument-invalid`
 */
function parseSerialNumber(digits: string): Bytes {
  assertText(digits, 'serialNumber');
  const bytes = fromHex(digits);
  if (/^(?:[0-9A-Fa-f]{2}){1,20}$/.test(digits) && bytes[0]! < 0x80 && bytes.some((octet) => octet !== 0)) return bytes;
  throw new PgHostsslError(
    'serial-number-invalid',
    `serialNumber must be 1 to 20 octets in hexadecimal digits; got ${JSON.stringify(digits)}`,
    {
      hint: 'Give 2 to 40 hexadecimal digits in pairs, the first pair below 80, and not all zero (RFC 5280 §4.1.2.2).',
    },
  );
}

/**
 * @internal A serial number of a certificate from any CA, in the form of {@link serialNumberHex}. Other CAs issue
 * serial numbers that this library never issues: zero, negative numbers, and numbers of more than 20 octets.
 *
 * A text of 41 to 49 digits without a letter is refused: it is the decimal form, which PostgreSQL shows, of a number of
 * up to 20 octets, and would name another certificate. A serial number of this library has about 48 decimal digits.
 *
 * @throws PgHostsslError `serial-number-invalid`, `argument-invalid`
 */
export function normalizeSerialNumber(digits: string): string {
  assertText(digits, 'serialNumber');
  const isDecimal = /^[0-9]{41,49}$/.test(digits);
  if (!isDecimal && /^-?(?:[0-9A-Fa-f]{2})+$/.test(digits)) {
    return serialNumberHex(readDer(serialNumberDer(digits)).content);
  }
  throw new PgHostsslError(
    'serial-number-invalid',
    `serialNumber must be hexadecimal digits in pairs${isDecimal ? ', not decimal digits' : ''}; got ${JSON.stringify(digits)}`,
    { hint: `Give the digits as inspectCertificate and LedgerEntry show them. ${decimalSerialNumber}` },
  );
}

/** @internal The part of a hint that explains how to convert the serial number that PostgreSQL shows. */
export const decimalSerialNumber =
  'pg_stat_ssl.client_serial is a decimal number: convert it with BigInt(serial).toString(16), and put a 0 before an odd number of digits.';
