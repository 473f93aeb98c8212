import { kindOf } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';

/**
 * Returns the text of a comment unchanged, after checking it.
 *
 * @throws PgHostsslError `text-invalid` if the text would end the line or become part of the line end
 */
export function commentText(text: string): string {
  if (!lineText(text).endsWith('\r')) return text;
  throw new PgHostsslError('text-invalid', 'A comment cannot end in a carriage return');
}

/**
 * Returns a text, in double quotes if `needed` is `true`.
 *
 * @throws PgHostsslError `text-invalid` for a text that a line cannot contain
 */
export function quoteIf(needed: boolean, text: string): string {
  return needed ? `"${lineText(text).replaceAll('"', '""')}"` : lineText(text);
}

/**
 * Serializes a regular expression with its leading slash, in quotes if needed.
 *
 * @throws PgHostsslError `text-invalid` for a text that a line cannot contain
 */
export function serializeRegex(pattern: string): string {
  return quoteIf(/[ \t\r\n\v\f",#\0]/.test(pattern), `/${pattern}`);
}

function lineText(text: string): string {
  if (typeof text !== 'string') {
    throw new PgHostsslError('argument-invalid', `A text to be written must be a string; got ${kindOf(text)}`);
  }
  const at = text.search(/[\n\0]/);
  if (at === -1) return text;
  // The message does not show the text, because the text can be a secret.
  const what = text[at] === '\n' ? 'line break' : 'NUL';
  throw new PgHostsslError(
    'text-invalid',
    `A line cannot hold a ${what}: character ${at + 1} of the text is a ${what}`,
  );
}
