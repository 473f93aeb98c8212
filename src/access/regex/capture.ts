import { judgeRegex } from '../../auth-file/read/regex.ts';
import { regexOf } from './regex.ts';

/** What the first parenthesis of a regular expression holds. */
export type Capture =
  | {
      /** The expression does not match. */
      readonly kind: 'no-match';
    }
  | {
      /** The expression matches; the text is missing if there is no parenthesis. */
      readonly kind: 'match';
      /** The text in the first parenthesis. */
      readonly text?: string;
    };

/**
 * Matches a text and gives what the first parenthesis holds. PostgreSQL prefers the longest match as a whole, JavaScript
 * the first alternative: the two agree where an expression has one parenthesis, ends in `$`, and has no alternatives.
 *
 * @returns `undefined` if only a server can tell
 */
export function captureOf(pattern: string, text: string): Capture | undefined {
  const regex = regexOf(pattern);
  if (regex === undefined) return undefined;
  if (!regex.test(text)) return { kind: 'no-match' };
  const plain = pattern.replace(/\\./gs, '..').replace(/\[[^\]]*\]/g, (bracket) => '.'.repeat(bracket.length));
  if (!plain.includes('(')) return { kind: 'match' };
  if (!isCommon(plain) || judgeRegex(pattern) !== 'valid') return undefined;
  const [, group] = new RegExp(pattern.replace(/\\([^dsw])/gs, '\\$1'), 's').exec(text) ?? [];
  return group === undefined ? undefined : { kind: 'match', text: group };
}

/** Whether both languages capture the same text, in a time that grows little with the text. */
function isCommon(plain: string): boolean {
  const quantifiers = plain.match(/[*+?{]/g) ?? [];
  const hasOneGroup = plain.indexOf('(') === plain.lastIndexOf('(') && !/\)[*+?{]/.test(plain);
  return hasOneGroup && plain.endsWith('$') && !/\||[*+?}]\?/.test(plain) && quantifiers.length <= 3;
}
