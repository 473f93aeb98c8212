import type { ErrorCode } from './codes.ts';

/** What a {@link PgHostsslError} knows beside its message. */
export interface PgHostsslErrorDetails {
  /** The file that the error is about. */
  readonly file?: string;
  /** 1-based physical line in that file. */
  readonly line?: number;
  /** 1-based column, in UTF-16 code units. */
  readonly column?: number;
  /** What to do about it. */
  readonly hint?: string;
  /** The error that caused this one. */
  readonly cause?: unknown;
}

/**
 * The one error class of this library: a mistake of the caller, or failed input and output. Problems in the content of a
 * file are diagnostics, not exceptions. Tell errors apart by `code`; never by the message, which may be reworded. A
 * private key, passphrase or password never appears in it.
 */
export class PgHostsslError extends Error {
  /** `PgHostsslError`. */
  override readonly name: string = 'PgHostsslError';
  /** Stable name of the problem; the table of all codes is {@link errorCodes}. */
  readonly code: ErrorCode;
  /** The file that the error is about, where there is one. */
  readonly file: string | undefined;
  /** 1-based physical line in that file, where there is one. */
  readonly line: number | undefined;
  /** 1-based column in that line, where there is one. */
  readonly column: number | undefined;
  /** The way out, in a sentence; it is part of the message, too. */
  readonly hint: string | undefined;

  /** An error with its code; place and hint become part of the message. */
  constructor(code: ErrorCode, message: string, details: PgHostsslErrorDetails = {}) {
    const { file, line, column, hint, cause } = details;
    const place = [file, line, column].filter((part) => part !== undefined).join(':');
    super(`${place === '' ? '' : `${place}: `}${message}${hint === undefined ? '' : `. ${hint}`}`, { cause });
    this.code = code;
    this.file = file;
    this.line = line;
    this.column = column;
    this.hint = hint;
  }
}
