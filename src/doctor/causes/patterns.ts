import { pgAsciiToLower, pgAsciiToUpper } from '../../c/ascii.ts';

/** A pattern of an error text: a regular expression, or a combination of some. */
export interface Pattern {
  test(text: string): boolean;
}

/**
 * A pattern that matches a line with these parts in this order, in upper or lower case. One regular expression with
 * `.*` between the parts would take quadratic time for a long line that repeats the first part.
 */
export function inLine(first: RegExp, ...others: readonly RegExp[]): Pattern {
  const start = new RegExp(`(?:${first.source})(.*)`, 'gi');
  const parts = others.map(({ source }) => new RegExp(source, 'i'));
  return {
    test: (text) => {
      for (const match of text.matchAll(start)) if (areInOrder(match.at(-1)!, parts)) return true;
      return false;
    },
  };
}

/** Whether a text has these parts in this order. */
function areInOrder(text: string, parts: readonly RegExp[]): boolean {
  let rest = text;
  for (const part of parts) {
    const found = part.exec(rest);
    if (found === null) return false;
    rest = rest.slice(found.index + found[0].length);
  }
  return true;
}

/**
 * A pattern that matches a text without the parts of its lines from `first` on. A regular expression with `.*` in a
 * lookbehind would take quadratic time for a long line.
 */
export function notAfter(first: RegExp, pattern: RegExp): Pattern {
  const rest = new RegExp(`(?:${first.source}).*`, 'gi');
  return { test: (text) => pattern.test(text.replace(rest, '')) };
}

/**
 * A pattern that matches a text of the server about the name of a client certificate. The server prints these texts for
 * other methods that prove a name, too, and then says that this method failed (`auth_failed` in auth.c).
 */
export function nameOfCertificate(pattern: Pattern): Pattern {
  return {
    test: (text) =>
      pattern.test(text) &&
      (/certificate authentication failed for user/i.test(text) ||
        !/\b(?:peer|ident|gssapi|sspi|oauth bearer) authentication failed for user/i.test(text)),
  };
}

/** The beginning of the server's log line about a failed handshake. */
export const refused: RegExp = /could not accept ssl connection: /;

/**
 * A pattern that matches a TLS alert by its number or its words. OpenSSL up to 1.1.1, and 3.0, print `sslv3 alert x` or
 * `tlsv1 alert x`; newer versions print `ssl/tls alert x`, and OpenSSL 4 prints `tls alert x`. Only some clients print
 * the number. Go prints `remote error: tls: x`.
 */
export function alert(number: number, words: string): Pattern {
  const code = pgAsciiToUpper(words).replaceAll(' ', '_');
  return notAfter(
    refused,
    new RegExp(
      `\\balert ${words}\\b|ssl alert number ${number}\\b|alert_${code}\\b|remote error: tls: (?:\\w+ )*${words}\\b|fatal alert: ${pgAsciiToLower(code)}\\b`,
      'i',
    ),
  );
}

/** A pattern that matches a TLS alert that the client sent and the server logged. */
export function alertOfClient(words: string): Pattern {
  return inLine(refused, new RegExp(`alert ${words}\\b`));
}

/**
 * A pattern that matches `certificate verify failed` with this reason, as Python's `ssl` prints it about a server
 * certificate, and Rust in Prisma before 7. Rust prints a place in the source of OpenSSL, and then the reason in
 * parentheses.
 */
export function verifyFailed(reason: RegExp): Pattern {
  const place = '[^ \\n]{1,200} \\(';
  return notAfter(refused, new RegExp(`certificate verify failed:(?: |${place})(?:${reason.source})`, 'i'));
}

/**
 * A pattern that matches the reason for which OpenSSL rejects the certificate of the server, as Node.js prints it
 * without its code. The server and Python print the same reasons after `verification failed` and `verify failed`.
 */
export function rejectedByNode(reason: RegExp): Pattern {
  return notAfter(
    /certificate verify failed|verification failed/,
    new RegExp(`(?<!alert )\\b(?:${reason.source})`, 'i'),
  );
}
