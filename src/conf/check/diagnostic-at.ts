import type { DiagnosticCode } from '../../codes.ts';
import { findSecrets } from '../../find-secrets.ts';
import { withoutControls } from '../../text/control-characters.ts';
import type { Diagnostic, RelatedPlace, Severity } from '../../text/diagnostic.ts';
import { joinLines } from '../../text/lines.ts';
import { maskSpans } from '../../text/mask.ts';
import { rangeAt } from '../../text/position.ts';
import type { LineFix, Span } from '../../text/span.ts';
import { secretSettings } from '../catalogue/secret-names.ts';
import { scanLine } from '../lines/scan.ts';
import type { SourceLine } from '../lines/sources.ts';

/** Makes a diagnostic about a part of a line. */
export function diagnosticAt(
  place: SourceLine,
  span: Span,
  code: DiagnosticCode,
  severity: Severity,
  message: string,
  more: { readonly fix?: LineFix | undefined; readonly related?: readonly RelatedPlace[] } = {},
): Diagnostic {
  const { file, line } = place;
  const text = textOf(place);
  const secrets = secretsIn(place);
  const { fix, related = [] } = more;
  // If the line has a secret, the diagnostic has no fix, because the text of a fix can contain part of the secret.
  const change = fix === undefined || secrets.length > 0 ? undefined : fix;
  return {
    code,
    severity,
    message: withoutControls(message),
    range: rangeAt(text, span.start, span.end, line),
    ...(file.path === undefined ? {} : { file: file.path }),
    ...(file.isIncluded === true ? { isIncluded: true } : {}),
    ...(change === undefined
      ? {}
      : { fix: { title: change.title, range: rangeAt(text, change.start, change.end, line), text: change.text } }),
    ...(secrets.length === 0 ? {} : { secrets: secrets.map(({ start, end }) => rangeAt(text, start, end, line)) }),
    ...(related.length === 0 ? {} : { related }),
  };
}

/** Makes an element of the property `related` of a diagnostic. */
export function relatedAt(place: SourceLine, span: Span, message: string): RelatedPlace {
  const { file, line } = place;
  const range = rangeAt(textOf(place), span.start, span.end, line);
  return { message, range, ...(file.path === undefined ? {} : { file: file.path }) };
}

export function textOf({ file, line }: SourceLine): string {
  return file.entries[line - 1]!.text;
}

/** Returns a part of a line in which stars replace the characters that may be a secret. */
export function shownText(place: SourceLine, { start, end }: Span): string {
  return maskSpans(textOf(place), secretsIn(place)).slice(start, end);
}

/** Returns the span of a setting's value, or of the whole line if the line is not a setting. */
export function valueSpan(text: string): Span {
  const scanned = scanLine(text);
  return scanned.kind === 'setting' ? scanned.value : { start: 0, end: text.length };
}

/** The number of lines above an invalid line in which the beginning of a secret is searched. */
const linesAbove = 8;

/**
 * Returns the parts of a line that may be secrets. If the line and the line above are both invalid, a secret can begin
 * in the line above.
 */
export function secretsIn({ file: { entries }, line }: SourceLine): readonly Span[] {
  const { kind, text } = entries[line - 1]!;
  let first = line - 1;
  const stop = kind === 'invalid' ? Math.max(0, first - linesAbove) : first;
  while (first > stop && entries[first - 1]!.kind === 'invalid') first -= 1;
  const before = joinLines(entries.slice(first, line - 1));
  return findSecrets(before + text, secretSettings).flatMap(({ start, end }) => {
    const from = Math.max(start - before.length, 0);
    const to = Math.min(end, before.length + text.length) - before.length;
    return from < to ? [{ start: from, end: to }] : [];
  });
}
