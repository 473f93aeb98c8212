import type { DiagnosticCode } from '../../codes.ts';
import type { Severity } from '../../text/diagnostic.ts';

/** A part of a line's text, given by offsets. Every token is a span. */
export interface Span {
  /** The offset of the first character. */
  readonly start: number;
  /** The offset after the last character. */
  readonly end: number;
  /** The value of the token, if the message may quote it. */
  readonly value?: string;
}

/** A change of a line's text that corrects the problem of a diagnostic. Offsets count in the line's text. */
export interface LineFix {
  /** The effect of the change, as an imperative. */
  readonly title: string;
  /** The offset of the first replaced character. */
  readonly start: number;
  /** The offset after the last replaced character. */
  readonly end: number;
  /** The text that replaces the old text. */
  readonly text: string;
}

/** A diagnostic of one line, before the line has a place in a file. Offsets count in the line's text. */
export interface LineDiagnostic {
  readonly code: DiagnosticCode;
  /** `error` if the server refuses the line. */
  readonly severity: Severity;
  /** The message: what the server does with the line, and how to correct the line. */
  readonly message: string;
  /** The part of the line that the diagnostic is about; the whole line by default. */
  readonly span?: Span | undefined;
  /** The text in the error column of PostgreSQL's view; missing if only the server's log has a text. */
  readonly serverText?: string | undefined;
  /** A change that corrects the line. */
  readonly fix?: LineFix | undefined;
}
