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
  /**
   * The text of the block, from BEGIN to END, with a final newline. If the block has no END line of its own, neither
   * has the text.
   */
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

/** Returns whether a passphrase encrypts the private key of a block. */
export function isEncryptedBlock({ label, headers }: PemBlock): boolean {
  // The only header that a whole block can begin with is the one of an encrypted key.
  return label === 'ENCRYPTED PRIVATE KEY' || headers.length > 0;
}

/**
 * Returns the blocks of a PEM text in their order. Text around the blocks is ignored, as in OpenSSL. A block that
 * OpenSSL cannot read is damaged and has an empty content: a block that is not base64, that has an unknown header, or
 * whose end line is missing, for example because two files were joined without a line break (`PEM_read_bio_ex`,
 * `get_name` and `get_header_and_data`). Only a line feed ends a line. OpenSSL drops blanks and control characters at
 * the end of a line, and a byte order mark at the start of the text and after an END line.
 */
export function decodePem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: OpenBlock | undefined;
  let mayHaveMark = true;
  for (const raw of text.split('\n')) {
    const line = withoutTail(mayHaveMark && raw.startsWith('\ufeff') ? raw.slice(1) : raw);
    const begun = beginLine.exec(line)?.[1];
    const isEnd = open !== undefined && line.startsWith('-----END ');
    mayHaveMark = isEnd;
    if (open !== undefined && (begun !== undefined || isEnd)) {
      blocks.push(closed(open, { hasEnd: line === `-----END ${open.label}-----` }));
      open = undefined;
    }
    if (begun !== undefined) open = { label: begun, lines: [] };
    else open?.lines.push(line);
  }
  return open === undefined ? blocks : [...blocks, closed(open, { hasEnd: false })];
}

const beginLine = /^-----BEGIN ([^\r-]+)-----$/;

/** A block whose end line was not read yet. */
interface OpenBlock {
  readonly label: string;
  readonly lines: string[];
}

/** Returns a line without the blanks and control characters at its end (`sanitize_line`). */
function withoutTail(line: string): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) <= 0x20) end -= 1;
  return line.slice(0, end);
}

function closed({ label, lines }: OpenBlock, { hasEnd }: { readonly hasEnd: boolean }): PemBlock {
  // The first empty line ends the headers. A block without an empty line has no headers.
  const blank = lines.indexOf('');
  const headers = lines.slice(0, Math.max(blank, 0));
  const content = lines.slice(blank + 1);
  const body = content.join('').replace(/[ \t\r]+/g, '');
  const isWhole =
    hasEnd &&
    (headers.length === 0 || encryptedHeader.test(headers[0]!)) &&
    (blank === -1 || hasFullLines(content)) &&
    isBase64(body);
  const begin = `-----BEGIN ${label}-----\n${lines.map((line) => `${line}\n`).join('')}`;
  return {
    label,
    headers,
    der: isWhole ? decodeBase64(body) : new Uint8Array(),
    text: hasEnd ? `${begin}-----END ${label}-----\n` : begin,
  };
}

/** The first header of an encrypted key. OpenSSL refuses any other header (`PEM_get_EVP_CIPHER_INFO`). */
const encryptedHeader = /^Proc-Type:[ \t]*4,[ \t]*ENCRYPTED$/;

/** Returns whether each line but the last has 64 characters, as OpenSSL demands after an empty line. */
function hasFullLines(lines: readonly string[]): boolean {
  return lines.every((line, i) => (i === lines.length - 1 ? line.length <= 64 : line.length === 64));
}

/**
 * Returns whether a text is base64. The regular expression does not repeat groups of four characters, because V8 would
 * need a stack frame for each group, and CRLs can have megabytes.
 */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
