import { type PgMajor, type PgMajorSpan, spanIncludes } from '../version.ts';

/**
 * The number of bytes of the longest name: `NAMEDATALEN` of an ordinary build, minus one byte for the terminating NUL.
 */
export const maxNameBytes = 63;

/** `truncate_identifier`: cuts a text to at most 63 bytes. The cut is always between two characters. */
export function truncateIdentifier(text: string): string {
  // Each UTF-16 unit takes at most three bytes in UTF-8.
  if (text.length * 3 <= maxNameBytes) return text;
  const bytes = bytesOfName(text);
  let end = Math.min(bytes.length, maxNameBytes);
  while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return nameOfBytes(bytes.subarray(0, end));
}

/**
 * The base of the lone surrogates U+DC80 to U+DCFF, which represent the bytes 0x80 to 0xFF of a name that is not UTF-8.
 */
const escapedBytes = 0xdc00;

/**
 * Converts the bytes of a name to a text. If the bytes are not UTF-8, each byte above 0x7F becomes a lone surrogate:
 * U+DC00 plus the byte. So the byte 0xE9 alone and the character `é`, which has two bytes in UTF-8, give different
 * texts.
 */
export function nameOfBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : escapedBytes + byte)).join('');
  }
}

/** Converts a text back to bytes: the inverse of {@link nameOfBytes}. Any other text is encoded as UTF-8. */
export function bytesOfName(name: string): Uint8Array {
  if (!/[\udc80-\udcff]/u.test(name)) return new TextEncoder().encode(name);
  const bytes = Array.from(name, (character) => {
    const code = character.codePointAt(0)!;
    return code >= escapedBytes + 0x80 && code <= escapedBytes + 0xff
      ? [code - escapedBytes]
      : [...new TextEncoder().encode(character)];
  });
  return Uint8Array.from(bytes.flat());
}

/**
 * Cuts the name of a user or a database in a connection request as `ProcessStartupPacket` does: to 63 bytes, even
 * inside a character.
 */
export function cutStartupName(text: string): string {
  return text.length * 3 <= maxNameBytes ? text : nameOfBytes(bytesOfName(text).subarray(0, maxNameBytes));
}

/**
 * Returns whether a client can send a text as the name of a user or a database. The name cannot contain a NUL, which
 * ends the name in the startup packet. Of the lone surrogates, only those of {@link nameOfBytes} are allowed, because
 * they represent bytes.
 */
export function isStartupName(text: string): boolean {
  return !/[\0\ud800-\udc7f\udd00-\udfff]/u.test(text);
}

/** The major versions that write a question mark for a byte outside printable ASCII. Later versions write `\xNN`. */
const questionMarks: PgMajorSpan = { until: 15 };

/**
 * Returns the value that the server stores for `application_name` and `cluster_name`. The server cuts the value to 63
 * bytes and then replaces each byte outside printable ASCII (`pg_clean_ascii`).
 */
export function pgCleanAscii(text: string, version: PgMajor): string {
  if (/^[ -~]*$/.test(text) && text.length <= maxNameBytes) return text;
  return Array.from(bytesOfName(text).subarray(0, maxNameBytes), (byte) => {
    if (byte >= 0x20 && byte <= 0x7e) return String.fromCharCode(byte);
    return spanIncludes(questionMarks, version) ? '?' : `\\x${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}
