import { skeleton } from '../../ident/read/pattern.ts';
import { fileTextOfToken, tokenOfFileText } from '../../text/bytes.ts';
import { regexOf } from './regex.ts';

/** The text that the first parenthesis of a regular expression matches. */
export type Capture =
  | {
      /** The regular expression does not match the text. */
      readonly kind: 'no-match';
    }
  | {
      /** The expression matches; the text is missing if there is no parenthesis. */
      readonly kind: 'match';
      /** The text that the first parenthesis of the expression matches. */
      readonly text?: string;
    };

/**
 * Matches a text and returns the text that the first parenthesis matches. PostgreSQL prefers the longest match as a
 * whole, and JavaScript prefers the first alternative. The results agree if an expression has one parenthesis, ends in
 * `$`, and has no alternatives.
 *
 * @returns `undefined` if only a server can evaluate the expression
 */
export function captureOf(pattern: string, text: string): Capture | undefined {
  const regex = regexOf(pattern);
  if (regex === undefined) return undefined;
  if (!regex.test(text)) return { kind: 'no-match' };
  const plain = skeleton(pattern);
  if (!plain.includes('(')) return { kind: 'match' };
  if (!isCommon(plain)) return undefined;
  // In the server, `\s` matches only ASCII blanks, and the expression matches bytes instead of characters.
  const source = fileTextOfToken(pattern).replace(/\\(.)/gs, (whole, c) => (c === 's' ? '[ \\t-\\r]' : whole));
  const [, group] = new RegExp(source, 's').exec(fileTextOfToken(text)) ?? [];
  return group === undefined ? undefined : { kind: 'match', text: tokenOfFileText(group, 'bytes') };
}

/**
 * Returns whether PostgreSQL and JavaScript capture the same text for this expression. Expressions with more than three
 * quantifiers are excluded, because JavaScript can need a very long time for them.
 */
function isCommon(plain: string): boolean {
  const quantifiers = plain.match(/[*+?{]/g) ?? [];
  const hasOneGroup = plain.indexOf('(') === plain.lastIndexOf('(') && !/\)[*+?{]/.test(plain);
  return hasOneGroup && plain.endsWith('$') && !/\||[*+?}]\?/.test(plain) && quantifiers.length <= 3;
}
