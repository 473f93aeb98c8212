import { type PgMajor, type PgMajorSpan, spanIncludes } from '../version.ts';

/** The longest name in bytes: `NAMEDATALEN` of an ordinary build without its final zero. */
const maxBytes = 63;

/** A text cut to the length of a name, at the end of a character (`truncate_identifier`). */
export function cutToNameLength(text: string): string {
  // No text of so few characters is longer.
  if (text.length * 3 <= maxBytes) return text;
  const bytes = new TextEncoder().encode(text);
  let end = Math.min(bytes.length, maxBytes);
  while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, end));
}

/** Majors that put a question mark for a byte that is no printable ASCII; later ones write it as `\xNN`. */
const questionMarks: PgMajorSpan = { until: 15 };

/** What application_name and cluster_name are, whose bytes outside printable ASCII are replaced (`pg_clean_ascii`). */
export function cleanAscii(text: string, version: PgMajor): string {
  if (/^[ -~]*$/.test(text) && text.length <= maxBytes) return text;
  return Array.from(new TextEncoder().encode(text).subarray(0, maxBytes), (byte) => {
    if (byte >= 0x20 && byte <= 0x7e) return String.fromCharCode(byte);
    return spanIncludes(questionMarks, version) ? '?' : `\\x${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}
