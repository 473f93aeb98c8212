import type { DiagnosticCode } from '../../codes.ts';
import type { Diagnostic, RelatedPlace, Severity } from '../../text/diagnostic.ts';
import { firstLineRange } from '../../text/position.ts';

/** A line that a lint is about. */
export interface LintedLine {
  /** The path of the file that holds the line, if known. */
  readonly file?: string | undefined;
  /** Its line number. */
  readonly line: number;
  /** Its text. */
  readonly text: string;
  /** The text behind its `#`. */
  readonly comment?: string | undefined;
}

/** What a lint says about a line. */
export interface Finding {
  /** The code. */
  readonly code: DiagnosticCode;
  /** How bad it is. */
  readonly severity: Exclude<Severity, 'error'>;
  /** What is wrong and what to do. */
  readonly message: string;
  /** The line. */
  readonly at: LintedLine;
  /** Other lines that belong to the finding, with what each line does. */
  readonly related?: readonly (readonly [LintedLine, string])[];
}

/** The diagnostic of a finding. */
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

/** The codes that a comment `# pg-hostssl: allow CODE` names. */
export function allows(comment: string | undefined, code: string): boolean {
  const [, codes] =
    /(?:^|[ \t])pg-hostssl:[ \t]*allow[ \t]+([a-z0-9-]+(?:[ \t,]+[a-z0-9-]+)*)/.exec(comment ?? '') ?? [];
  return codes?.split(/[ \t,]+/).includes(code) === true;
}

function fileOf({ file }: LintedLine): { readonly file?: string } {
  return file === undefined ? {} : { file };
}
