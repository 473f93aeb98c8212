/** Bytes that WebCrypto accepts. WebCrypto refuses the bytes of a SharedArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Converts bytes to a text. Each byte becomes one character, as in ASCII and Latin-1. */
export function asciiText(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += String.fromCharCode(octet);
  return text;
}

/** Converts a text to bytes. Each character must fit in one byte, as in ASCII. */
export function asciiBytes(text: string): Bytes {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Converts bytes to lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const octet of bytes) hex += octet.toString(16).padStart(2, '0');
  return hex;
}

/** Converts hexadecimal digits to bytes. The number of digits must be even. */
export function fromHex(hex: string): Bytes {
  return Uint8Array.from({ length: hex.length >> 1 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** Joins arrays of bytes to one array. The parameter is a list, because a call with very many arguments would fail. */
export function joinBytes(parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
