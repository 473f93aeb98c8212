import { fileTextOfToken } from '../../text/bytes.ts';
import type { Token } from '../scan/token.ts';
import type { LineDiagnostic } from './line-diagnostic.ts';
import { refuse } from './refusal.ts';

/**
 * Refuses the line if a token that begins with a slash is an invalid regular expression (`regcomp_auth_token`). Adds a
 * warning if only a server can judge the expression.
 */
export function checkRegex(token: Token, warnings: LineDiagnostic[]): void {
  if (!token.value.startsWith('/')) return;
  const pattern = token.value.slice(1);
  const verdict = judgeRegex(pattern);
  if (verdict === 'valid') return;
  if (verdict === 'unchecked') {
    const message = `Only a server can tell whether "/${pattern}" is a valid regular expression. The server refuses the file if the expression is invalid`;
    warnings.push({ code: 'regex-unchecked', severity: 'warning', span: token, message });
    return;
  }
  refuse({
    code: 'regex-invalid',
    span: token,
    serverText: `invalid regular expression "${pattern}": ${verdict.invalid}`,
    message: `The regular expression "/${pattern}" is invalid: ${verdict.invalid}`,
  });
}

/**
 * The verdict on a regular expression without a server: valid; invalid, with the text of `pg_regerror`; or unchecked,
 * because the expression uses syntax that only PostgreSQL has.
 */
export type RegexVerdict = 'valid' | 'unchecked' | { readonly invalid: string };

const parentheses = { invalid: 'parentheses () not balanced' };
const brackets = { invalid: 'brackets [] not balanced' };
const quantifier = { invalid: 'quantifier operand invalid' };
const repetition = { invalid: 'invalid repetition count(s)' };
const braces = { invalid: 'braces {} not balanced' };
const range = { invalid: 'invalid character range' };
const backslash = { invalid: 'invalid escape \\ sequence' };
const backreference = { invalid: 'invalid backreference number' };

/** The largest number in a bound such as `{1,255}` (`DUPMAX`). */
const maxRepetition = 255;

/**
 * Judges a PostgreSQL advanced regular expression. Only the syntax that JavaScript shares is judged: characters, `.`,
 * anchors, groups, alternatives, quantifiers, simple brackets, escaped punctuation, `\d`, `\s` and `\w` (regcomp.c,
 * regc_lex.c). A backreference such as `\1` is invalid if its group does not end before it; otherwise the expression is
 * unchecked. The function does not match the expression with any text, so no expression can cause a long computation.
 */
export function judgeRegex(text: string): RegexVerdict {
  // The server compiles a regular expression byte by byte, so a range in brackets such as `[a-z]` is a range of bytes.
  const pattern = fileTextOfToken(text);
  // Embedded options such as `(?i)` and a director such as `***=` change the syntax of the rest of the expression.
  if (/^(?:\*\*\*|\(\?)/.test(pattern)) return 'unchecked';
  // The numbers of the groups that are not closed yet, and of the closed groups.
  const open: number[] = [];
  const closed = new Set<number>();
  let verdict: RegexVerdict = 'valid';
  let canRepeat = false;
  for (let i = 0; i < pattern.length; ) {
    const c = pattern[i]!;
    if (c === '\\') {
      const next = pattern[i + 1];
      if (next === undefined) return backslash;
      if (isDigit(next) && next !== '0' && !isDigit(pattern[i + 2])) {
        if (!closed.has(Number(next))) return backreference;
        verdict = 'unchecked';
      } else if (/[A-Za-z0-9]/.test(next) && !/[dsw]/.test(next)) return 'unchecked';
      canRepeat = true;
      i += 2;
    } else if (c === '(') {
      if (pattern[i + 1] === '?') return 'unchecked';
      open.push(open.length + closed.size + 1);
      canRepeat = false;
      i += 1;
    } else if (c === ')') {
      const group = open.pop();
      if (group === undefined) return parentheses;
      closed.add(group);
      canRepeat = true;
      i += 1;
    } else if (c === '[') {
      const end = simpleBracket(pattern, i);
      if (typeof end !== 'number') return end;
      canRepeat = true;
      i = end;
    } else if (c === '^' || c === '$' || c === '|') {
      canRepeat = false;
      i += 1;
    } else if (/[*+?]/.test(c) || (c === '{' && isDigit(pattern[i + 1]))) {
      if (!canRepeat) return quantifier;
      const end = c === '{' ? boundEnd(pattern, i) : i + 1;
      if (typeof end !== 'number') return end;
      i = pattern[end] === '?' ? end + 1 : end;
      canRepeat = false;
    } else {
      canRepeat = true;
      i += 1;
    }
  }
  return open.length === 0 ? verdict : parentheses;
}

/**
 * Returns the end of a bracket expression that consists of single characters and ranges. For any other bracket
 * expression, returns `unchecked`.
 */
function simpleBracket(pattern: string, start: number): number | RegexVerdict {
  const first = pattern[start + 1] === '^' ? start + 2 : start + 1;
  const end = pattern.indexOf(']', first);
  if (end === first || pattern.startsWith('-', first)) return 'unchecked';
  const content = pattern.slice(first, end === -1 ? undefined : end);
  if (/[\\[]/.test(content)) return 'unchecked';
  for (let i = 0; i < content.length; i++) {
    if (content[i + 1] !== '-' || content[i + 2] === undefined) continue;
    // PostgreSQL checks a range only after the next character. If the text ends there, PostgreSQL reports the missing
    // bracket and not the range.
    if (end === -1 && content[i + 3] === undefined) return brackets;
    if (content[i]! > content[i + 2]!) return range;
    // PostgreSQL has special rules for a hyphen directly after a range.
    if (content[i + 3] === '-') return 'unchecked';
    i += 2;
  }
  if (content.at(-1) === '-') return 'unchecked';
  return end === -1 ? brackets : end + 1;
}

/** Returns the end of a bound `{m}`, `{m,}` or `{m,n}` (`parseqatom`). */
function boundEnd(pattern: string, start: number): number | RegexVerdict {
  const least = scanCount(pattern, start + 1);
  if ('invalid' in least) return least;
  let { end } = least;
  if (pattern[end] === ',') {
    end += 1;
    if (end === pattern.length) return braces;
    if (isDigit(pattern[end])) {
      const most = scanCount(pattern, end);
      if ('invalid' in most) return most;
      if (least.count > most.count) return repetition;
      ({ end } = most);
    }
  }
  return pattern[end] === '}' ? end + 1 : repetition;
}

/**
 * Reads a number of a bound such as `{1,3}` (`scannum`). Like PostgreSQL, it reports the end of the pattern before a
 * number that is too large.
 */
function scanCount(
  pattern: string,
  start: number,
): { readonly count: number; readonly end: number } | { readonly invalid: string } {
  let count = 0;
  let end = start;
  for (; isDigit(pattern[end]) && count < maxRepetition; end++) count = count * 10 + Number(pattern[end]);
  if (isDigit(pattern[end])) return repetition;
  if (end === pattern.length) return braces;
  return count > maxRepetition ? repetition : { count, end };
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}
