import { pgAsciiToLower, pgAsciiToUpper } from '../c/ascii.ts';
import type { CauseCode } from '../codes.ts';

/**
 * A row of the table of causes: the error texts that a cause produces, and its solution. {@link causeCodes} describes
 * the cause itself.
 */
export interface CauseRow {
  /** The stable name of the cause. */
  readonly code: CauseCode;
  /** A typical error text, for a person to compare with. */
  readonly looksLike: string;
  /** The way to confirm the cause. */
  readonly confirm: string;
  /** The solution: the function to call or the line to write. */
  readonly wayOut: string;
  /** Patterns of the error texts and codes that clients show. */
  readonly client?: readonly RegExp[];
  /** Patterns of the texts in the server's log. */
  readonly server?: readonly RegExp[];
  /** Patterns of texts of clients or servers that fit this cause, but usually have another cause. */
  readonly maybe?: readonly RegExp[];
}

/**
 * A pattern that matches a TLS alert by its number or its words. OpenSSL up to 1.1.1, and 3.0, print `sslv3 alert x` or
 * `tlsv1 alert x`; newer versions print `ssl/tls alert x`. Only some clients print the number. Go prints `remote error:
 * tls: x`.
 */
export function alert(number: number, words: string): RegExp {
  const code = pgAsciiToUpper(words).replaceAll(' ', '_');
  return new RegExp(
    `(?<!could not accept ssl connection: .*)(?:\\balert ${words}\\b|ssl alert number ${number}\\b|alert_${code}\\b|remote error: tls: (?:\\w+ )*${words}\\b|fatal alert: ${pgAsciiToLower(code)}\\b)`,
    'i',
  );
}

/** A pattern that matches a TLS alert that the client sent and the server logged. */
export function alertOfClient(words: string): RegExp {
  return new RegExp(`could not accept ssl connection: .*alert ${words}\\b`, 'i');
}
