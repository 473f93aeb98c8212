import { bytesOfName, nameOfBytes } from '../c/names.ts';
import { PgHostsslError } from '../errors.ts';

/** How a text represents the bytes of a file: as UTF-8 if all bytes are valid UTF-8, else as one character per byte. */
export type FileEncoding = 'utf-8' | 'bytes';

/** The text of a file, and the encoding that gives the same bytes back. */
export interface DecodedText {
  /** The whole text; a byte order mark is its first character. */
  readonly text: string;
  /** How the text represents bytes. */
  readonly encoding: FileEncoding;
}

/** The text of a file. Any bytes are accepted, and {@link encodeText} gives exactly these bytes back. */
export function decodeText(source: string | Uint8Array): DecodedText {
  if (typeof source === 'string') return { text: source, encoding: 'utf-8' };
  return decodeUtf8(source) ?? { text: oneCharacterPerByte(source), encoding: 'bytes' };
}

/** The bytes of a file's text. */
export function encodeText(text: string, encoding: FileEncoding): Uint8Array {
  return encoding === 'utf-8' ? new TextEncoder().encode(text) : Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/**
 * A caller's text in the characters of a file with this encoding. The file gets the UTF-8 bytes of the text in either
 * encoding, and in a file that is not UTF-8 also the bytes that lone surrogates of a name stand for.
 *
 * @throws PgHostsslError `text-invalid` for a lone surrogate, which UTF-8 cannot represent
 */
export function toFileText(text: string, encoding: FileEncoding): string {
  const isRefused = encoding === 'utf-8' ? /\p{Surrogate}/u : /[\ud800-\udc7f\udd00-\udfff]/u;
  if (isRefused.test(text)) {
    const message = `Character ${text.search(isRefused) + 1} of the text is a lone surrogate, which UTF-8 cannot represent`;
    throw new PgHostsslError('text-invalid', message);
  }
  return encoding === 'utf-8' || isAscii(text) ? text : oneCharacterPerByte(bytesOfName(text));
}

/**
 * A piece of a file's text as a caller sees it. If the file is not valid UTF-8 as a whole but the bytes of the piece
 * are, the piece is decoded; otherwise it keeps one character per byte.
 */
export function fromFileText(piece: string, encoding: FileEncoding): string {
  if (encoding === 'utf-8' || isAscii(piece)) return piece;
  return decodeUtf8(encodeText(piece, 'bytes'))?.text ?? piece;
}

/**
 * A token of a file as a caller sees it. In a token that is not UTF-8 each byte above 0x7F is a lone surrogate, U+DC00 plus
 * the byte, so that two tokens are equal exactly if their bytes are.
 */
export function tokenOfFileText(piece: string, encoding: FileEncoding): string {
  return encoding === 'utf-8' || isAscii(piece) ? piece : nameOfBytes(encodeText(piece, 'bytes'));
}

/** A token in the characters of a file that is not UTF-8, one for each byte. */
export function fileTextOfToken(token: string): string {
  return isAscii(token) ? token : oneCharacterPerByte(bytesOfName(token));
}

/** The number of bytes that a piece of a file's text has in the file. */
export function byteLength(piece: string, encoding: FileEncoding): number {
  if (encoding === 'bytes') return piece.length;
  let length = piece.length;
  for (let i = 0; i < piece.length; i++) {
    const code = piece.charCodeAt(i);
    // Each half of a surrogate pair counts for two of the pair's four bytes.
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

/** Whether a text holds ASCII characters only. */
export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function oneCharacterPerByte(bytes: Uint8Array): string {
  // In chunks, because the arguments of one call are limited. TextDecoder's "latin1" is windows-1252, which changes
  // bytes.
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 0x2000) parts.push(String.fromCharCode(...bytes.subarray(i, i + 0x2000)));
  return parts.join('');
}
