import { byteLength, decodeText, encodeText, type FileEncoding, fromFileText } from '../text/bytes.ts';
import { type LogicalLine, readLogicalLine, textOffset } from './logical-line.ts';
import type { ScanRules } from './scan-rules.ts';

/** A token of a line: a word with its quotes taken off. */
export interface Token {
  /** The word. */
  readonly value: string;
  /** Whether it began with a quote, which is what takes their meaning from keywords, `+` and `@` (`initial_quote`). */
  readonly quoted: boolean;
  /** Offset of its first character in the line's text. */
  readonly start: number;
  /** Offset after its last character in the line's text. */
  readonly end: number;
}

/** A column of a line: the words of a comma-separated list. Never empty. */
export type Field = readonly [Token, ...Token[]];

/** A logical line as the server's scanner sees it. */
export interface ScannedLine {
  /** Its columns; none for a blank line or a comment. */
  readonly fields: readonly Field[];
  /** Offset in the line's text of the `#` of its comment, where it has one. */
  readonly commentStart?: number;
  /** Offset in the line's text of a quote that is never closed, where there is one. */
  readonly openQuote?: number;
  /** Offset in the line's text of a comma that stands behind a blank and so joins nothing, where there is one. */
  readonly strayComma?: number;
  /** How many lines the server counts it as. */
  readonly serverLines: number;
  /** What did not fit: the scanner refuses the line, or has cut the token; the fields are those it has read. */
  readonly problem?: ScanProblem;
}

/** A line or token that is too long for the server's buffers. */
export interface ScanProblem {
  /** Which one, and for a token whether it is cut (9.6) or makes an error of its line. */
  readonly kind: 'line-too-long' | 'token-too-long' | 'token-cut';
  /** Offset of its first character in the line's text. */
  readonly start: number;
  /** Offset after its last character in the line's text. */
  readonly end: number;
}

const tab = 0x09;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const hash = 0x23;
const comma = 0x2c;

/** Scans the text of one logical line. Mirrors `next_field_expand` and `next_token`, without the expansion of `@file`. */
export function scanLine(text: string, encoding: FileEncoding, rules: ScanRules): ScannedLine {
  const line = readLogicalLine(text, encoding, rules);
  const { serverLines } = line;
  if (line.tooLong) return { fields: [], serverLines, problem: { kind: 'line-too-long', start: 0, end: text.length } };
  return new LineScanner(line, encoding, rules).scan();
}

/** Whether a token is replaced by the words of the file that it names (`next_field_expand`). */
export function namesFile(token: Token): boolean {
  return !token.quoted && token.value.length > 1 && token.value.startsWith('@');
}

/** The state of one scan; it lives as long as the call of {@link scanLine}. */
class LineScanner {
  readonly #line: LogicalLine;
  readonly #encoding: FileEncoding;
  readonly #rules: ScanRules;
  readonly #content: string;
  #offset = 0;
  #commentStart: number | undefined;
  #openQuote: number | undefined;
  #strayComma: number | undefined;
  #problem: ScannedLine['problem'];

  constructor(line: LogicalLine, encoding: FileEncoding, rules: ScanRules) {
    this.#line = line;
    this.#encoding = encoding;
    this.#rules = rules;
    this.#content = line.content;
  }

  scan(): ScannedLine {
    const fields: Field[] = [];
    let field: [Token, ...Token[]] | undefined;
    for (;;) {
      const start = this.#offset;
      if (!this.#skipBlanksAndCommas()) break;
      if (field === undefined && fields.length > 0) this.#noteStrayComma(start);
      const token = this.#token();
      if (token === undefined) break;
      if (field === undefined) {
        field = [token];
        fields.push(field);
      } else field.push(token);
      // A comma right behind a token makes the next token one of the same column, whatever blanks stand between.
      if (this.#content.charCodeAt(this.#offset) !== comma) field = undefined;
    }
    return {
      fields,
      serverLines: this.#line.serverLines,
      ...(this.#commentStart === undefined ? {} : { commentStart: this.#commentStart }),
      ...(this.#openQuote === undefined ? {} : { openQuote: this.#openQuote }),
      ...(this.#strayComma === undefined ? {} : { strayComma: this.#strayComma }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  /** Moves to the next token; false at the end of the line or at its comment. */
  #skipBlanksAndCommas(): boolean {
    const content = this.#content;
    while (this.#offset < content.length) {
      const code = content.charCodeAt(this.#offset);
      if (code === hash) this.#commentStart = textOffset(this.#line, this.#offset);
      if (code === hash) return false;
      if (code !== comma && !this.#isBlank(code)) return true;
      this.#offset += 1;
    }
    return false;
  }

  #noteStrayComma(start: number): void {
    const comma = this.#content.slice(start, this.#offset).indexOf(',');
    if (comma !== -1) this.#strayComma ??= textOffset(this.#line, start + comma);
  }

  #token(): Token | undefined {
    const content = this.#content;
    const start = this.#offset;
    let end = start;
    for (; end < content.length; end++) {
      const code = content.charCodeAt(end);
      if (code === quote) return this.#quotedToken(start);
      if (code === comma || code === hash || this.#isBlank(code)) break;
    }
    this.#offset = end;
    return this.#finish(content.slice(start, end), false, start);
  }

  /** A token with quotes in it. A quote right behind a closing one is copied, and opens again. */
  #quotedToken(start: number): Token | undefined {
    const content = this.#content;
    const pieces: string[] = [];
    let pieceStart = start;
    let inQuote = false;
    let wasQuote = false;
    let lastQuote = start;
    let end = start;
    for (; end < content.length; end++) {
      const code = content.charCodeAt(end);
      if (code === quote) {
        pieces.push(content.slice(wasQuote ? end : pieceStart, wasQuote ? end + 1 : end));
        wasQuote = inQuote && !wasQuote;
        inQuote = !inQuote;
        lastQuote = end;
        pieceStart = end + 1;
      } else {
        if (!inQuote && (code === comma || code === hash || this.#isBlank(code))) break;
        wasQuote = false;
      }
    }
    pieces.push(content.slice(pieceStart, end));
    if (inQuote) this.#openQuote = textOffset(this.#line, lastQuote);
    this.#offset = end;
    return this.#finish(pieces.join(''), content.charCodeAt(start) === quote, start);
  }

  #finish(value: string, quoted: boolean, start: number): Token | undefined {
    const end = this.#offset;
    const span = { start: textOffset(this.#line, start), end: textOffset(this.#line, end - 1) + 1 };
    if (this.#isTooLong(value, end)) {
      const cut = this.#rules.longTokenIsCut;
      this.#problem = { kind: cut ? 'token-cut' : 'token-too-long', ...span };
      if (!cut) return undefined;
      this.#offset = this.#content.length;
      const bytes = encodeText(value, this.#encoding).subarray(0, this.#rules.tokenBuffer - 1);
      return { value: decodeText(bytes).text, quoted, ...span };
    }
    return { value: fromFileText(value, this.#encoding), quoted, ...span };
  }

  #isTooLong(value: string, end: number): boolean {
    const room = this.#rules.tokenBuffer - 1;
    if (value.length * 4 < room) return false;
    const bytes = byteLength(value, this.#encoding);
    // The buffer is checked before each further character, so that a comma or a closing quote needs a free byte, too.
    const next = this.#content.charCodeAt(end);
    return bytes > room || (bytes === room && (next === comma || this.#content.charCodeAt(end - 1) === quote));
  }

  #isBlank(code: number): boolean {
    return code === space || code === tab || (code === carriageReturn && this.#rules.carriageReturnIsBlank);
  }
}
