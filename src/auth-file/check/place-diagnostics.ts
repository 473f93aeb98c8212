import { withoutControls } from '../../text/control-characters.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { RecordEntry } from '../read/entry.ts';
import type { ExpandedLine } from '../read/expanded-line.ts';
import type { LineDiagnostic } from '../read/line-diagnostic.ts';
import type { ShownLine } from '../read/shown-line.ts';

/**
 * Returns the message of a diagnostic, with a star for each character of a secret.
 *
 * @param text the text of the line that the diagnostic is about
 */
export function shownMessage(
  { message, span }: LineDiagnostic,
  text: string,
  shownLine: Pick<ShownLine, 'slice'>,
): string {
  if (span?.value === undefined) return message;
  const shown = shownLine.slice(span.start, span.end);
  if (shown === text.slice(span.start, span.end)) return message;
  return message.replaceAll(`"${span.value}"`, `"${shown.replaceAll('"', '')}"`);
}

/** Returns the diagnostics of a line with their ranges in the file, sorted by range. */
export function placeDiagnostics<R, E extends RecordEntry>(
  diagnostics: readonly LineDiagnostic[],
  { line: { text, contentEnd }, file, shownLine, isIncluded }: ExpandedLine<R, E>,
): Diagnostic[] {
  if (diagnostics.length === 0) return [];
  const shown = shownLine();
  return diagnostics
    .map((diagnostic) => ({ diagnostic, start: diagnostic.span?.start ?? 0, end: diagnostic.span?.end ?? contentEnd }))
    .sort((a, b) => a.start - b.start)
    .map(({ diagnostic, start, end }) => {
      const { code, severity, fix } = diagnostic;
      return {
        code,
        severity,
        message: withoutControls(shownMessage(diagnostic, text, shown)),
        ...(file === undefined ? {} : { file }),
        ...(isIncluded ? { isIncluded } : {}),
        ...(fix === undefined
          ? {}
          : { fix: { title: fix.title, range: shown.rangeOf(fix.start, fix.end), text: fix.text } }),
        ...shown.placeOf(start, end),
      };
    });
}
