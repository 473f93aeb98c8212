import type { DiagnosticCode } from '../../codes.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { PgMajor } from '../../version.ts';

/** A diagnostic of an upgrade, made of a diagnostic that only the new major version reports. */
export interface UpgradeDiagnostic {
  readonly diagnostic: Diagnostic;
  /** The code of the new major version's own diagnostic. */
  readonly ownCode: DiagnosticCode;
}

/** Returns the diagnostics that only the new major version reports, with a code for the upgrade. */
export function newDiagnostics(
  before: readonly Diagnostic[],
  after: readonly Diagnostic[],
  version: PgMajor,
  codeOf: (diagnostic: Diagnostic) => DiagnosticCode,
): readonly UpgradeDiagnostic[] {
  const known = new Set(before.map(keyOf));
  return after
    .filter((each) => !known.has(keyOf(each)))
    .map((each) => {
      const message = `PostgreSQL ${version}: ${each.message} (${each.code})`;
      return { diagnostic: { ...each, code: codeOf(each), message }, ownCode: each.code };
    });
}

function keyOf({ code, severity, file, range }: Diagnostic): string {
  return `${code} ${severity} ${file} ${range.start.line}`;
}
