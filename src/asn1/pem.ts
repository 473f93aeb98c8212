import { trimSpaces } from '../c/ascii.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import type { Bytes } from './bytes.ts';
import { derTag } from './der.ts';

/** One block of a PEM file (RFC 7468, and RFC 1421 for the headers of traditional encrypted keys). */
export interface PemBlock {
  /** The label after BEGIN: `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string;
  /** The header lines of the block, such as `DEK-Info: DES-EDE3-CBC,…`. */
  readonly headers: readonly string[];
  /** The decoded content; empty if the block is damaged. */
  readonly der: Bytes;
  /** The text of the block, from BEGIN to END, with a final newline. */
  readonly text: string;
}

/**
 * The labels under which OpenSSL reads a certificate. TRUSTED CERTIFICATE is not included, because its block has
 * further data in a format of OpenSSL.
 */
const certificateLabels: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);

/** Returns whether OpenSSL reads a block as a certificate. */
export function isCertificateBlock({ label }: PemBlock): boolean {
  return certificateLabels.has(label);
}

/** Returns whether a block contains a private key, encrypted or not. */
export function isPrivateKeyBlock({ label }: PemBlock): boolean {
  return label.endsWith('PRIVATE KEY');
}

/** Makes a PEM block with lines of 64 characters and a final newline. */
export function encodePem(label: string, der: Uint8Array): string {
  let lines = '';
  for (let start = 0; start < der.length; start += 48) lines += `${encodeBase64(der.subarray(start, start + 48))}\n`;
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}

/**
 * Returns the text of a PEM source, or `undefined` if the source is DER. DER begins with a SEQUENCE, whose first byte
 * is the digit 0 in ASCII. Because PEM can have any text before its first block, a source that begins with this byte is
 * PEM only if it has a BEGIN line.
 */
export function pemText(source: string | Uint8Array): string | undefined {
  if (typeof source === 'string') return source;
  const text = new TextDecoder().decode(source);
  return text.includes('-----BEGIN ') || source[0] !== derTag.sequence ? text : undefined;
}

/**
 * Returns the blocks of a PEM text in their order. Text around the blocks is ignored, as in OpenSSL. A damaged block
 * has an empty content: a block that is not base64, or whose end line is missing, for example because two files were
 * joined without a line break.
 */
export function decodePem(text: string): readonly PemBlock[] {
  // All BEGIN and END lines are found in one pass. A search for the END of each BEGIN would take quadratic time.
  const marks = [...text.matchAll(/^-----(BEGIN|END) ([^\r\n-]+)-----[ \t]*\r?$/gm)];
  return marks.flatMap((begin, i) => (begin[1] === 'BEGIN' ? [blockBetween(text, begin, marks[i + 1])] : []));
}

/** Returns the block from a BEGIN line to the next line that begins or ends a block. */
function blockBetween(text: string, begin: RegExpExecArray, next: RegExpExecArray | undefined): PemBlock {
  const label = begin[2]!;
  const lines = text.slice(begin.index + begin[0].length + 1, next?.index).split(/\r?\n/);
  const headerEnd = lines[0]!.includes(':')
    ? Math.max(
        lines.findIndex((line) => trimSpaces(line) === ''),
        0,
      )
    : 0;
  const body = lines
    .slice(headerEnd)
    .join('')
    .replace(/[ \t-\r]/g, '');
  const isWhole = next?.[1] === 'END' && next[2] === label && isBase64(body);
  return {
    label,
    headers: lines.slice(0, headerEnd),
    der: isWhole ? decodeBase64(body) : new Uint8Array(),
    text: `-----BEGIN ${label}-----\n${lines.join('\n')}-----END ${label}-----\n`,
  };
}

/**
 * Returns whether a text is base64. The regular expression does not repeat groups of four characters, because V8 would
 * need a stack frame for each group, and CRLs can have megabytes.
 */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
