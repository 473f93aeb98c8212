import type { ErrorCode } from '../../codes.ts';
import { PgHostsslError } from '../../errors.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';

/**
 * A file that its server refuses is not planned upon: after a reload the server would go on with what it had before, and
 * after a restart it would not be there.
 *
 * @throws PgHostsslError the given code, at the first line that is refused.
 */
export function assertAccepted(
  code: Extract<ErrorCode, 'conf-refused' | 'hba-refused'>,
  path: string,
  diagnostics: readonly Diagnostic[],
): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`;
  throw new PgHostsslError(code, `The server refuses this file: ${first.message}${more}`, {
    file: first.file ?? path,
    line: first.range.start.line,
    column: first.range.start.column,
    hint: 'Nothing was planned. Mend the line first.',
  });
}
