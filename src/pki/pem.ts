import { decodeBase64, encodeBase64 } from './base64.ts';
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
  let lines = '';
  for (let start = 0; start < der.length; start += 48) lines += `${encodeBase64(der.subarray(start, start + 48))}\n`;
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
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
