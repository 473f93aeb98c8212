/**
 * The distinguished encoding rules (X.690), as much of them as certificates, keys and revocation lists need: pieces in,
 * bytes out, and back.
 */

/** A piece of DER. */
export interface DerElement {
  /** The identifier octet: 0x30 for a SEQUENCE, 0xa0 for `[0]` constructed. */
  readonly tag: number;
  /** The content octets. */
  readonly content: Bytes;
  /** Identifier, length and content. */
  readonly bytes: Bytes;
}

/** Bytes that WebCrypto takes: not those of a SharedArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Identifier octets of the universal types. */
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

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Thrown by the readers; whoever knows what was being read turns it into an error with a code. */
export class DerError extends Error {
  override readonly name: string = 'DerError';
}

/** Whether an error says that bytes are not what was being read, and not that this library is wrong. */
export function isUnreadable(error: unknown): boolean {
  // TypeError: a part is missing, or a text is not UTF-8.
  return error instanceof DerError || error instanceof TypeError;
}

/** The one element that fills these bytes. */
export function readDer(bytes: Bytes): DerElement {
  const element = readElement(bytes, 0);
  if (element.bytes.length !== bytes.length) throw new DerError('there are bytes after the end');
  return element;
}

/** The elements inside a constructed one. */
export function readChildren(element: DerElement): readonly DerElement[] {
  const children: DerElement[] = [];
  for (let offset = 0; offset < element.content.length; ) {
    const child = readElement(element.content, offset);
    children.push(child);
    offset += child.bytes.length;
  }
  return children;
}

/** The elements inside an element that must have this tag. */
export function readChildrenOf(element: DerElement | undefined, tag: number): readonly DerElement[] {
  return readChildren(expectTag(element, tag));
}

/** The element, which must be there and have this tag. */
export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag !== tag) {
    throw new DerError(
      `0x${tag.toString(16)} is expected where ${element ? `0x${element.tag.toString(16)}` : 'nothing'} is`,
    );
  }
  return element;
}

/** An object identifier as dotted numbers. */
export function readOid(element: DerElement | undefined): string {
  const { content } = expectTag(element, derTag.oid);
  const arcs: (number | bigint)[] = [];
  let arc: number | bigint = 0;
  for (const octet of content) {
    // Arcs made of UUIDs are too large for a number.
    arc =
      typeof arc === 'number' && arc < 2 ** 40
        ? arc * 128 + (octet & 0x7f)
        : (BigInt(arc) << 7n) | BigInt(octet & 0x7f);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  if (content.length === 0 || content.at(-1)! >= 0x80) throw new DerError('an object identifier is cut off');
  const both = Number(arcs[0]);
  const first = both < 80 ? Math.floor(both / 40) : 2;
  return [first, both - first * 40, ...arcs.slice(1)].join('.');
}

/** The content of an INTEGER; OpenSSL reads none that is empty or has more octets than it needs, either. */
export function readInteger(element: DerElement | undefined): Bytes {
  const { content } = expectTag(element, derTag.integer);
  const isPadded =
    content.length > 1 && (content[0] === 0 || content[0] === 0xff) && content[0] >> 7 === content[1]! >> 7;
  if (content.length === 0 || isPadded) throw new DerError('an integer is not in the distinguished encoding');
  return content;
}

/** A non-negative INTEGER as a number, for the small ones: versions, path lengths. */
export function readSmallInteger(element: DerElement | undefined, tag: number = derTag.integer): number {
  const { content } = expectTag(element, tag);
  if (content.length === 0 || content.length > 6 || content[0]! >= 0x80)
    throw new DerError('an integer is out of range');
  return content.reduce((value, octet) => value * 256 + octet, 0);
}

/** A BOOLEAN. */
export function readBoolean(element: DerElement): boolean {
  const { content } = expectTag(element, derTag.boolean);
  if (content.length !== 1) throw new DerError('a boolean is not one octet');
  return content[0] !== 0;
}

/** The bytes of a BIT STRING that has no unused bits. */
export function readBitString(element: DerElement | undefined): Bytes {
  const { content } = expectTag(element, derTag.bitString);
  if (content[0] !== 0) throw new DerError('a bit string is not made of whole octets');
  return content.subarray(1);
}

/** A UTCTime or GeneralizedTime, in the forms that RFC 5280 §4.1.2.5 allows: to the second, in UTC. */
export function readTime(element: DerElement | undefined): Date {
  const text = asciiText(element?.content.subarray(0, 16) ?? new Uint8Array());
  const digits = element?.tag === derTag.utcTime ? (Number(text.slice(0, 2)) < 50 ? '20' : '19') + text : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  const time = new Date(match === null ? Number.NaN : `${match.slice(1, 4).join('-')}T${match.slice(4).join(':')}Z`);
  const isTime = element?.tag === derTag.utcTime || element?.tag === derTag.generalizedTime;
  // A day that its month does not have comes out as another one.
  if (!isTime || Number.isNaN(time.getTime()) || timeDigits(time) !== digits)
    throw new DerError('a time is unreadable');
  return time;
}

/** The text of a string type, or `undefined` where the element is none. */
export function readString(element: DerElement): string | undefined {
  const { tag, content } = element;
  switch (tag) {
    case derTag.utf8String:
      return utf8.decode(content);
    case derTag.numericString:
    case derTag.printableString:
    case derTag.ia5String:
    // Teletex strings in the wild hold Latin-1, whatever T.61 says; OpenSSL reads them so, too.
    case derTag.teletexString:
      return asciiText(content);
    case derTag.bmpString:
      return wideText(content, 2);
    case derTag.universalString:
      return wideText(content, 4);
    default:
      return undefined;
  }
}

/** The text of bytes that are a character each: ASCII, or Latin-1. */
export function asciiText(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += String.fromCharCode(octet);
  return text;
}

/** The text of big-endian characters of so many bytes; throws DerError where there is no such character. */
function wideText(bytes: Uint8Array, size: 2 | 4): string {
  if (bytes.length % size !== 0) throw new DerError('a character is cut off');
  let text = '';
  for (let i = 0; i < bytes.length; i += size) {
    const point = bytes.subarray(i, i + size).reduce((sum, octet) => sum * 256 + octet, 0);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) throw new DerError('a character is none of Unicode');
    text += String.fromCodePoint(point);
  }
  return text;
}

/** An element with this tag around the given parts. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const size: number[] = [];
  if (length < 0x80) size.push(length);
  else {
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256);
    size.unshift(0x80 | size.length);
  }
  const bytes = new Uint8Array(1 + size.length + length);
  bytes[0] = tag;
  bytes.set(size, 1);
  let offset = 1 + size.length;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Bytes one after the other: for lists that are too long to be arguments. */
export function joinBytes(parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** A SEQUENCE of the given elements. */
export function derSequence(...elements: readonly Uint8Array[]): Bytes {
  return der(derTag.sequence, ...elements);
}

/** A SET OF the given elements, in the order that DER demands. */
export function derSetOf(...elements: readonly Uint8Array[]): Bytes {
  return der(derTag.set, ...elements.toSorted(compareBytes));
}

/** A non-negative INTEGER, given as a number or as big-endian bytes. */
export function derInteger(value: number | Uint8Array): Bytes {
  let bytes = typeof value === 'number' ? numberBytes(value) : value;
  while (bytes.length > 1 && bytes[0] === 0 && bytes[1]! < 0x80) bytes = bytes.subarray(1);
  return bytes[0]! >= 0x80 ? der(derTag.integer, Uint8Array.of(0), bytes) : der(derTag.integer, bytes);
}

/** An object identifier given as dotted numbers. */
export function derOid(dotted: string): Bytes {
  const [first, second, ...rest] = dotted.split('.');
  const octets = [String(Number(first) * 40 + Number(second)), ...rest].flatMap(base128);
  return der(derTag.oid, Uint8Array.from(octets));
}

/** A BIT STRING of whole octets. */
export function derBitString(...parts: readonly Uint8Array[]): Bytes {
  return der(derTag.bitString, Uint8Array.of(0), ...parts);
}

/** An OCTET STRING. */
export function derOctetString(...parts: readonly Uint8Array[]): Bytes {
  return der(derTag.octetString, ...parts);
}

/** NULL. */
export const derNull: Bytes = der(derTag.null);

/** TRUE; DER writes no FALSE where it is a default. */
export const derTrue: Bytes = der(derTag.boolean, Uint8Array.of(0xff));

/** A time in whole seconds: UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
export function derTime(time: Date): Bytes {
  const digits = timeDigits(time);
  return time.getUTCFullYear() < 2050
    ? der(derTag.utcTime, asciiBytes(digits.slice(2)))
    : der(derTag.generalizedTime, asciiBytes(digits));
}

/** The digits of a GeneralizedTime in whole seconds, with the Z. */
export function timeDigits(time: Date): string {
  return time.toISOString().replace(/\.\d+|[-:T]/g, '');
}

/** The bytes of a text with one character for each, such as ASCII. */
export function asciiBytes(text: string): Bytes {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Bytes in hexadecimal digits, lower-case. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const octet of bytes) hex += octet.toString(16).padStart(2, '0');
  return hex;
}

/** The bytes of an even number of hexadecimal digits. */
export function fromHex(hex: string): Bytes {
  return Uint8Array.from({ length: hex.length >> 1 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** Whether two byte strings are the same. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return compareBytes(a, b) === 0;
}

/** The order of byte strings, as for sorting. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function readElement(bytes: Bytes, start: number): DerElement {
  const tag = bytes[start];
  if (tag === undefined || (tag & 0x1f) === 0x1f) throw new DerError('an element has no readable tag');
  let offset = start + 1;
  let length = bytes[offset++] ?? Number.NaN;
  if (length >= 0x80) {
    const octets = length & 0x7f;
    if (octets === 0 || octets > 4) throw new DerError('a length is not in the distinguished encoding');
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[offset++] ?? Number.NaN);
  }
  if (!(offset + length <= bytes.length)) throw new DerError('an element is cut off');
  return { tag, content: bytes.subarray(offset, offset + length), bytes: bytes.subarray(start, offset + length) };
}

/** The digits of an arc of an object identifier; UUIDs make arcs that are too large for a number. */
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

function numberBytes(value: number): Uint8Array {
  const octets: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.from(octets.length === 0 ? [0] : octets);
}
