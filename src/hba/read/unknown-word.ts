import type { LineFix } from '../../auth-file/read/line-diagnostic.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { namedLookAlike, withoutLookAlikes } from '../../text/look-alikes.ts';
import type { PgMajor } from '../../version.ts';
import type { AuthMethodRow } from '../tables/tables.ts';

/** Words that servers before 9.6 knew, with the last release that did. */
const goneBefore: Readonly<Record<string, string>> = { crypt: '8.3', krb4: '8.2', krb5: '9.3' };

/**
 * Why a word is not one of a table in a major version, as the rest of a sentence; `undefined` if nothing but the table
 * tells.
 *
 * @param table the words of all major versions
 */
export function whyUnknown(
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

/** The fix of a word in other letters, quotes or characters, or with a sign behind it. */
export function wordFix({ value, start, end }: Token, known: readonly string[]): LineFix | undefined {
  const plain = withoutLookAlikes(pgAsciiToLower(value)).replace(/^['"]|['";,.]+$/g, '');
  // A no-break blank joins the word with the next one.
  const [first, ...rest] = plain.split(' ');
  if (first === undefined || !known.includes(first)) return undefined;
  const text = [first, ...rest].join(' ');
  return { title: `write ${text}`, start, end, text };
}
