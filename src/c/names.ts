import { type PgMajor, type PgMajorSpan, spanIncludes } from '../version.ts';

/** Bytes of the longest name: `NAMEDATALEN` of an ordinary build without its final zero. */
export const maxNameBytes = 63;

/** `truncate_identifier`: the text cut to the length of a name, at the end of a character. */
export function truncateIdentifier(text: string): string {
  // A character takes at most three bytes for each of its UTF-16 units.
  if (text.length * 3 <= maxNameBytes) return text;
  const bytes = new TextEncoder().encode(text);
  let end = Math.min(bytes.length, maxNameBytes);
  while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, end));
}

/**
 * The name of a connection as `ProcessStartupPacket` cuts it: at 63 bytes, even inside a character. U+FFFD stands for the
 * part of a character, so that the name is that of no rule.
 */
export function cutStartupName(text: string): string {
  if (text.length * 3 <= maxNameBytes) return text;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text).subarray(0, maxNameBytes));
}

/** Whether a client can send a text as a name: a NUL ends each name of a startup packet, and no UTF-8 is a lone surrogate. */
export function isStartupName(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}

/** Majors that write a question mark for a byte that is no printable ASCII; later majors write `\xNN`. */
const questionMarks: PgMajorSpan = { until: 15 };

/**
 * The value of application_name and cluster_name: `truncate_identifier` by bytes, then `pg_clean_ascii`, which replaces
 * each byte outside printable ASCII.
 */
export function pgCleanAscii(text: string, version: PgMajor): string {
  if (/^[ -~]*$/.test(text) && text.length <= maxNameBytes) return text;
  return Array.from(new TextEncoder().encode(text).subarray(0, maxNameBytes), (byte) => {
    if (byte >= 0x20 && byte <= 0x7e) return String.fromCharCode(byte);
    return spanIncludes(questionMarks, version) ? '?' : `\\x${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}
