import type { Bytes } from './der.ts';

/** One block of a PEM file (RFC 7468, and RFC 1421 for the headers of traditional encrypted keys). */
export interface PemBlock {
  /** What stands after BEGIN: `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string;
  /** The header lines as they stand, such as `DEK-Info: DES-EDE3-CBC,…`. */
  readonly headers: readonly string[];
  /** The decoded content. */
  readonly der: Bytes;
  /** The block's own text, from BEGIN to END, with a final newline. */
  readonly text: string;
}

/** A PEM block with lines of 64 characters and a final newline. */
export function encodePem(label: string, der: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${encodeBase64(der).replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;
}

/** The blocks of a PEM text, in their order. Text around the blocks is passed over, as OpenSSL does. */
export function decodePem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const match of text.matchAll(
    /-----BEGIN ([^\r\n-]+)-----[ \t]*\r?\n([^-]*(?:-(?!----)[^-]*)*)-----END \1-----/g,
  )) {
    const lines = match[2]!.split(/\r?\n/);
    const headerEnd = lines[0]!.includes(':') ? lines.findIndex((line) => line.trim() === '') : 0;
    const body = lines.slice(Math.max(headerEnd, 0)).join('').replace(/\s/g, '');
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(body)) continue;
    blocks.push({
      label: match[1]!,
      headers: lines.slice(0, Math.max(headerEnd, 0)),
      der: decodeBase64(body),
      text: `${match[0].replaceAll('\r\n', '\n')}\n`,
    });
  }
  return blocks;
}

/** Bytes in base64, without line breaks. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x2000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  return btoa(binary);
}

/** The bytes of a base64 text. */
export function decodeBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
