import type { DiagnosticCode } from '../../codes.ts';
import type { Severity } from '../../text/diagnostic.ts';
import type { LineFix, Span } from '../../text/span.ts';

/** A part of a line's text. Every token is such a part. */
export interface QuotedSpan extends Span {
  /** The value of the token, if the message may quote it. */
  readonly value?: string;
}

/** A diagnostic of one line, before the line has a place in a file. Offsets count in the line's text. */
export interface LineDiagnostic {
  readonly code: DiagnosticCode;
  /** `error` if the server refuses the line. */
  readonly severity: Severity;
  /** The message: what the server does with the line, and how to correct the line. */
  readonly message: string;
  /** The part of the line that the diagnostic is about; the whole line by default. */
  readonly span?: QuotedSpan | undefined;
  /** The text in the error column of PostgreSQL's view; missing if only the server's log has a text. */
  readonly serverText?: string | undefined;
  /** A change that corrects the line. */
  readonly fix?: LineFix | undefined;
}
