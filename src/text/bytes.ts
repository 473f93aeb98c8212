import { bytesOfName, nameOfBytes } from '../c/names.ts';
import { PgHostsslError } from '../errors.ts';

/**
 * How a text represents the bytes of a file: as UTF-8 if all bytes are valid UTF-8, otherwise as one character per
 * byte.
 */
export type FileEncoding = 'utf-8' | 'bytes';

/** The text of a file, and the encoding from which the same bytes can be restored. */
export interface DecodedText {
  /** The whole text. A byte order mark is its first character. */
  readonly text: string;
  /** How the text represents the bytes of the file. */
  readonly encoding: FileEncoding;
}

/** Decodes the bytes of a file. Any bytes are accepted, and {@link encodeText} restores exactly these bytes. */
export function decodeText(source: string | Uint8Array): DecodedText {
  if (typeof source === 'string') return { text: source, encoding: 'utf-8' };
  return decodeUtf8(source) ?? { text: oneCharacterPerByte(source), encoding: 'bytes' };
}

/** Returns the bytes of a file's text. */
export function encodeText(text: string, encoding: FileEncoding): Uint8Array {
  return encoding === 'utf-8' ? new TextEncoder().encode(text) : Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/**
 * Converts a text from a caller to the characters of a file with this encoding, so that the file gets the UTF-8 bytes
 * of the text. If the file is not UTF-8, lone surrogates of a name become the bytes that they represent.
 *
 * @throws PgHostsslError `text-invalid` for a lone surrogate, which UTF-8 cannot represent
 */
export function toFileText(text: string, encoding: FileEncoding): string {
  const refused = encoding === 'utf-8' ? /[\ud800-\udfff]/u : /[\ud800-\udc7f\udd00-\udfff]/u;
  if (refused.test(text)) {
    const message = `Character ${text.search(refused) + 1} of the text is a lone surrogate, which UTF-8 cannot represent`;
    throw new PgHostsslError('text-invalid', message);
  }
  return encoding === 'utf-8' || isAscii(text) ? text : oneCharacterPerByte(bytesOfName(text));
}

/**
 * Converts a part of a file's text to the text for a caller. If the file is not valid UTF-8 but the bytes of the part
 * are valid UTF-8, the part is decoded. If the bytes of the part are not valid UTF-8 either, the part keeps one
 * character per byte.
 */
export function fromFileText(piece: string, encoding: FileEncoding): string {
  if (encoding === 'utf-8' || isAscii(piece)) return piece;
  return decodeUtf8(encodeText(piece, 'bytes'))?.text ?? piece;
}

/**
 * Converts a token of a file to the text for a caller. If the token is not UTF-8, each byte above 0x7F becomes a lone
 * surrogate: U+DC00 plus the byte. So two tokens are equal if and only if their bytes are equal.
 */
export function tokenOfFileText(piece: string, encoding: FileEncoding): string {
  return encoding === 'utf-8' || isAscii(piece) ? piece : nameOfBytes(encodeText(piece, 'bytes'));
}

/** Converts a token to the characters of a file that is not UTF-8, one character per byte. */
export function fileTextOfToken(token: string): string {
  return isAscii(token) ? token : oneCharacterPerByte(bytesOfName(token));
}

/** Returns the number of bytes that a part of a file's text has in the file. */
export function byteLength(piece: string, encoding: FileEncoding): number {
  if (encoding === 'bytes') return piece.length;
  let length = piece.length;
  for (let i = 0; i < piece.length; i++) {
    const code = piece.charCodeAt(i);
    // A surrogate pair has four bytes in UTF-8, so each half counts as two bytes.
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

/** Returns whether a text contains only ASCII characters. */
export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function oneCharacterPerByte(bytes: Uint8Array): string {
  // The bytes are converted in chunks, because a call has a limited number of arguments. `TextDecoder` is not used,
  // because its "latin1" is windows-1252, which maps some bytes to other characters.
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 0x2000) parts.push(String.fromCharCode(...bytes.subarray(i, i + 0x2000)));
  return parts.join('');
}
