/** Bytes that WebCrypto accepts. WebCrypto refuses the bytes of a SharedArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Returns the text of bytes that are one character each: ASCII or Latin-1. */
export function asciiText(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += String.fromCharCode(octet);
  return text;
}

/** Returns the bytes of a text with one byte per character, such as ASCII. */
export function asciiBytes(text: string): Bytes {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Returns bytes as lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const octet of bytes) hex += octet.toString(16).padStart(2, '0');
  return hex;
}

/** Returns the bytes of an even number of hexadecimal digits. */
export function fromHex(hex: string): Bytes {
  return Uint8Array.from({ length: hex.length >> 1 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** Joins parts to one array. A call with the parts as arguments would fail for long lists. */
export function joinBytes(parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
