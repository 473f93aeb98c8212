import { given } from '../../arguments.ts';
import type { DiagnosticCode } from '../../codes.ts';
import type { Diagnostic, DiagnosticPlace, RelatedPlace, Severity } from '../../text/diagnostic.ts';

/** A line that a lint reports. */
export interface LintedLine {
  readonly place: DiagnosticPlace;
  /** The text after `#`, if the line has a comment. */
  readonly comment?: string | undefined;
}

/** A problem that a lint found, before it is converted to a diagnostic. */
export interface Finding {
  readonly code: DiagnosticCode;
  /** The severity of the diagnostic. */
  readonly severity: Exclude<Severity, 'error'>;
  /** The problem and what to do about it. */
  readonly message: string;
  /** The line with the problem. */
  readonly at: LintedLine;
  /** Other lines that belong to the finding, each with a message. */
  readonly related?: readonly (readonly [LintedLine, string])[];
}

/** Converts a finding to a diagnostic. */
export function diagnosticOf({ code, severity, message, at, related = [] }: Finding): Diagnostic {
  const places = related.map(
    ([{ place }, text]): RelatedPlace => ({ message: text, range: place.range, ...given({ file: place.file }) }),
  );
  return {
    code,
    severity,
    message,
    ...at.place,
    ...(places.length === 0 ? {} : { related: places }),
    ...(allows(at.comment, code) ? { suppressed: true } : {}),
  };
}

/** Returns whether a comment of the form `# pg-hostssl: allow CODE` names the code. */
export function allows(comment: string | undefined, code: string): boolean {
  const [, codes] =
    /(?:^|[ \t])pg-hostssl:[ \t]*allow[ \t]+([a-z0-9-]+(?:[ \t,]+[a-z0-9-]+)*)/.exec(comment ?? '') ?? [];
  return codes?.split(/[ \t,]+/).includes(code) === true;
}
