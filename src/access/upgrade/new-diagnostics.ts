import type { DiagnosticCode } from '../../codes.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { PgMajor } from '../../version.ts';

/** Returns the diagnostics that only the new major version reports, with a code for the upgrade. */
export function newDiagnostics(
  before: readonly Diagnostic[],
  after: readonly Diagnostic[],
  version: PgMajor,
  codeOf: (diagnostic: Diagnostic) => DiagnosticCode,
): Diagnostic[] {
  const known = new Set(before.map(keyOf));
  return after
    .filter((each) => !known.has(keyOf(each)))
    .map((each) => ({ ...each, code: codeOf(each), message: `PostgreSQL ${version}: ${each.message} (${each.code})` }));
}

function keyOf({ code, severity, file, range }: Diagnostic): string {
  return `${code} ${severity} ${file} ${range.start.line}`;
}
