import type { ErrorCode } from './codes.ts';
import { withoutControls } from './text/control-characters.ts';

/** The optional properties of a {@link PgHostsslError}. */
export interface PgHostsslErrorDetails {
  /** The path of the file that the error is about. */
  readonly file?: string | undefined;
  /** The 1-based physical line in that file. */
  readonly line?: number | undefined;
  /** The 1-based column, in UTF-16 code units. */
  readonly column?: number | undefined;
  /** Advice for the caller, in a sentence. */
  readonly hint?: string | undefined;
  /** The error that caused this error. */
  readonly cause?: unknown | undefined;
}

/** The message of an error without its place and its hint. */
let problemIn: (error: PgHostsslError) => string;

/**
 * The only error class of this library. It reports a mistake of the caller, or failed input and output. Problems in the
 * content of a file are diagnostics, not errors. Distinguish errors by `code`, because messages may be reworded. No
 * private key, passphrase or password appears in an error.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { PgHostsslError, parsePgVersion } from 'pg-hostssl';
 *
 * try {
 *   parsePgVersion('8.4');
 * } catch (error) {
 *   assert.ok(error instanceof PgHostsslError);
 *   assert.equal(error.code, 'version-unknown');
 *   assert.match(error.message, /8\.4/);
 *   assert.match(error.hint ?? '', /PG_VERSION/);
 * }
 * ```
 */
export class PgHostsslError extends Error {
  /** The name of the error class. */
  override readonly name: string = 'PgHostsslError';
  /** The stable name of the problem. {@link errorCodes} is the table of all codes. */
  readonly code: ErrorCode;
  /** The path of the file that the error is about. */
  readonly file: string | undefined;
  /** The 1-based physical line in that file. */
  readonly line: number | undefined;
  /** The 1-based column in that line, in UTF-16 code units. */
  readonly column: number | undefined;
  /** Advice for the caller, in a sentence. The message ends with the advice. */
  readonly hint: string | undefined;
  readonly #problem: string;

  static {
    problemIn = (error) => error.#problem;
  }

  /**
   * Makes an error. The message begins with the place (file, line and column, if given) and ends with the hint. It is
   * one line without control characters, because another account may have chosen the path that it names.
   */
  constructor(code: ErrorCode, message: string, details: PgHostsslErrorDetails = {}) {
    const { line, column, cause } = details;
    const [file, hint] = [withoutKeys(details.file), withoutKeys(details.hint)];
    const place = [file, line, column].filter((part) => part !== undefined).join(':');
    const text = `${place === '' ? '' : `${place}: `}${withoutKeys(message)}${hint === undefined ? '' : `. ${hint}`}`;
    super(withoutControls(text), { cause });
    this.code = code;
    this.file = file;
    this.line = line;
    this.column = column;
    this.hint = hint;
    this.#problem = withoutKeys(message);
  }
}

/**
 * An error with the code, the problem, the line and the hint of another error, which becomes its cause. The new error
 * does not name the file of the other error.
 *
 * @param more `before` is a text before the problem, and `file` is the file that the new error is about
 */
export function errorFrom(
  error: PgHostsslError,
  more: { readonly before?: string; readonly file?: string },
): PgHostsslError {
  const { before = '', file } = more;
  const { code, line, column, hint } = error;
  return new PgHostsslError(code, `${before}${problemIn(error)}`, { file, line, column, hint, cause: error });
}

/**
 * Calls a function that reads an input, and returns its result. If the function throws a {@link PgHostsslError}, with
 * this code if a code is given, the result is `undefined`.
 */
export function unlessInvalid<T>(read: () => T, code?: ErrorCode): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PgHostsslError && (code === undefined || error.code === code)) return undefined;
    throw error;
  }
}

// The two functions below look at the properties of a thrown value, and not at its class: a caller's code may throw any
// value, and under Jest the errors of `node:fs` are instances of another class `Error`.

/**
 * The message of a thrown error, or a thrown value of another type as text. A system error names a path and a system
 * call, and never quotes the content of a file.
 */
export function messageOf(thrown: unknown): string {
  const { message } = Object(thrown) as { readonly message?: unknown };
  if (typeof message === 'string') return message;
  return typeof thrown === 'object' && thrown !== null ? 'an object without a message' : String(thrown);
}

/** The code of a thrown error, such as `ENOENT`; an empty text if it has none. */
export function codeOf(thrown: unknown): string {
  const { code } = Object(thrown) as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** A private key in PEM, also in a quoted form with `\n` in place of line breaks, and also without its end. */
const privateKey =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:[\n\r ]|\\[nr])*(?:[A-Za-z0-9+/]{16}|Proc-Type:).*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/gs;

/** Replaces private keys in a text, because a caller may give a private key in place of a name or a path. */
function withoutKeys<T extends string | undefined>(text: T): T {
  return text?.replace(privateKey, '(a private key)') as T;
}
