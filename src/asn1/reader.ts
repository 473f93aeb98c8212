import { asciiText, type Bytes } from './bytes.ts';
import { derTag } from './der.ts';

/**
 * Reads DER, the distinguished encoding rules (X.690). As OpenSSL does, the functions also accept lengths in more
 * octets than needed, and any octet except 0 as TRUE. Other input that is not DER throws {@link DerError}.
 */

/** One DER element: identifier, length and content. */
export class DerElement {
  /** The identifier octet: 0x30 for a SEQUENCE, 0xa0 for a constructed `[0]`. */
  readonly tag: number;
  /** The offset after the element in the bytes from which it was read. */
  readonly end: number;
  readonly #source: Bytes;
  readonly #start: number;
  readonly #contentStart: number;

  constructor(tag: number, source: Bytes, start: number, contentStart: number, end: number) {
    this.tag = tag;
    this.end = end;
    this.#source = source;
    this.#start = start;
    this.#contentStart = contentStart;
  }

  /**
   * The content octets. They are cut out when they are asked for, because that takes longer than reading an element.
   */
  get content(): Bytes {
    return this.#source.subarray(this.#contentStart, this.end);
  }

  /** The identifier, length and content octets. */
  get bytes(): Bytes {
    return this.#source.subarray(this.#start, this.end);
  }
}

/**
 * The error for malformed DER, or DER of another structure than expected. The functions of this file throw only this
 * error for invalid input, so that a bug in these functions is not mistaken for invalid input. The caller, which knows
 * what the input is for, turns this error into a `PgHostsslError`.
 */
export class DerError extends Error {
  override readonly name: string = 'DerError';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the single element that fills these bytes. */
export function readDer(bytes: Bytes): DerElement {
  const element = readElement(bytes, 0);
  if (element.end !== bytes.length) throw new DerError('There are bytes after the end of the element');
  return element;
}

/**
 * Reads the element at the start of these bytes and ignores further bytes, as OpenSSL does in the value of an
 * extension.
 */
export function readFirst(bytes: Bytes): DerElement {
  return readElement(bytes, 0);
}

/** Reads the elements inside a SEQUENCE, a SET, or a tagged element in order, like the fields of an ASN.1 type. */
export class SequenceReader {
  readonly #elements: readonly DerElement[];
  #index = 0;

  /**
   * Creates a reader of the elements inside an element.
   *
   * @throws DerError if the element has another tag, or its content is not DER
   */
  constructor(element: DerElement, tag: number = derTag.sequence) {
    this.#elements = readChildren(expectTag(element, tag));
  }

  /**
   * Returns the next element. If `tag` is given, the element must have this tag.
   *
   * @throws DerError if the element is missing or has another tag
   */
  next(tag?: number): DerElement {
    const element = this.#elements[this.#index];
    if (element === undefined) throw new DerError('An element is missing');
    this.#index += 1;
    return tag === undefined ? element : expectTag(element, tag);
  }

  /**
   * Returns the next element if it has one of the given tags. If no tags are given, an element with any tag is
   * returned. If there is no such element, returns `undefined` and the reader keeps its position.
   */
  optional(...tags: readonly number[]): DerElement | undefined {
    const element = this.#elements[this.#index];
    if (element === undefined || (tags.length > 0 && !tags.includes(element.tag))) return undefined;
    this.#index += 1;
    return element;
  }

  /**
   * Returns the element inside the explicit tag `[number]`, if the next element has this tag; otherwise `undefined`.
   *
   * @throws DerError if the tag does not contain exactly one element
   */
  contextual(number: number): DerElement | undefined {
    const outer = this.optional(0xa0 | number);
    return outer && readDer(outer.content);
  }

  /**
   * Checks that all elements were read.
   *
   * @throws DerError if an element was not read
   */
  end(): void {
    if (this.#index < this.#elements.length) throw new DerError('There is an unexpected element at the end');
  }
}

/** Returns the elements inside an element. If `tag` is given, the element must have this tag. */
export function readChildren(element: DerElement, tag: number = element.tag): readonly DerElement[] {
  const { content } = expectTag(element, tag);
  const children: DerElement[] = [];
  for (let offset = 0; offset < content.length; ) {
    const child = readElement(content, offset);
    children.push(child);
    offset = child.end;
  }
  return children;
}

/** Returns the element, which must have this tag. */
export function expectTag(element: DerElement, tag: number): DerElement {
  if (element.tag === tag) return element;
  throw new DerError(`Tag 0x${tag.toString(16)} is expected; found 0x${element.tag.toString(16)}`);
}

/** Returns an object identifier as dotted numbers. */
export function readOid(element: DerElement, tag: number = derTag.oid): string {
  const { content } = expectTag(element, tag);
  const arcs: (number | bigint)[] = [];
  let arc: number | bigint = 0;
  let last = 0;
  for (const octet of content) {
    if (last < 0x80 && octet === 0x80) throw new DerError('An object identifier has more octets than it needs');
    last = octet;
    // The numbers of object identifiers that are made from UUIDs are too large for a JavaScript `number`.
    arc =
      typeof arc === 'number' && arc < 2 ** 40
        ? arc * 128 + (octet & 0x7f)
        : (BigInt(arc) << 7n) | BigInt(octet & 0x7f);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  if (content.length === 0 || content.at(-1)! >= 0x80) throw new DerError('An object identifier is cut off');
  const both = Number(arcs[0]);
  const first = both < 80 ? Math.floor(both / 40) : 2;
  return [first, both - first * 40, ...arcs.slice(1)].join('.');
}

/** Returns the content of an INTEGER. Like OpenSSL, refuses an INTEGER that is empty or has superfluous octets. */
export function readInteger(element: DerElement, tag: number = derTag.integer): Bytes {
  const { content } = expectTag(element, tag);
  const isPadded =
    content.length > 1 && (content[0] === 0 || content[0] === 0xff) && content[0] >> 7 === content[1]! >> 7;
  if (content.length === 0 || isPadded) throw new DerError('An INTEGER is empty or has more octets than it needs');
  return content;
}

/** Returns an INTEGER that must not be negative, such as a path length. A number above 2⁵³ is rounded. */
export function readNumber(element: DerElement): number {
  const content = readInteger(element);
  if (content[0]! >= 0x80) throw new DerError('An INTEGER is negative');
  return content.reduce((value, octet) => value * 256 + octet, 0);
}

/** Returns a BOOLEAN. As in OpenSSL, any octet except 0 is `true`. */
export function readBoolean(element: DerElement, tag: number = derTag.boolean): boolean {
  const { content } = expectTag(element, tag);
  if (content.length !== 1) throw new DerError('A BOOLEAN is not one octet');
  return content[0] !== 0;
}

/**
 * Returns the octets of a BIT STRING. Unused bits of the last octet are set to zero (`ossl_c2i_ASN1_BIT_STRING`).
 *
 * @param tag the tag, if the BIT STRING is implicitly tagged
 */
export function readBits(element: DerElement, tag: number = derTag.bitString): Bytes {
  const { content } = expectTag(element, tag);
  const [unused] = content;
  if (unused === undefined || unused > 7) throw new DerError('A BIT STRING has an impossible number of unused bits');
  const octets = content.slice(1);
  if (octets.length > 0) octets[octets.length - 1]! &= 0xff << unused;
  return octets;
}

/** Returns the bytes of a BIT STRING that must have no unused bits. */
export function readBitString(element: DerElement): Bytes {
  const { content } = expectTag(element, derTag.bitString);
  if (content[0] !== 0) throw new DerError('A BIT STRING is not made of whole octets');
  return content.subarray(1);
}

/** Reads a UTCTime or GeneralizedTime in the forms of RFC 5280 §4.1.2.5: to the second, in UTC. */
export function readTime(element: DerElement): Date {
  const time = readTimeOrInvalid(element);
  if (Number.isNaN(time.getTime())) throw new DerError('A time is invalid');
  return time;
}

/**
 * Reads a UTCTime or GeneralizedTime. Returns an invalid `Date` for a time that OpenSSL accepts when it loads the
 * certificate but refuses later.
 *
 * @throws DerError for an element of another type
 */
export function readTimeOrInvalid(element: DerElement): Date {
  const isUtcTime = element.tag === derTag.utcTime;
  if (!isUtcTime) expectTag(element, derTag.generalizedTime);
  const text = asciiText(element.content.subarray(0, 16));
  const digits = isUtcTime ? (Number(text.slice(0, 2)) < 50 ? '20' : '19') + text : text;
  if (!/^\d{14}Z$/.test(digits)) return new Date(Number.NaN);
  const part = (start: number, end = start + 2) => Number(digits.slice(start, end));
  const [year, month, day, hour, minute, second] = [part(0, 4), part(4) - 1, part(6), part(8), part(10), part(12)];
  const time = new Date(0);
  time.setUTCFullYear(year, month, day);
  time.setUTCHours(hour, minute, second);
  // `Date` turns a day that does not exist, such as 31 April, into a day of the next month.
  const isReal = time.getUTCMonth() === month && time.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return isReal ? time : new Date(Number.NaN);
}

/** Returns the text of an element with a string type, or `undefined` for an element of another type. */
export function readString(element: DerElement): string | undefined {
  const { tag, content } = element;
  switch (tag) {
    case derTag.utf8String:
      return utf8Text(content);
    case derTag.numericString:
    case derTag.printableString:
    case derTag.ia5String:
    // In practice, a TeletexString contains Latin-1 and not T.61. OpenSSL also reads it as Latin-1.
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

function utf8Text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new DerError('A text is not UTF-8', { cause });
  }
}

/** Decodes a text whose characters have two or four bytes each, in big-endian order. */
function wideText(bytes: Uint8Array, size: 2 | 4): string {
  if (bytes.length % size !== 0) throw new DerError('A character is cut off');
  let text = '';
  for (let i = 0; i < bytes.length; i += size) {
    const point = bytes.subarray(i, i + size).reduce((sum, octet) => sum * 256 + octet, 0);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) throw new DerError('A character is not in Unicode');
    text += String.fromCodePoint(point);
  }
  return text;
}

function readElement(bytes: Bytes, start: number): DerElement {
  const tag = bytes[start];
  if (tag === undefined || (tag & 0x1f) === 0x1f) throw new DerError('An element has no readable tag');
  let offset = start + 1;
  let length = bytes[offset++] ?? Number.NaN;
  if (length >= 0x80) {
    const octets = length & 0x7f;
    if (octets === 0 || octets > 4) throw new DerError('A length is not in the distinguished encoding');
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[offset++] ?? Number.NaN);
  }
  if (!(offset + length <= bytes.length)) throw new DerError('An element is cut off');
  return new DerElement(tag, bytes, start, offset, offset + length);
}
