const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const backslash = 0x5c;
const lineSize = 128;
const wordSize = 256;
const freeWords = 32;

/**
 * The largest size of all included files together that a parser follows, because files that include the same files again
 * and again can multiply exponentially. The words of an `@file` become words of one line, so that they count, too.
 */
export const mostIncluded: number = 32 * 1024 * 1024;

/** The reason in a diagnostic about a file that is not followed because of {@link mostIncluded}. */
export const tooMuchIncluded = 'the included files are too large together';

/**
 * The size of a file with the memory that a parser needs for it. Each line counts as 128 bytes more. In a line of more
 * than 32 words, each further word counts as 256 bytes more, because a parser reads all words of a line at once.
 * A backslash at the end of a line can join the next line. A NUL hides the rest of its line and joins the next line.
 */
export function parsedSize(content: Uint8Array): number {
  let lines = 1;
  let words = 0;
  let countedWords = 0;
  let last = lineFeed;
  let endsInBackslash = false;
  let hasNul = false;
  // With an index, the loop takes a fifth of the time that the iterator of the array takes.
  for (let i = 0; i < content.length; i++) {
    const byte = content[i]!;
    if (byte === lineFeed) {
      lines += 1;
      if (!endsInBackslash && !hasNul) words = 0;
      endsInBackslash &&= hasNul;
      hasNul = false;
    } else if (byte === 0) {
      hasNul = true;
    } else if (byte !== carriageReturn && !hasNul) {
      endsInBackslash = byte === backslash;
      if (!isSeparator(byte) && isSeparator(last)) {
        words += 1;
        if (words > freeWords) countedWords += 1;
      }
    }
    last = byte;
  }
  return content.length + lines * lineSize + countedWords * wordSize;
}

/** Whether a byte separates words: a blank, a tab, a comma, a carriage return or a line feed. */
function isSeparator(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x2c || byte === carriageReturn || byte === lineFeed;
}
