import { namedLookAlike } from '../../text/look-alikes.ts';
import type { LineDiagnostic } from '../read/line-diagnostic.ts';
import type { Token } from '../scan/token.ts';

/** Returns the warning about a name with a character that looks like an ASCII character or is invisible. */
export function lintLookAlike(token: Token): readonly LineDiagnostic[] {
  // Another warning reports a byte order mark at the start of a file.
  const named = namedLookAlike(token.value.replace(/^\ufeff/, ''));
  if (named === undefined) return [];
  const message = `"${token.value}" contains ${named}, which is part of the name. Write the ASCII character`;
  return [{ code: 'look-alike', severity: 'warning', message, span: token }];
}
