import { trimSpaces } from '../c/ascii.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import type { Bytes } from './bytes.ts';

/** One block of a PEM file (RFC 7468, and RFC 1421 for the headers of traditional encrypted keys). */
export interface PemBlock {
  /** What stands after BEGIN: `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string;
  /** The header lines as they stand, such as `DEK-Info: DES-EDE3-CBC,…`. */
  readonly headers: readonly string[];
  /** The decoded content; empty where the block is damaged. */
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

/**
 * The blocks of a PEM text, in their order. Text around the blocks is passed over, as OpenSSL does. A block that is damaged
 * (no end line of its own, as where two files were joined without a line break, or no base64) has an empty content.
 */
export function decodePem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const begin of text.matchAll(/^-----BEGIN ([^\r\n-]+)-----[ \t]*\r?\n/gm)) {
    const start = begin.index + begin[0].length;
    const label = begin[1]!;
    const end = /^-----END ([^\r\n-]+)-----[ \t]*\r?$/m.exec(text.slice(start));
    const lines = text.slice(start, start + (end?.index ?? 0)).split(/\r?\n/);
    const headerEnd = lines[0]!.includes(':') ? lines.findIndex((line) => trimSpaces(line) === '') : 0;
    const body = lines
      .slice(Math.max(headerEnd, 0))
      .join('')
      .replace(/[ \t-\r]/g, '');
    const isWhole = end?.[1] === label && isBase64(body);
    blocks.push({
      label,
      headers: lines.slice(0, Math.max(headerEnd, 0)),
      der: isWhole ? decodeBase64(body) : new Uint8Array(),
      text: `${begin[0]}${lines.join('\n')}-----END ${label}-----\n`.replaceAll('\r\n', '\n'),
    });
  }
  return blocks;
}

/** Repeating a group of four would take V8 a stack frame for each, and lists can have megabytes. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
