import type { LineFix } from '../../auth-file/read/line-diagnostic.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { namedLookAlike, withoutLookAlikes } from '../../text/look-alikes.ts';
import type { PgMajor } from '../../version.ts';
import type { AuthMethodRow } from '../tables/tables.ts';

/** Words that only servers before 9.6 knew, with the last release that knew the word. */
const goneBefore: Readonly<Record<string, string>> = { crypt: '8.3', krb4: '8.2', krb5: '9.3' };

/**
 * Returns the end of a sentence that explains why a major version does not know a word; `undefined` if there is no
 * explanation.
 *
 * @param table the words of this column that any major version knows
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

/** Returns the fix of a word with wrong letter case, quotes, look-alike characters or trailing punctuation. */
export function wordFix({ value, start, end }: Token, known: readonly string[]): LineFix | undefined {
  const plain = withoutLookAlikes(pgAsciiToLower(value)).replace(/^['"]|['";,.]+$/g, '');
  // A no-break space joins two words, because the server does not treat it as a blank.
  const [first, ...rest] = plain.split(' ');
  if (first === undefined || !known.includes(first)) return undefined;
  const text = [first, ...rest].join(' ');
  return { title: `write ${text}`, start, end, text };
}
