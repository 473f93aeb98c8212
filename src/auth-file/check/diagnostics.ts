import type { DiagnosticCode } from '../../codes.ts';
import type { Diagnostic, Severity } from '../../text/diagnostic.ts';
import { placesIn } from '../../text/position.ts';
import type { ExpandedLine } from '../read/expand.ts';
import { type LineFix, type LineProblem, shownMessage } from '../read/line-diagnostic.ts';

/** Something to be told of a line, before it has a place in a file; offsets count in the line's text. */
export interface Finding {
  /** The diagnostic's code. */
  readonly code: DiagnosticCode;
  /** How bad it is. */
  readonly severity: Severity;
  /** What is wrong and what to do, in our words. */
  readonly message: string;
  /** Offset of its first character. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
  /** A change that mends it, where there is one. */
  readonly fix?: LineFix | undefined;
}

/** What the server says of a line and what could not be followed in it. */
export function findingsOfReading(
  { line, notes }: ExpandedLine,
  reading: { readonly problem?: LineProblem | undefined; readonly notes?: readonly LineProblem[] } | undefined,
): Finding[] {
  const problems = [...notes, ...(reading?.notes ?? [])].map((note) => [note, 'warning'] as const);
  const all = reading?.problem === undefined ? problems : [...problems, [reading.problem, 'error'] as const];
  if (all.length === 0) return [];
  // Masked once for all that is found in a line, of which there can be as much as the line is long.
  const { text, shownText } = line;
  return all.map(([problem, severity]) => {
    const { code, token, fix } = problem;
    const message = shownMessage(problem, { text, shownText });
    return { code, severity, message, start: token?.start ?? 0, end: token?.end ?? line.contentEnd, fix };
  });
}

/** The diagnostics of what was found in a line, in the order of their places. */
export function diagnosticsOf(findings: readonly Finding[], { line, firstLine, file }: ExpandedLine): Diagnostic[] {
  if (findings.length === 0) return [];
  const placeOf = placesIn(line.text, firstLine);
  const rangeOf = (start: number, end: number): Diagnostic['range'] => ({ start: placeOf(start), end: placeOf(end) });
  return [...findings]
    .sort((a, b) => a.start - b.start)
    .map(({ code, severity, message, start, end, fix }) => ({
      code,
      severity,
      message,
      range: rangeOf(start, end),
      ...(file === undefined ? {} : { file }),
      ...(fix === undefined ? {} : { fix: { title: fix.title, range: rangeOf(fix.start, fix.end), text: fix.text } }),
    }));
}
