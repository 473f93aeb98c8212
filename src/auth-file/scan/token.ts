import { byteLength, decodeText, encodeText, type FileEncoding, tokenOfFileText } from '../../text/bytes.ts';
import { readLogicalLine, textOffset } from './logical-line.ts';
import type { ScanRules } from './scan-rules.ts';

/** A token of a line: a word without its quotes. */
export interface Token {
  /** The word without its quotes. */
  readonly value: string;
  /** `true` if the word began with a quote. Keywords, `+` and `@` then have no special effect (`initial_quote`). */
  readonly quoted: boolean;
  /** The offset of the first character in the line's text. */
  readonly start: number;
  /** The offset after the last character in the line's text. */
  readonly end: number;
}

/** A field of a line: the tokens of a comma-separated list. A field has at least one token. */
export type Field = readonly [Token, ...Token[]];

/** A scanned logical line. */
export interface ScannedLine {
  /** The fields; empty for a blank line or a comment. */
  readonly fields: readonly Field[];
  /** The offset of the `#` in the line's text, if the line has a comment. */
  readonly commentStart: number | undefined;
  /** The offset in the line's text of a quote that is never closed. */
  readonly openQuote: number | undefined;
  /** The offset in the line's text of a comma that joins nothing, because a blank is in front of the comma. */
  readonly strayComma: number | undefined;
  /** The number by which the server increases its line number for this logical line. */
  readonly serverLines: number;
  /**
   * The line or token that is too long for the server. If there is such a problem, `fields` has the tokens before it,
   * and also the token that the server cuts.
   */
  readonly problem: ScanProblem | undefined;
}

/** A line or token that is too long for the server's buffers. */
export interface ScanProblem {
  /**
   * The kind of problem. If a token is too long, the server cuts the token (`token-cut`, 9.6) or refuses the line
   * (`token-too-long`).
   */
  readonly kind: 'line-too-long' | 'token-too-long' | 'token-cut';
  /** The offset of the first character in the line's text. */
  readonly start: number;
  /** The offset after the last character in the line's text. */
  readonly end: number;
}

const tab = 0x09;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const hash = 0x23;
const comma = 0x2c;

/**
 * Scans the text of one logical line. Mirrors `next_field_expand` and `next_token`, without the expansion of `@file`.
 */
export function scanLine(text: string, encoding: FileEncoding, rules: ScanRules): ScannedLine {
  const line = readLogicalLine(text, encoding, rules);
  const { content, serverLines } = line;
  const fields: Field[] = [];
  let commentStart: number | undefined;
  let openQuote: number | undefined;
  let strayComma: number | undefined;
  let problem: ScanProblem | undefined;
  // The server refuses a line that is too long, and does not scan it.
  if (line.tooLong) problem = { kind: 'line-too-long', start: 0, end: text.length };
  let field: [Token, ...Token[]] | undefined;
  let offset = line.tooLong ? content.length : 0;
  while (offset < content.length) {
    const code = content.charCodeAt(offset);
    if (code === hash) {
      commentStart = textOffset(line, offset);
      break;
    }
    if (code === comma || isBlank(code, rules)) {
      // A comma directly after a token joins the next token to the field, even if blanks follow the comma.
      if (code === comma && field === undefined && fields.length > 0) strayComma ??= textOffset(line, offset);
      offset += 1;
      continue;
    }
    const start = offset;
    offset = endOfBareWord(content, start, rules);
    let value: string;
    if (content.charCodeAt(offset) === quote) {
      const word = readQuotedWord(content, start, rules);
      offset = word.end;
      if (word.openQuote !== undefined) openQuote = textOffset(line, word.openQuote);
      ({ value } = word);
    } else value = content.slice(start, offset);
    if (isTooLong(value, content, offset, encoding, rules)) {
      const kind = rules.longTokenIsCut ? 'token-cut' : 'token-too-long';
      problem = { kind, start: textOffset(line, start), end: textOffset(line, offset - 1) + 1 };
      if (kind === 'token-too-long') break;
      value = decodeText(encodeText(value, encoding).subarray(0, rules.tokenBuffer - 1)).text;
      offset = content.length;
    }
    const token: Token = {
      value: tokenOfFileText(value, encoding),
      quoted: code === quote,
      start: textOffset(line, start),
      end: textOffset(line, offset - 1) + 1,
    };
    if (field === undefined) {
      field = [token];
      fields.push(field);
    } else field.push(token);
    if (content.charCodeAt(offset) !== comma) field = undefined;
  }
  // A comma at the end of the line is harmless, because no token follows.
  if (strayComma !== undefined && isLast(strayComma, fields)) strayComma = undefined;
  return { fields, commentStart, openQuote, strayComma, serverLines, problem };
}

/** Returns whether the scanner refuses the line because the line or a token is too long for the server. */
export function isRefused({ problem }: ScannedLine): boolean {
  return problem !== undefined && problem.kind !== 'token-cut';
}

/** Returns whether the server replaces a token by the words of the file that the token names (`next_field_expand`). */
export function namesFile(token: Token): boolean {
  return !token.quoted && token.value.length > 1 && token.value.startsWith('@');
}

/**
 * Returns the offset at which a word ends, or the offset of the first quote inside the word. The loop is left by
 * `return`, because Node.js 26.10 (V8's compiler Maglev) sometimes computes a wrong offset after `break`.
 */
function endOfBareWord(content: string, start: number, rules: ScanRules): number {
  for (let i = start; i < content.length; i++) {
    const code = content.charCodeAt(i);
    // The quote and all characters that end a word have smaller character codes than letters and digits, so one
    // comparison skips most characters.
    if (code <= comma && (code === quote || code === comma || code === hash || isBlank(code, rules))) return i;
  }
  return content.length;
}

/** Reads a word with quotes: parts outside and inside quotes, in turns. */
function readQuotedWord(
  content: string,
  start: number,
  rules: ScanRules,
): {
  /** The word without its quotes. */
  readonly value: string;
  /** The offset after the last character. */
  readonly end: number;
  /** The offset of a quote that is never closed. */
  readonly openQuote: number | undefined;
} {
  let end = endOfBareWord(content, start, rules);
  let openQuote: number | undefined;
  while (content.charCodeAt(end) === quote) {
    const close = content.indexOf('"', end + 1);
    if (close === -1) openQuote = end;
    end = close === -1 ? content.length : endOfBareWord(content, close + 1, rules);
  }
  return { value: withoutQuotes(content.slice(start, end)), end, openQuote };
}

/** Returns a word without its quotes. A quote directly after a closing quote is copied and opens the quotes again. */
function withoutQuotes(word: string): string {
  // Parts with an even index are outside quotes.
  const parts = word.split('"');
  const isCopied = (i: number): boolean => parts[i] === '' && i % 2 === 0 && i > 0 && i < parts.length - 1;
  return parts.map((part, i) => (isCopied(i) ? '"' : part)).join('');
}

function isTooLong(value: string, content: string, end: number, encoding: FileEncoding, rules: ScanRules): boolean {
  const room = rules.tokenBuffer - 1;
  if (value.length * 4 < room) return false;
  const bytes = byteLength(value, encoding);
  // The server checks for space in the buffer before it reads each further character. A comma or a closing quote
  // therefore also needs a free byte, although it is not stored.
  return (
    bytes > room || (bytes === room && (content.charCodeAt(end) === comma || content.charCodeAt(end - 1) === quote))
  );
}

function isBlank(code: number, rules: ScanRules): boolean {
  return code === space || code === tab || (code === carriageReturn && rules.carriageReturnIsBlank);
}

function isLast(offset: number, fields: readonly Field[]): boolean {
  return fields.at(-1)!.at(-1)!.end <= offset;
}
