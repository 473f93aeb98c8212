import type { Token } from '../scan/token.ts';
import { type LineProblem, refuse } from './line-diagnostic.ts';
import { judgeRegex } from './regex.ts';

/**
 * Refuses the line where a token that begins with a slash is no regular expression (`regcomp_auth_token`), and notes where
 * only a server can tell.
 */
export function checkRegex(token: Token, notes: LineProblem[]): void {
  if (!token.value.startsWith('/')) return;
  const pattern = token.value.slice(1);
  const verdict = judgeRegex(pattern);
  if (verdict === 'valid') return;
  if (verdict === 'unchecked') {
    const message = `whether /${pattern} is a valid regular expression only a server can tell`;
    notes.push({ code: 'regex-unchecked', token, serverText: null, message });
    return;
  }
  refuse({
    code: 'regex-invalid',
    token,
    serverText: `invalid regular expression "${pattern}": ${verdict.invalid}`,
    message: `/${pattern} is no regular expression: ${verdict.invalid}`,
  });
}
