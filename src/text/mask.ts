import type { Span } from './span.ts';

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
