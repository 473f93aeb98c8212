import { pgAsciiToLower } from './ascii.ts';

/**
 * `parse_bool` (bool.c): accepts `1`, `0` and the words `on`, `off`, `true`, `false`, `yes` and `no`. A word can be
 * shortened as long as it is unambiguous. Letter case is ignored. Returns `undefined` for any other text.
 */
export function parseBool(text: string): boolean | undefined {
  const word = pgAsciiToLower(text);
  if (word === '1' || word === 'on') return true;
  if (word === '0' || word === 'of' || word === 'off') return false;
  if (word === '') return undefined;
  if ('true'.startsWith(word) || 'yes'.startsWith(word)) return true;
  return 'false'.startsWith(word) || 'no'.startsWith(word) ? false : undefined;
}
