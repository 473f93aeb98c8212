import { endWithoutSpaces } from '../../c/ascii.ts';
import { atoi } from '../../c/numbers.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';

/**
 * The major versions in which `ANY` and `FIRST` are keywords of synchronous_standby_names. In older versions, these
 * words are names.
 */
const methodWords: PgMajorSpan = { since: 10 };

type Token = { readonly kind: 'name' | 'number' | 'method' | ',' | '(' | ')'; readonly text: string };

const tokenPattern =
  /[ \t-\r]*(?:("(?:[^"]|"")+")|(\d+)|([A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*)|(\*)|([,()]))/y;

/**
 * Returns the reason why the server refuses a value of synchronous_standby_names, or `undefined` if the server accepts
 * the value. Follows the grammar of `syncrep_gram.y`: names, or a number (with `FIRST` or `ANY` before it) and names in
 * parentheses.
 */
export function standbyNamesProblem(text: string, version: PgMajor): string | undefined {
  if (text === '') return undefined;
  const tokens = tokenize(text, version);
  if (tokens === undefined) return 'the value contains a character that is not allowed in a name';
  let at = tokens[0]?.kind === 'method' ? 1 : 0;
  const count = tokens[at];
  if (at === 1 || (count?.kind === 'number' && tokens[1]?.kind === '(')) {
    if (count?.kind !== 'number') return 'a number of standbys must follow FIRST or ANY';
    // The server reads the number with `atoi`.
    if (atoi(count.text) <= 0) return 'the number of synchronous standbys must be greater than zero';
    if (tokens[at + 1]?.kind !== '(' || tokens.at(-1)?.kind !== ')') return 'the names must be in parentheses';
    at += 2;
    return isNameList(tokens.slice(at, -1)) ? undefined : 'the names must be separated by commas';
  }
  return isNameList(tokens) ? undefined : 'the names must be separated by commas';
}

function isNameList(tokens: readonly Token[]): boolean {
  return (
    tokens.length % 2 === 1 &&
    tokens.every(({ kind }, i) => (i % 2 === 1 ? kind === ',' : kind === 'name' || kind === 'number'))
  );
}

function tokenize(text: string, version: PgMajor): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const pattern = new RegExp(tokenPattern);
  const end = endWithoutSpaces(text);
  for (let at = 0; at < end; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const [, quoted, number, word, star, mark] = match;
    if (mark !== undefined) tokens.push({ kind: mark as ',' | '(' | ')', text: mark });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined && /^(?:any|first)$/i.test(word) && spanIncludes(methodWords, version)) {
      tokens.push({ kind: 'method', text: word });
    } else tokens.push({ kind: 'name', text: quoted ?? word ?? star! });
  }
  return tokens;
}
