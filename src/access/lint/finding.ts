import type { DiagnosticCode } from '../../codes.ts';
import type { Diagnostic, RelatedPlace, Severity } from '../../text/diagnostic.ts';
import { firstLineRange } from '../../text/position.ts';

/** A line that a lint reports. */
export interface LintedLine {
  /** The path of the file that holds the line, if known. */
  readonly file?: string | undefined;
  /** The number of the line in its file, from 1. */
  readonly line: number;
  readonly text: string;
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
    ([line, text]): RelatedPlace => ({ message: text, range: firstLineRange(line.text, line.line), ...fileOf(line) }),
  );
  return {
    code,
    severity,
    message,
    range: firstLineRange(at.text, at.line),
    ...fileOf(at),
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

function fileOf({ file }: LintedLine): { readonly file?: string } {
  return file === undefined ? {} : { file };
}
