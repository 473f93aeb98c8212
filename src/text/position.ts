/** A place in a file's text. */
export interface Position {
  /** 1-based physical line, as the server counts them. */
  readonly line: number;
  /** 1-based column in UTF-16 code units. */
  readonly column: number;
}

/** A piece of a file's text; `end` is the place after its last character. */
export interface Range {
  /** Where it begins. */
  readonly start: Position;
  /** Where it ends, exclusive. */
  readonly end: Position;
}

/** The place `offset` characters into a piece of text whose first character stands in physical line `firstLine`. */
export function positionAt(text: string, offset: number, firstLine: number): Position {
  let line = firstLine;
  let lineStart = 0;
  for (let newline = text.indexOf('\n'); newline !== -1 && newline < offset; newline = text.indexOf('\n', lineStart)) {
    line += 1;
    lineStart = newline + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

/** The places of a piece of text whose first character stands in line `firstLine`; the text is gone through once for all. */
export function placesIn(text: string, firstLine: number): (offset: number) => Position {
  const lineStarts = [0];
  for (let newline = text.indexOf('\n'); newline !== -1; newline = text.indexOf('\n', newline + 1)) {
    lineStarts.push(newline + 1);
  }
  return (offset) => {
    let line = 0;
    for (let to = lineStarts.length; to - line > 1; ) {
      const middle = (line + to) >> 1;
      if (lineStarts[middle]! <= offset) line = middle;
      else to = middle;
    }
    return { line: firstLine + line, column: offset - lineStarts[line]! + 1 };
  };
}

/** The range from `start` to `end` (offsets) of a piece of text whose first character stands in line `firstLine`. */
export function rangeAt(text: string, start: number, end: number, firstLine: number): Range {
  return { start: positionAt(text, start, firstLine), end: positionAt(text, end, firstLine) };
}

/** How many line ends a text holds: by so many lines does it move what comes after it. */
export function countLineEnds(text: string): number {
  let count = 0;
  for (let newline = text.indexOf('\n'); newline !== -1; newline = text.indexOf('\n', newline + 1)) count += 1;
  return count;
}
