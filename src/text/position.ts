import { firstPosition } from '../first-position.ts';
import { trimEndOf } from './trim-end.ts';

/** A place in a file's text. */
export interface Position {
  /** The 1-based physical line, as the server counts lines. */
  readonly line: number;
  /** The 1-based column in UTF-16 code units. */
  readonly column: number;
}

/** A part of a file's text. */
export interface Range {
  /** The place of the first character. */
  readonly start: Position;
  /** The place after the last character. */
  readonly end: Position;
}

/** Returns the place of an offset in a text that starts at physical line `firstLine`. */
function positionAt(text: string, offset: number, firstLine: number): Position {
  let line = firstLine;
  let lineStart = 0;
  for (let newline = text.indexOf('\n'); newline !== -1 && newline < offset; newline = text.indexOf('\n', lineStart)) {
    line += 1;
    lineStart = newline + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

/**
 * Returns a function that converts an offset in a text to a line and a column. The text starts at physical line
 * `firstLine`, and is searched for line ends only once.
 */
export function placesIn(text: string, firstLine: number): (offset: number) => Position {
  const lineStarts = lineStartsOf(text);
  return (offset) => {
    const line = firstPosition(lineStarts.length, (i) => lineStarts[i]! > offset) - 1;
    return { line: firstLine + line, column: offset - lineStarts[line]! + 1 };
  };
}

/**
 * Returns a function that converts a line and a column of a file to an offset in its text. The text is searched for
 * line ends only once.
 */
export function offsetsIn(text: string): (position: Position) => number {
  const lineStarts = lineStartsOf(text);
  return ({ line, column }) => lineStarts[line - 1]! + column - 1;
}

function lineStartsOf(text: string): number[] {
  const lineStarts = [0];
  for (let newline = text.indexOf('\n'); newline !== -1; newline = text.indexOf('\n', newline + 1)) {
    lineStarts.push(newline + 1);
  }
  return lineStarts;
}

/** Returns the range between two offsets of a text that starts at physical line `firstLine`. */
export function rangeAt(text: string, start: number, end: number, firstLine: number): Range {
  return { start: positionAt(text, start, firstLine), end: positionAt(text, end, firstLine) };
}

/** The empty range at the start of a file, for a diagnostic that is about no line. */
export const startOfFile: Range = Object.freeze({
  start: Object.freeze({ line: 1, column: 1 }),
  end: Object.freeze({ line: 1, column: 1 }),
});

/** Returns the range of the first physical line of a text, without its line end. */
export function firstLineRange(text: string, line: number): Range {
  const first = trimEndOf(text.split('\n')[0]!, '\r');
  return { start: { line, column: 1 }, end: { line, column: first.length + 1 } };
}

/** Returns the number of line ends in a text. */
export function countLineEnds(text: string): number {
  let count = 0;
  for (let newline = text.indexOf('\n'); newline !== -1; newline = text.indexOf('\n', newline + 1)) count += 1;
  return count;
}
