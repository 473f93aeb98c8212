import { pgAsciiToLower, pgAsciiToUpper } from '../c/ascii.ts';
import type { CauseCode } from '../codes.ts';

/** A row of the table of causes: how a cause looks on each side, and what to do about it. {@link causeCodes} says what is wrong. */
export interface CauseRow {
  /** Stable name of the cause. */
  readonly code: CauseCode;
  /** A typical text, for a person who compares. */
  readonly looksLike: string;
  /** What confirms the cause. */
  readonly confirm: string;
  /** The call or the line that mends it. */
  readonly wayOut: string;
  /** Texts and codes on the side of the client. */
  readonly client?: readonly RegExp[];
  /** Texts in the log of the server. */
  readonly server?: readonly RegExp[];
  /** Texts of either side for which the cause is a less likely one. */
  readonly maybe?: readonly RegExp[];
}

/**
 * A TLS alert by its number and its words. OpenSSL up to 1.1.1 and 3.0 print `sslv3 alert x` or `tlsv1 alert x`; newer
 * versions print `ssl/tls alert x`. Only some clients print the number. Go prints `remote error: tls: x`.
 */
export function alert(number: number, words: string): RegExp {
  const code = pgAsciiToUpper(words).replaceAll(' ', '_');
  return new RegExp(
    `(?<!could not accept ssl connection: .*)(?:\\balert ${words}\\b|ssl alert number ${number}\\b|alert_${code}\\b|remote error: tls: (?:\\w+ )*${words}\\b|fatal alert: ${pgAsciiToLower(code)}\\b)`,
    'i',
  );
}

/** A TLS alert that the server got from the client. */
export function alertOfClient(words: string): RegExp {
  return new RegExp(`could not accept ssl connection: .*alert ${words}\\b`, 'i');
}
