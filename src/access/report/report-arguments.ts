import { assertList, assertProperties, assertText } from '../../arguments.ts';
import { assertDiagnostic, type Diagnostic } from '../../text/diagnostic.ts';

/**
 * Checks the arguments of a report function for callers without type checks.
 *
 * @throws PgHostsslError `argument-invalid` for values of the wrong kind
 */
export function assertReportArguments(
  diagnostics: readonly Diagnostic[],
  options: { readonly file?: string | undefined },
  what: string,
): void {
  assertList(diagnostics, `diagnostics of ${what}`);
  assertProperties(options, { file: true }, `options of ${what}`);
  if (options.file !== undefined) assertText(options.file, `file of ${what}`);
  for (const each of diagnostics) assertDiagnostic(each, `a diagnostic of ${what}`);
}
