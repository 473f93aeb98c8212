import { lintLookAlike } from '../../auth-file/check/look-alike.ts';
import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import type { LineContext } from '../../auth-file/read/record-format.ts';
import { regularExpressionsSince } from '../../auth-file/scan/scan-rules.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { all, type HbaDatabase, type HbaUser } from '../rule.ts';
import { databaseKeywords, userKeywords } from '../tables/keywords.ts';

/** Words that mean every database or user in shells, in SQL or in firewalls. */
const wildcards = ['*', '%', 'any'];

/** Database names that need no check. */
export const ordinaryDatabase: RegExp = ordinaryName(databaseKeywords);
/** User names that need no check. */
export const ordinaryUser: RegExp = ordinaryName(userKeywords);

/**
 * Returns a regular expression for names that need no check: printable ASCII names that are not a regular expression, a
 * wildcard, or one of these keywords in any letter case. In printable ASCII, no character looks like another.
 */
export function ordinaryName(keywords: readonly string[]): RegExp {
  const words = [...keywords, ...wildcards].map((word) => word.replace('*', '\\*'));
  return new RegExp(`^(?!/|(?:${words.join('|')})$)[ -~]+$`, 'i');
}

/**
 * Returns whether {@link lintName} has nothing to check in a list of names. Each `@file` must be checked. Keywords,
 * roles and regular expressions need no check.
 */
export function areOrdinaryNames(names: readonly (HbaDatabase | HbaUser)[], ordinary: RegExp): boolean {
  // Iterating over a frozen list, such as the shared list of the keyword `all`, is many times slower.
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (name !== all && (typeof name === 'string' ? !ordinary.test(name) : 'file' in name)) return false;
  }
  return true;
}

/** Returns the warnings about a name or a keyword of the database column or the user column. */
export function lintName(
  token: Token,
  keywords: readonly string[],
  { rules, version }: LineContext,
): readonly LineDiagnostic[] {
  const { value, quoted } = token;
  // A plain keyword needs no check, and most names are plain keywords or resemble no keyword.
  if (!quoted && keywords.includes(value)) return [];
  const found = [...lintKeyword(token, keywords), ...lintWildcard(token), ...lintLookAlike(token)];
  if (rules.regularExpressions || !value.startsWith('/')) return found;
  const message = `PostgreSQL ${version} reads "${value}" as a name. Regular expressions need ${regularExpressionsSince} or later`;
  return [...found, { code: 'regex-as-name', severity: 'warning', message, span: token }];
}

/** Returns the warning about a name that looks like a keyword. */
export function lintKeyword(token: Token, keywords: readonly string[]): readonly LineDiagnostic[] {
  const { value, quoted, start, end } = token;
  const keyword = keywordLike(value, keywords);
  if (keyword === undefined || (!quoted && value === keyword)) return [];
  const fix = { title: `write ${keyword}`, start, end, text: keyword };
  if (quoted && value === keyword) {
    const message = `In quotes, "${keyword}" is a name, not the keyword. Remove the quotes to write the keyword`;
    return [{ code: 'keyword-quoted', severity: 'warning', message, span: token, fix }];
  }
  if (quoted) return [];
  const message = `"${value}" is a name, not the keyword ${keyword}, because keywords are in lower case. Write ${keyword} for the keyword`;
  return [{ code: 'keyword-case', severity: 'warning', message, span: token, fix }];
}

function lintWildcard({ value, quoted, start, end }: Token): readonly LineDiagnostic[] {
  if (quoted || !wildcards.includes(value)) return [];
  const message = `"${value}" is an ordinary name and not a pattern, so no other name matches. Write all for every name`;
  const fix = { title: 'write all', start, end, text: 'all' };
  return [{ code: 'name-wildcard', severity: 'warning', message, span: { start, end }, fix }];
}

/** Returns the keyword that equals a word without regard to letter case; `undefined` if there is none. */
function keywordLike(word: string, keywords: readonly string[]): string | undefined {
  for (const keyword of keywords) {
    if (keyword.length === word.length && keyword === pgAsciiToLower(word)) return keyword;
  }
  return undefined;
}
