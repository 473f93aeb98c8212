/**
 * Character classes and letter case of C in the C locale. The server compares bytes, so a byte of 0x80 or above is not
 * a blank and has no upper or lower case. JavaScript's `\s`, `trim`, `toLowerCase` and the flags `iu` use all of
 * Unicode, so they are wrong for comparing the text of a file.
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

/** Returns whether a text is empty or holds only blanks of {@link isspace}. */
export function isBlank(text: string): boolean {
  return endWithoutSpaces(text) === 0;
}

/** Returns the offset of the first character, at `from` or later, that is not a blank of {@link isspace}. */
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
 * Applies `pg_ascii_tolower` to each character: only A to Z become lower case. `pg_tolower` of the server also changes
 * bytes of 0x80 and above if the server's locale has a single-byte encoding. This package assumes another locale.
 */
export function pgAsciiToLower(text: string): string {
  return hasCode(text, 0x41, 0x5a) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

/** Applies `pg_ascii_toupper` to each character: only a to z become upper case. */
export function pgAsciiToUpper(text: string): string {
  return hasCode(text, 0x61, 0x7a) ? text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : text;
}

/** Returns a text whose first character is in upper case if it is an ASCII letter. */
export function capitalized(text: string): string {
  return pgAsciiToUpper(text.charAt(0)) + text.slice(1);
}

/**
 * Returns whether a text has a character whose code is from `first` to `last`. For short texts such as names, a loop is
 * faster than a regular expression.
 */
function hasCode(text: string, first: number, last: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= first && code <= last) return true;
  }
  return false;
}

/** Returns whether two texts are equal without regard to the case of ASCII letters (`pg_strcasecmp`). */
export function equalsIgnoringCase(a: string, b: string): boolean {
  return a.length === b.length && (a === b || pgAsciiToLower(a) === pgAsciiToLower(b));
}
