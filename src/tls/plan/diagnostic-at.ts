import type { DiagnosticCode } from '../../codes.ts';
import type { Diagnostic, Severity } from '../../text/diagnostic.ts';
import { rangeAt } from '../../text/position.ts';

/** The place of a plan's diagnostic: a line of a file, or a file as a whole. */
export interface DiagnosticPlace {
  /** The file. */
  readonly file: string;
  /** 1-based number of the line in which `text` begins. */
  readonly line?: number;
  /** The text of the line. */
  readonly text?: string;
}

/** A diagnostic of a plan. Its range is the line without its line end, or empty at the start of the file. */
export function diagnosticAt(
  { file, line = 1, text = '' }: DiagnosticPlace,
  code: DiagnosticCode,
  severity: Exclude<Severity, 'error'>,
  message: string,
): Diagnostic {
  const end = text.replace(/[\r\n]+$/, '').length;
  return { code, severity, message, file, range: rangeAt(text, 0, end, line) };
}
