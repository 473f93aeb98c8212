/**
 * Character classes and case of C in the C locale. The server compares bytes, so a byte from 0x80 up is not a blank and
 * has no other case. JavaScript's `\s`, `trim`, `toLowerCase` and the flags `iu` use all of Unicode, so they are wrong
 * for comparing the text of a file.
 */

/**
 * `isspace`: returns whether a character code is a blank, tab, line feed, vertical tab, form feed or carriage return.
 */
export function isspace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** Removes the blanks of {@link isspace} at the start and the end of a text. */
export function trimSpaces(text: string): string {
  return text.slice(skipSpaces(text, 0), endWithoutSpaces(text));
}

/** Returns the offset of the first character from `from` on that is not a blank of {@link isspace}. */
export function skipSpaces(text: string, from: number): number {
  let at = from;
  while (isspace(text.charCodeAt(at))) at += 1;
  return at;
}

/** Returns the offset after the last character that is not a blank of {@link isspace}. */
export function endWithoutSpaces(text: string): number {
  let end = text.length;
  while (end > 0 && isspace(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

/**
 * `pg_ascii_tolower` of each character: folds only A to Z. `pg_tolower` also folds bytes from 0x80 up if the locale of
 * the server has a single-byte encoding. This package assumes no such locale.
 */
export function pgAsciiToLower(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

/** `pg_ascii_toupper` of each character: folds only a to z. */
export function pgAsciiToUpper(text: string): string {
  return /[a-z]/.test(text) ? text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : text;
}

/** Returns whether `pg_strcasecmp` finds two texts equal, that is, without regard to the case of ASCII letters. */
export function equalsIgnoringCase(a: string, b: string): boolean {
  return a.length === b.length && (a === b || pgAsciiToLower(a) === pgAsciiToLower(b));
}
