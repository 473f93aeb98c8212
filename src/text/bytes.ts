import { PgHostsslError } from '../errors.ts';

/** How a file's bytes are held as text: as UTF-8 where they are valid UTF-8, else one character for each byte. */
export type FileEncoding = 'utf-8' | 'bytes';

/** A file's text, and how to get the same bytes back from it. */
export interface DecodedText {
  /** The whole text; a byte order mark is its first character. */
  readonly text: string;
  /** How the text stands for bytes. */
  readonly encoding: FileEncoding;
}

/** The text of a file: any bytes are taken, and {@link encodeText} gives the very same bytes back. */
export function decodeText(source: string | Uint8Array): DecodedText {
  if (typeof source === 'string') return { text: source, encoding: 'utf-8' };
  return decodeUtf8(source) ?? { text: oneCharacterPerByte(source), encoding: 'bytes' };
}

/** The bytes of a file's text. */
export function encodeText(text: string, encoding: FileEncoding): Uint8Array {
  return encoding === 'utf-8' ? new TextEncoder().encode(text) : Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/**
 * A caller's text in the characters of a file of this encoding: what is inserted goes in as UTF-8 bytes in either case.
 *
 * @throws PgHostsslError `text-invalid` for a lone surrogate, which no UTF-8 can hold.
 */
export function toFileText(text: string, encoding: FileEncoding): string {
  if (/\p{Surrogate}/u.test(text)) {
    const message = `Character ${text.search(/\p{Surrogate}/u) + 1} of the text is a lone surrogate, which UTF-8 cannot represent`;
    throw new PgHostsslError('text-invalid', message);
  }
  return encoding === 'utf-8' || isAscii(text) ? text : oneCharacterPerByte(new TextEncoder().encode(text));
}

/**
 * A piece of a file's text as its reader means it: in a file that is not valid UTF-8 as a whole, a piece whose bytes are
 * valid UTF-8 is that text, and any other piece stays one character for each byte.
 */
export function fromFileText(piece: string, encoding: FileEncoding): string {
  if (encoding === 'utf-8' || isAscii(piece)) return piece;
  return decodeUtf8(encodeText(piece, 'bytes'))?.text ?? piece;
}

/** How many bytes a piece of a file's text takes in the file. */
export function byteLength(piece: string, encoding: FileEncoding): number {
  if (encoding === 'bytes') return piece.length;
  let length = piece.length;
  for (let i = 0; i < piece.length; i++) {
    const code = piece.charCodeAt(i);
    // Either half of a surrogate pair counts two of the pair's four bytes.
    if (code >= 0x80) length += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2;
  }
  return length;
}

function decodeUtf8(bytes: Uint8Array): DecodedText | undefined {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), encoding: 'utf-8' };
  } catch {
    return undefined;
  }
}

/** Whether a text holds ASCII characters alone. */
export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function oneCharacterPerByte(bytes: Uint8Array): string {
  // In chunks, because the arguments of one call are limited. TextDecoder's "latin1" is windows-1252 and will not do.
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 0x2000) parts.push(String.fromCharCode(...bytes.subarray(i, i + 0x2000)));
  return parts.join('');
}
