import { groupBy } from '../../group-by.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';

/**
 * Returns diagnostics without repetitions. Both the `diagnostics` of a file and `lintAccess` contain the diagnostics of
 * the file, but only `lintAccess` marks the suppressed ones.
 */
export function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const groups = groupBy(diagnostics, ({ code, message, file, range: { start, end } }) =>
    JSON.stringify([code, message, file, start.line, start.column, end.line, end.column]),
  );
  return [...groups.values()].map((equal) => equal.find(({ suppressed }) => suppressed === true) ?? equal[0]!);
}
