import type { DiagnosticCode } from '../../codes.ts';
import type { Severity } from '../../text/diagnostic.ts';

/** A piece of a line's text, given by offsets. A token is one. */
export interface Span {
  /** Offset of its first character. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
  /** The value of the token, if the message may quote it. */
  readonly value?: string;
}

/** A change of a line's text that corrects what a diagnostic reports; offsets count in the line's text. */
export interface LineFix {
  /** What the change does, as an imperative. */
  readonly title: string;
  /** Offset of the first character that is replaced. */
  readonly start: number;
  /** Offset after the last character that is replaced. */
  readonly end: number;
  /** The replacement. */
  readonly text: string;
}

/** A diagnostic of one line, before the line has a place in a file. Offsets count in the line's text. */
export interface LineDiagnostic {
  /** The diagnostic's code. */
  readonly code: DiagnosticCode;
  /** `error` if the server refuses the line. */
  readonly severity: Severity;
  /** What the server does with the line, and the way out. */
  readonly message: string;
  /** The piece of the line concerned; the whole line if not given. */
  readonly span?: Span | undefined;
  /** The text in the error column of PostgreSQL's view; not given if only the server's log has a text. */
  readonly serverText?: string | undefined;
  /** A change that corrects the line. */
  readonly fix?: LineFix | undefined;
}
