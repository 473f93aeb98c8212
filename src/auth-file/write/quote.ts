import { PgHostsslError } from '../../errors.ts';
import { maskSecrets } from '../../text/secrets.ts';

/**
 * The text of a comment, which stands in a line as it is.
 *
 * @throws PgHostsslError `text-invalid` where it would end the line, or be a part of the line end
 */
export function commentText(text: string): string {
  if (!text.endsWith('\r')) return lineText(text);
  throw new PgHostsslError(
    'text-invalid',
    `${JSON.stringify(maskSecrets(text))} ends in a carriage return, as no comment can`,
  );
}

/** A text in double quotes, or as it is where they are not needed; throws `text-invalid`. */
export function quoteWhere(needed: boolean, text: string): string {
  return needed ? `"${lineText(text).replaceAll('"', '""')}"` : lineText(text);
}

/** A regular expression behind its slash, quoted where it must be; throws `text-invalid`. */
export function spellRegex(pattern: string): string {
  return quoteWhere(/[\s",#\0]/.test(pattern), `/${pattern}`);
}

function lineText(text: string): string {
  if (!/[\n\0]/.test(text)) return text;
  throw new PgHostsslError(
    'text-invalid',
    `${JSON.stringify(maskSecrets(text))} holds a line end or a NUL, which no line can hold`,
  );
}
