/**
 * The lexer of postgresql.conf: `guc-file.l` and the line grammar of `ParseConfigFp`. The rules are the same in every
 * known major version. The lexer compares character codes instead of using regular expressions, so it takes linear time
 * on any input.
 */

import type { Span } from '../../text/span.ts';

/** A physical line as the server reads it. */
export type ScannedLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'comment'; readonly start: number }
  | {
      readonly kind: 'setting';
      readonly name: Span;
      readonly value: Span;
      readonly quoted: boolean;
      readonly hasEquals: boolean;
    }
  | { readonly kind: 'invalid'; readonly near: Span; readonly atEnd: boolean };

type TokenKind = 'id' | 'qualified' | 'string' | 'unquoted' | 'integer' | 'real' | 'equals' | 'error' | 'end';

interface Token extends Span {
  readonly kind: TokenKind;
}

/** Scans one physical line from offset `from` to the first `\n` or the end of the text. */
export function scanLine(text: string, from = 0): ScannedLine {
  const name = nextToken(text, from);
  if (name.kind === 'end') return commentOrBlank(text, name.start);
  if (name.kind !== 'id' && name.kind !== 'qualified') return invalid(name);
  let value = nextToken(text, name.end);
  const hasEquals = value.kind === 'equals';
  if (hasEquals) value = nextToken(text, value.end);
  // Two identifiers with one dot between them are not a value: `ssl_cert_file = server.crt` is a syntax error. `a.b.c`
  // is a value.
  if (value.kind === 'qualified' || value.kind === 'equals' || value.kind === 'error' || value.kind === 'end') {
    return invalid(value);
  }
  const rest = nextToken(text, value.end);
  if (rest.kind !== 'end') return invalid(rest);
  return { kind: 'setting', name, value, quoted: value.kind === 'string', hasEquals };
}

/** Returns whether a text can be the name of a setting in a file: one identifier, or two with a dot between them. */
export function isSettingName(text: string): boolean {
  const token = nextToken(text, 0);
  return (token.kind === 'id' || token.kind === 'qualified') && token.start === 0 && token.end === text.length;
}

/** Returns whether a text can be the value of any setting without quotes. */
export function isBareValue(text: string): boolean {
  return /^(?:[-+]?\d+[a-zA-Z]*|[-+]?\d+\.\d+|[a-zA-Z_]\w*)$/.test(text);
}

/** Returns a value without a quote or a backslash as a file contains it: in single quotes, unless it needs none. */
export function quotedIfNeeded(value: string): string {
  return isBareValue(value) ? value : `'${value}'`;
}

function commentOrBlank(text: string, end: number): ScannedLine {
  return text.charCodeAt(end) === hash ? { kind: 'comment', start: end } : { kind: 'blank' };
}

function invalid(token: Token): ScannedLine {
  return { kind: 'invalid', near: { start: token.start, end: token.end }, atEnd: token.kind === 'end' };
}

/** Skips blanks and returns the next token of a line. A comment counts as the end of the line. */
function nextToken(text: string, from: number): Token {
  let start = from;
  while (start < text.length && isBlank(text.charCodeAt(start))) start += 1;
  if (start >= text.length) return { kind: 'end', start, end: start };
  const code = text.charCodeAt(start);
  if (code === newline || code === hash) return { kind: 'end', start, end: start };
  if (code === quote) return stringToken(text, start);
  if (isLetter(code)) return wordToken(text, start);
  if (code === equals) return { kind: 'equals', start, end: start + 1 };
  return numberToken(text, start);
}

/**
 * Returns the longest match of the rule STRING, `\'([^'\\\n]|\\.|\'\')*\'`. A doubled quote continues the string only
 * if a closing quote follows.
 */
function stringToken(text: string, start: number): Token {
  let lastEnd = 0;
  let i = start + 1;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code === newline) break;
    if (code === backslash) {
      if (text.charCodeAt(i + 1) === newline) break;
      i += 2;
    } else if (code !== quote) {
      i += 1;
    } else {
      lastEnd = i + 1;
      if (text.charCodeAt(i + 1) !== quote) break;
      i += 2;
    }
  }
  return lastEnd === 0 ? { kind: 'error', start, end: start + 1 } : { kind: 'string', start, end: lastEnd };
}

/**
 * Returns the longest match of the rules ID, QUALIFIED_ID and UNQUOTED_STRING. If two matches have the same length, the
 * rule that comes first in this list wins.
 */
function wordToken(text: string, start: number): Token {
  const idEnd = skip(text, start, letter | digit);
  const end = skip(text, idEnd, letter | digit | punctuation);
  if (end === idEnd) return { kind: 'id', start, end };
  const qualified =
    text.charCodeAt(idEnd) === dot &&
    isLetter(text.charCodeAt(idEnd + 1)) &&
    skip(text, idEnd + 1, letter | digit) === end;
  return { kind: qualified ? 'qualified' : 'unquoted', start, end };
}

/**
 * Returns the longer match of the rules INTEGER and REAL. If neither rule matches, returns the single character as an
 * error token.
 */
function numberToken(text: string, start: number): Token {
  const code = text.charCodeAt(start);
  const digits = code === plus || code === minus ? start + 1 : start;
  const digitsEnd = skip(text, digits, digit);
  if (text.charCodeAt(digitsEnd) === dot) {
    const end = skip(text, digitsEnd + 1, digit);
    return { kind: 'real', start, end: exponentEnd(text, end) };
  }
  if (digitsEnd === digits) return { kind: 'error', start, end: start + 1 };
  let end = skip(text, digitsEnd, unitLetter);
  if (digitsEnd === digits + 1 && text.startsWith('0x', digits)) {
    const hexEnd = skip(text, digits + 2, digit | hexLetter);
    if (hexEnd > digits + 2) end = Math.max(end, skip(text, hexEnd, unitLetter));
  }
  return { kind: 'integer', start, end };
}

function exponentEnd(text: string, from: number): number {
  if ((text.charCodeAt(from) | 0x20) !== 0x65) return from;
  const sign = text.charCodeAt(from + 1);
  const digits = sign === plus || sign === minus ? from + 2 : from + 1;
  const end = skip(text, digits, digit);
  return end > digits ? end : from;
}

/** Returns the offset of the first character, at `from` or later, that is in none of the given character classes. */
function skip(text: string, from: number, classes: number): number {
  let i = from;
  while (i < text.length && (classOf(text.charCodeAt(i)) & classes) !== 0) i += 1;
  return i;
}

/** The character code of a line feed. */
export const newline = 0x0a;
/** The character code of `#`. */
export const hash = 0x23;
const quote = 0x27;
const plus = 0x2b;
const minus = 0x2d;
const dot = 0x2e;
const equals = 0x3d;
const backslash = 0x5c;

// The character classes. Each class is one bit.
const digit = 1;
const hexLetter = 2;
const unitLetter = 4;
const otherLetter = 8;
const punctuation = 16;
const letter = unitLetter | otherLetter;

const classesOfAscii = new Uint8Array(0x80);
setClass('0123456789', digit);
setClass('abcdefABCDEF', unitLetter | hexLetter);
setClass('ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ', unitLetter);
setClass('_', otherLetter);
setClass('-./:', punctuation);

function setClass(characters: string, classes: number): void {
  for (let i = 0; i < characters.length; i++) classesOfAscii[characters.charCodeAt(i)] = classes;
}

/**
 * Returns the classes of a character, or 0 past the end of the text, where the code is NaN. The server treats every
 * byte from 0x80 up as a letter, so every character from U+0080 up is a letter.
 */
function classOf(code: number): number {
  if (code < 0x80) return classesOfAscii[code]!;
  return code >= 0x80 ? otherLetter : 0;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}

/** Returns whether a name can start with the character. */
export function isLetter(code: number): boolean {
  return (classOf(code) & letter) !== 0;
}
