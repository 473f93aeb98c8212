/** A part of a text, given by offsets. */
export interface Span {
  /** The offset of the first character. */
  readonly start: number;
  /** The offset after the last character. */
  readonly end: number;
}

/**
 * Replaces each character of the given spans by a star. The text keeps its length and its line ends.
 *
 * @param spans sorted spans that do not overlap
 */
export function maskSpans(text: string, spans: readonly Span[]): string {
  let masked = '';
  let offset = 0;
  for (const { start, end } of spans) {
    masked += text.slice(offset, start) + asStars(text.slice(start, end));
    offset = end;
  }
  return masked + text.slice(offset);
}

/** Returns a star for each character of a secret. Tabs, line ends and quotes stay. */
export function asStars(secret: string): string {
  return secret.replace(/[^\t\r\n"]/g, '*');
}
