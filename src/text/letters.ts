import { lazily } from '../lazily.ts';

// biome-ignore lint/complexity/useRegexLiterals: the check of a literal with these classes delays the import
const foreignLetters = lazily(() => new RegExp('(?![\\0-\\x7f])[\\p{L}\\p{N}]', 'gu'));

/**
 * Returns the text with an `a` in place of each letter and digit outside ASCII. An expression that knows only ASCII,
 * such as `/^\w+$/`, then accepts the letters and digits of all languages.
 */
export function withAsciiLetters(text: string): string {
  return text.replace(foreignLetters(), 'a');
}
