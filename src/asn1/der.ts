import { memcmp } from '../c/compare.ts';
import { asciiBytes, type Bytes, fromHex, joinBytes } from './bytes.ts';

/** Writes DER, the distinguished encoding rules (X.690), as far as certificates, keys and CRLs need them. */

/** The identifier octets of the universal types. */
export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Makes a DER element. Its content is the given parts, one after another. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  // A length of 128 or more is written as the number of its octets and then the octets.
  let octets = 0;
  if (length >= 0x80) for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets++;
  let offset = 2 + octets;
  const bytes = new Uint8Array(offset + length);
  bytes[0] = tag;
  bytes[1] = octets === 0 ? length : 0x80 | octets;
  for (let i = octets, rest = length; i > 0; i--, rest = Math.floor(rest / 256)) bytes[1 + i] = rest % 256;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Makes a SEQUENCE of the given elements. */
export function derSequence(...elements: readonly Uint8Array[]): Bytes {
  return der(derTag.sequence, ...elements);
}

/**
 * Makes a SET OF the given elements, in the order that DER demands. The parameter is a list, because a name of a
 * foreign certificate can have very many elements.
 */
export function derSetOf(elements: readonly Uint8Array[]): Bytes {
  return der(derTag.set, joinBytes(elements.toSorted(memcmp)));
}

/** Makes an INTEGER of a non-negative number, or of the big-endian bytes of a non-negative number. */
export function derInteger(value: number | bigint | Uint8Array): Bytes {
  let bytes = typeof value === 'object' ? value : numberBytes(value);
  while (bytes.length > 1 && bytes[0] === 0 && bytes[1]! < 0x80) bytes = bytes.subarray(1);
  return bytes[0]! >= 0x80 ? der(derTag.integer, Uint8Array.of(0), bytes) : der(derTag.integer, bytes);
}

/** Makes an object identifier of dotted numbers. */
export function derOid(dotted: string): Bytes {
  const [first, second, ...rest] = dotted.split('.');
  const octets = [String(Number(first) * 40 + Number(second)), ...rest].flatMap(base128);
  return der(derTag.oid, Uint8Array.from(octets));
}

/** Makes a BIT STRING of whole octets. */
export function derBitString(...parts: readonly Uint8Array[]): Bytes {
  return der(derTag.bitString, Uint8Array.of(0), ...parts);
}

/** Makes an OCTET STRING. Its content is the given parts, one after another. */
export function derOctetString(...parts: readonly Uint8Array[]): Bytes {
  return der(derTag.octetString, ...parts);
}

/** The element NULL. */
export const derNull: Bytes = der(derTag.null);

/** The element TRUE. An element FALSE is not needed, because DER omits values that equal their default. */
export const derTrue: Bytes = der(derTag.boolean, Uint8Array.of(0xff));

/** Makes a time in whole seconds: UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
export function derTime(time: Date): Bytes {
  if (time.getUTCFullYear() >= 2050) return derGeneralizedTime(time);
  return der(derTag.utcTime, asciiBytes(timeDigits(time).slice(2)));
}

/** Makes a GeneralizedTime in whole seconds. */
export function derGeneralizedTime(time: Date): Bytes {
  return der(derTag.generalizedTime, asciiBytes(timeDigits(time)));
}

/** Returns the text of a GeneralizedTime in whole seconds: `YYYYMMDDhhmmssZ`. */
function timeDigits(time: Date): string {
  return time.toISOString().replace(/\.\d+|[-:T]/g, '');
}

/**
 * Encodes one number (arc) of an object identifier in base 128. Arcs made from UUIDs are too large for a `number`, but
 * `bigint` is slower.
 */
function base128(arc: string): number[] {
  if (arc.length <= 15) {
    const digits = [Number(arc) % 128];
    for (let rest = Math.floor(Number(arc) / 128); rest > 0; rest = Math.floor(rest / 128)) {
      digits.unshift((rest % 128) | 0x80);
    }
    return digits;
  }
  const digits = [Number(BigInt(arc) & 0x7fn)];
  for (let rest = BigInt(arc) >> 7n; rest > 0n; rest >>= 7n) digits.unshift(Number(rest & 0x7fn) | 0x80);
  return digits;
}

function numberBytes(value: number | bigint): Uint8Array {
  const hex = value.toString(16);
  return fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
}
