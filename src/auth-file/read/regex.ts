/**
 * What can be said of a regular expression without PostgreSQL: it is valid; it is not, with the words of `pg_regerror`;
 * or it uses something in which PostgreSQL's syntax is its own, and only a server can tell.
 */
export type RegexVerdict = 'valid' | 'unchecked' | { readonly invalid: string };

const parentheses = { invalid: 'parentheses () not balanced' };
const brackets = { invalid: 'brackets [] not balanced' };
const quantifier = { invalid: 'quantifier operand invalid' };
const repetition = { invalid: 'invalid repetition count(s)' };
const braces = { invalid: 'braces {} not balanced' };
const range = { invalid: 'invalid character range' };
const backslash = { invalid: 'invalid escape \\ sequence' };

/** The largest count of a repetition (`DUPMAX`). */
const maxRepetition = 255;

/**
 * Judges a PostgreSQL advanced regular expression where its syntax is that of JavaScript, too: characters, `.`, anchors,
 * groups, alternatives, quantifiers, simple brackets, escaped punctuation, `\d`, `\s` and `\w` (regcomp.c, regc_lex.c).
 * The expression is never run, so that no pattern of a file can take time.
 */
export function judgeRegex(pattern: string): RegexVerdict {
  // Embedded options and the director prefix change the syntax of all that follows.
  if (/^(?:\*\*\*|\(\?)/.test(pattern)) return 'unchecked';
  let depth = 0;
  let canRepeat = false;
  for (let i = 0; i < pattern.length; ) {
    const c = pattern[i]!;
    if (c === '\\') {
      const next = pattern[i + 1];
      if (next === undefined) return backslash;
      if (/[A-Za-z0-9]/.test(next) && !/[dsw]/.test(next)) return 'unchecked';
      canRepeat = true;
      i += 2;
    } else if (c === '(') {
      if (pattern[i + 1] === '?') return 'unchecked';
      depth += 1;
      canRepeat = false;
      i += 1;
    } else if (c === ')') {
      if (depth === 0) return parentheses;
      depth -= 1;
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
  return depth === 0 ? 'valid' : parentheses;
}

/** Where a bracket expression of single characters and ranges ends; anything more is PostgreSQL's own. */
function simpleBracket(pattern: string, start: number): number | RegexVerdict {
  const first = pattern[start + 1] === '^' ? start + 2 : start + 1;
  const end = pattern.indexOf(']', first);
  if (end === first || pattern.startsWith('-', first)) return 'unchecked';
  const content = pattern.slice(first, end === -1 ? undefined : end);
  if (/[\\[]/.test(content)) return 'unchecked';
  const characters = Array.from(content);
  for (let i = 0; i < characters.length; i++) {
    if (characters[i + 1] !== '-' || characters[i + 2] === undefined) continue;
    // A range is judged once what follows it is read: at the end of the text that is the missing bracket.
    if (end === -1 && characters[i + 3] === undefined) return brackets;
    if (characters[i]!.codePointAt(0)! > characters[i + 2]!.codePointAt(0)!) return range;
    // What may follow a range, and a hyphen right behind it, is read in different ways.
    if (characters[i + 3] === '-') return 'unchecked';
    i += 2;
  }
  if (characters.at(-1) === '-') return 'unchecked';
  return end === -1 ? brackets : end + 1;
}

/** Where a bound `{m}`, `{m,}` or `{m,n}` ends (`parseqatom`). */
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

/** A count of a bound (`scannum`), which the end of the pattern may cut off before it is seen to be too large. */
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
