import { pgAsciiToLower } from './ascii.ts';

/** `parse_bool` (bool.c): 1, 0, and the beginnings, in either case, that only one of the words has. */
export function parseBool(text: string): boolean | undefined {
  const word = pgAsciiToLower(text);
  if (word === '1' || word === 'on') return true;
  if (word === '0' || word === 'of' || word === 'off') return false;
  if (word === '') return undefined;
  if ('true'.startsWith(word) || 'yes'.startsWith(word)) return true;
  return 'false'.startsWith(word) || 'no'.startsWith(word) ? false : undefined;
}
