import { capitalized } from '../../c/ascii.ts';
import type { ScannedLine, Token } from '../scan/token.ts';
import type { LineDiagnostic } from './line-diagnostic.ts';

/** Makes the error of a line or token that does not fit the server's buffer. */
export function tooLong({ problem }: ScannedLine): LineDiagnostic {
  const { kind, start, end } = problem!;
  const isLine = kind === 'line-too-long';
  const what = isLine ? 'line' : 'word';
  return {
    code: isLine ? 'line-too-long' : 'token-too-long',
    severity: 'error',
    span: { start, end },
    serverText: `authentication file ${isLine ? 'line' : 'token'} too long`,
    message: `The ${what} is longer than the server's buffer in this version. Shorten the ${what}`,
  };
}

/** Makes the error of a file or directory that the server cannot read. */
export function includeFailed(
  token: Token,
  serverText: string,
  message: string = capitalized(serverText),
): LineDiagnostic {
  return { code: 'include-failed', severity: 'error', span: token, serverText, message };
}

/** Makes the error of a file that includes itself, for versions without a depth limit. */
export function includeRecursion(token: Token, path: string): LineDiagnostic {
  const message = `"${path}" includes itself, which crashes a server of this version. Remove one of the includes`;
  return { code: 'include-recursion', severity: 'error', span: token, message };
}

/** Makes the warning about an `@file` that contains no word. */
export function includeEmpty(token: Token, path: string): LineDiagnostic {
  const message = `The file "${path}" contains no word. If "${token.value}" is a whole column, the columns after it move one to the left. Add a word to the file`;
  return { code: 'include-empty', severity: 'warning', span: token, message };
}

/**
 * Makes the diagnostic of a file that was not read. The severity is `info`, because the verdict does not depend on the
 * parsed file alone.
 */
export function includeNotFollowed(token: Token, why: string): LineDiagnostic {
  const message = `The content of "${token.value}" is unknown: ${why}`;
  return { code: 'include-not-followed', severity: 'info', span: token, message };
}
