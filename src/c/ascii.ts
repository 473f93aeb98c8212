/**
 * Character classes and case of C in the C locale. The server compares bytes, so a byte from 0x80 up is no blank and has
 * no other case. JavaScript's `\s`, `trim`, `toLowerCase` and the flags `iu` know all of Unicode, and are wrong wherever
 * the text of a file is compared.
 */

/** `isspace`: whether a character code is a blank, tab, line feed, vertical tab, form feed or carriage return. */
export function isspace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** The text without the blanks of {@link isspace} at its start and end. */
export function trimSpaces(text: string): string {
  return text.slice(skipSpaces(text, 0), endWithoutSpaces(text));
}

/** Offset of the first character from `from` on that is no blank of {@link isspace}. */
export function skipSpaces(text: string, from: number): number {
  let at = from;
  while (isspace(text.charCodeAt(at))) at += 1;
  return at;
}

/** Offset behind the last character that is no blank of {@link isspace}. */
export function endWithoutSpaces(text: string): number {
  let end = text.length;
  while (end > 0 && isspace(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

/**
 * `pg_ascii_tolower` of each character: A to Z alone have another case. `pg_tolower` also folds bytes from 0x80 up where
 * the locale of the server has a single-byte encoding; no such locale is assumed here.
 */
export function pgAsciiToLower(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

/** `pg_ascii_toupper` of each character: a to z alone have another case. */
export function pgAsciiToUpper(text: string): string {
  return /[a-z]/.test(text) ? text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : text;
}

/** Whether `pg_strcasecmp` finds two texts equal: without regard to the case of ASCII letters. */
export function equalsIgnoringCase(a: string, b: string): boolean {
  return a.length === b.length && (a === b || pgAsciiToLower(a) === pgAsciiToLower(b));
}
