/** A piece of a text, given by offsets. */
export interface Span {
  /** Offset of its first character. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
}

/**
 * The text with a star for each character of these pieces. The text keeps its length and its lines.
 *
 * @param spans pieces in their order that do not overlap
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

/** A secret as messages show it: a star for each character. Tabs, line ends and quotes stay. */
export function asStars(secret: string): string {
  return secret.replace(/[^\t\r\n"]/g, '*');
}
