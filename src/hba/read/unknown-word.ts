import type { Token } from '../../auth-file/scan/token.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { namedLookAlike, withoutLookAlikes } from '../../text/look-alikes.ts';
import { beginsWithPlaceholder, placeholderAdvice } from '../../text/placeholder.ts';
import type { LineFix } from '../../text/span.ts';
import { trimEndOf } from '../../text/trim-end.ts';
import type { PgMajor } from '../../version.ts';
import type { AuthMethod, AuthMethodRow } from '../tables/tables.ts';

/** Words that only servers before 9.6 knew, with the last release that knew the word. */
const goneBefore: Readonly<Record<string, string>> = { crypt: '8.3', krb4: '8.2', krb5: '9.3' };

/** Returns whether a word begins a comment in other languages: `//`, `--`, a slash with an asterisk, or a semicolon. */
export function beginsComment(word: string): boolean {
  return /^(?:\/\/|--|\/\*|;)/.test(word);
}

/** Returns the fix that turns a line, from a token on, into a comment. */
export function commentFix({ start }: Token, title: string): LineFix {
  return { title, start, end: start, text: '# ' };
}

/**
 * Returns the end of a message about an unknown word: why the major version does not know the word, and what to write.
 *
 * @param line the tokens of the line up to the word
 * @param table the words of this column that any major version knows
 * @param known the words of this column that the major version knows
 */
export function unknownWordAdvice(
  line: readonly Token[],
  table: Readonly<Record<string, AuthMethodRow>>,
  known: readonly string[],
  version: PgMajor,
): string {
  const token = line.at(-1)!;
  if (beginsComment(token.value)) return ': a comment begins with #';
  if (line.some(({ value }) => beginsWithPlaceholder(value))) return `: ${placeholderAdvice}`;
  const why = whyUnknown(token, table, version);
  return `${why === undefined ? '' : `: ${why}`}. Write ${meantWord(token, known) ?? `one of ${known.join(', ')}`}`;
}

/** Returns why a major version does not know a word, as the end of a sentence; `undefined` if there is no reason. */
function whyUnknown(
  { value }: Token,
  table: Readonly<Record<string, AuthMethodRow>>,
  version: PgMajor,
): string | undefined {
  const named = namedLookAlike(value);
  if (named !== undefined) return `the word holds ${named}. Write the ASCII character`;
  if (Object.hasOwn(goneBefore, value))
    return `PostgreSQL ${goneBefore[value]} is the last version that knows the word`;
  const row: AuthMethodRow = Object.hasOwn(table, value) ? table[value]! : {};
  if (row.since !== undefined && row.since > version)
    return `PostgreSQL ${row.since} is the first version that knows the word`;
  if (row.until !== undefined && row.until < version)
    return `PostgreSQL ${row.until} is the last version that knows the word`;
  return undefined;
}

/** Other names of authentication methods, without hyphens and underscores. */
const otherNames: Readonly<Record<string, AuthMethod>> = {
  scram: 'scram-sha-256',
  scramsha: 'scram-sha-256',
  scram256: 'scram-sha-256',
  sha256: 'scram-sha-256',
  gssapi: 'gss',
  kerberos: 'gss',
  certificate: 'cert',
  passwd: 'password',
  deny: 'reject',
};

/**
 * Returns the known word that an unknown word stands for: the word in another letter case, with look-alike characters,
 * other hyphens, quotes or trailing punctuation, or another name of a method.
 */
export function meantWord({ value }: Token, known: readonly string[]): string | undefined {
  const plain = plainWord(value);
  const [first = ''] = plain.split(' ');
  if (known.includes(first)) return first;
  const letters = withoutHyphens(plain);
  const other = Object.hasOwn(otherNames, letters) ? otherNames[letters] : undefined;
  return known.find((word) => word === other || withoutHyphens(word) === letters);
}

/** Returns the fix that writes the meant word; see {@link meantWord}. */
export function wordFix(token: Token, known: readonly string[]): LineFix | undefined {
  const meant = meantWord(token, known);
  if (meant === undefined) return undefined;
  // A no-break space joins two words, because the server does not treat it as a blank.
  const [first, ...rest] = plainWord(token.value).split(' ');
  const text = first === meant ? [first, ...rest].join(' ') : meant;
  return { title: `write ${text}`, start: token.start, end: token.end, text };
}

function plainWord(word: string): string {
  return trimEndOf(withoutLookAlikes(pgAsciiToLower(word)).replace(/^['"]/, ''), '\'";,.');
}

function withoutHyphens(word: string): string {
  return word.replace(/[-_]/g, '');
}
