import type { Diagnostic } from '../../text/diagnostic.ts';
import { placesIn } from '../../text/position.ts';
import type { RecordEntry } from '../read/entry.ts';
import type { ExpandedLine } from '../read/expand.ts';
import type { LineDiagnostic } from '../read/line-diagnostic.ts';

/**
 * The message of a diagnostic with a star for each character of a secret.
 *
 * @param text the text of the line
 * @param shownText the same with stars
 */
export function shownMessage({ message, span }: LineDiagnostic, text: string, shownText: string): string {
  if (span?.value === undefined || shownText === text) return message;
  const shown = shownText.slice(span.start, span.end);
  if (shown === text.slice(span.start, span.end)) return message;
  return message.replaceAll(`"${span.value}"`, `"${shown.replaceAll('"', '')}"`);
}

/** The diagnostics of a line with their places in the file, in the order of their places. */
export function placeDiagnostics<R, E extends RecordEntry>(
  diagnostics: readonly LineDiagnostic[],
  { line, scanned, firstLine, file }: ExpandedLine<R, E>,
): Diagnostic[] {
  if (diagnostics.length === 0) return [];
  const { text, shownText, contentEnd, context } = line;
  const placeOf = placesIn(text, firstLine);
  const rangeOf = (start: number, end: number): Diagnostic['range'] => ({ start: placeOf(start), end: placeOf(end) });
  const secret = context.format.secretOf?.(scanned);
  return diagnostics
    .map((diagnostic) => ({ diagnostic, start: diagnostic.span?.start ?? 0, end: diagnostic.span?.end ?? contentEnd }))
    .sort((a, b) => a.start - b.start)
    .map(({ diagnostic, start, end }) => {
      const { code, severity, fix } = diagnostic;
      return {
        code,
        severity,
        message: shownMessage(diagnostic, text, shownText),
        range: rangeOf(start, end),
        ...(file === undefined ? {} : { file }),
        ...(fix === undefined ? {} : { fix: { title: fix.title, range: rangeOf(fix.start, fix.end), text: fix.text } }),
        ...(secret === undefined ? {} : { secrets: [rangeOf(secret.start, secret.end)] }),
      };
    });
}
