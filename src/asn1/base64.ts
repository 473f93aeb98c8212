import type { Bytes } from './bytes.ts';

// This file has its own base64, because `atob` and `btoa` are several times slower: they work on strings and check each
// character. Apart from cryptography, PEM takes half of the time for issuing a certificate.
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digits: ReadonlyMap<number, number> = new Map(Array.from(alphabet, (digit, i) => [digit.charCodeAt(0), i]));

/** Encodes bytes in base64 (RFC 4648 §4), without line breaks. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text +=
      alphabet[group >> 18]! + alphabet[(group >> 12) & 63]! + alphabet[(group >> 6) & 63]! + alphabet[group & 63]!;
  }
  const missing = (3 - (bytes.length % 3)) % 3;
  return missing === 0 ? text : text.slice(0, -missing) + '='.repeat(missing);
}

/** Decodes a base64 text with or without padding. The text must contain no other characters. */
export function decodeBase64(text: string): Bytes {
  const length = text.indexOf('=') === -1 ? text.length : text.indexOf('=');
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let group = 0;
  for (let i = 0, end = 0; i < length; i++) {
    group = (group << 6) | (digits.get(text.charCodeAt(i)) ?? 0);
    if (i % 4 > 0) bytes[end++] = group >> (6 - 2 * (i % 4));
  }
  return bytes;
}
