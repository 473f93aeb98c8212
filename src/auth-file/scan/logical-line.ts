import { firstPosition } from '../../first-position.ts';
import { byteLength, type FileEncoding } from '../../text/bytes.ts';
import type { ScanRules } from './scan-rules.ts';

/** A logical line, prepared for the scanner. */
export interface LogicalLine {
  /** The scanned characters: without line ends, without continuations, and without characters that a NUL hides. */
  readonly content: string;
  /**
   * The places where physical lines were joined. From offset `at` of `content` on, the offset in the line's text is the
   * offset in `content` plus `shift`.
   */
  readonly joins: readonly { readonly at: number; readonly shift: number }[];
  /**
   * The number by which the server increases its line number. A line that a backslash joined is counted; a line that a
   * NUL joined is not counted.
   */
  readonly serverLines: number;
  /** `true` if the line is too long for the server's buffer. */
  readonly tooLong: boolean;
}

const noJoins: LogicalLine['joins'] = [];
const newline = 0x0a;
const carriageReturn = 0x0d;
const backslash = 0x5c;

/** Splits a file into the texts of its logical lines. Mirrors the reading in `tokenize_auth_file`. */
export function splitLogicalLines(text: string, encoding: FileEncoding, rules: ScanRules): string[] {
  const lines: string[] = [];
  let nul = indexOrEnd(text, '\0', 0);
  for (let start = 0; start < text.length; ) {
    let end = Math.min(indexOrEnd(text, '\n', start) + 1, text.length);
    if (rules.continuation && (nul < end || endsInBackslash(text, start, end))) {
      end = joinLines(text, start).end;
      if (nul < end) nul = indexOrEnd(text, '\0', end);
    }
    if (end - start >= rules.lineBuffer / 4) pushBufferfuls(lines, text.slice(start, end), encoding, rules);
    else lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}

function indexOrEnd(text: string, character: string, from: number): number {
  const index = text.indexOf(character, from);
  return index === -1 ? text.length : index;
}

/** Reads the text of one logical line for the scanner. */
export function readLogicalLine(text: string, encoding: FileEncoding, rules: ScanRules): LogicalLine {
  const nul = text.indexOf('\0');
  if (rules.continuation && (nul !== -1 || endsInBackslash(text, 0, text.indexOf('\n') + 1 || text.length))) {
    const { content, joins, serverLines } = joinLines(text, 0);
    return { content, joins, serverLines, tooLong: false };
  }
  const seen = nul === -1 ? text : text.slice(0, nul);
  const tooLong = seen.length >= rules.lineBuffer / 4 && byteLength(seen, encoding) >= rules.lineBuffer - 1;
  return { content: seen.slice(0, endOfContent(seen, 0, seen.length)), joins: noJoins, serverLines: 1, tooLong };
}

/** Converts an offset in `content` to an offset in the text of the line. */
export function textOffset(line: LogicalLine, offset: number): number {
  if (line.joins === noJoins) return offset;
  const after = firstPosition(line.joins.length, (i) => line.joins[i]!.at > offset);
  return offset + (line.joins[after - 1]?.shift ?? 0);
}

/**
 * Reads the logical line that begins at `start`, if continuations or NULs can join lines. `pg_get_line_append` searches
 * for the line end with `strlen`. If a NUL hides the line end, the function reads the next line, too. The server then
 * strips the line end and the carriage returns before it from the joined text. A backslash continues the line only if
 * it comes after the text that the last continuation joined.
 */
function joinLines(text: string, start: number): Omit<LogicalLine, 'tooLong'> & { end: number } {
  const joins: { at: number; shift: number }[] = [];
  const pieces: string[] = [];
  let length = 0;
  let joinedLength = 0;
  let serverLines = 1;
  let from = start;
  while (from < text.length) {
    if (from > start) joins.push({ at: length, shift: from - start - length });
    const found = text.indexOf('\n', from);
    const end = found === -1 ? text.length : found + 1;
    const nul = text.slice(from, end).indexOf('\0');
    pieces.push(text.slice(from, nul === -1 ? end : from + nul));
    length += pieces.at(-1)!.length;
    from = end;
    if (nul !== -1 && end < text.length) continue;
    length -= stripLineEnd(pieces);
    const last = pieces.at(-1) ?? '';
    if (length <= joinedLength || last.charCodeAt(last.length - 1) !== backslash) break;
    pieces[pieces.length - 1] = last.slice(0, -1);
    length -= 1;
    joinedLength = length;
    serverLines += 1;
  }
  return { content: pieces.join(''), joins, serverLines, end: from };
}

/**
 * Strips the line end and the carriage returns before it from the pieces of a line. Returns the number of characters.
 */
function stripLineEnd(pieces: string[]): number {
  let stripped = 0;
  for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
    const end = endOfContent(piece, 0, piece.length);
    stripped += piece.length - end;
    if (end > 0) {
      pieces.push(piece.slice(0, end));
      break;
    }
  }
  return stripped;
}

/**
 * Returns the offset at which the content of a line ends, before its line end and carriage returns (`pg_strip_crlf`).
 */
export function endOfContent(text: string, start: number, end: number): number {
  let stop = end;
  while (stop > start) {
    const code = text.charCodeAt(stop - 1);
    if (code !== newline && code !== carriageReturn) break;
    stop -= 1;
  }
  return stop;
}

/** Returns whether a physical line ends in a backslash, before its line end and carriage returns. */
export function endsInBackslash(text: string, start: number, end: number): boolean {
  const stop = endOfContent(text, start, end);
  return stop > start && text.charCodeAt(stop - 1) === backslash;
}

/**
 * Splits a line that is longer than the buffer into the pieces that `fgets` reads. The server refuses the first piece
 * and treats each further piece as a separate line. If the buffer ends inside a character of several bytes, the whole
 * character goes to the first of the two pieces.
 */
function pushBufferfuls(lines: string[], text: string, encoding: FileEncoding, rules: ScanRules): void {
  let start = 0;
  let bytes = 0;
  for (let i = 0; i < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(i)!);
    bytes += byteLength(character, encoding);
    i += character.length;
    if (bytes >= rules.lineBuffer - 1 || i === text.length) {
      lines.push(text.slice(start, i));
      start = i;
      bytes = 0;
    }
  }
}
