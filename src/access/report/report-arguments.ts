import { assertList, assertProperties, assertRecord, assertText } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';

const severities: readonly unknown[] = ['error', 'warning', 'info'];

/**
 * Checks the arguments of a report function for callers without type checks.
 *
 * @throws PgHostsslError `argument-invalid` for values of the wrong kind
 */
export function assertReportArguments(
  diagnostics: readonly Diagnostic[],
  options: { readonly file?: string },
  what: string,
): void {
  assertList(diagnostics, `diagnostics of ${what}`);
  assertProperties(options, { file: true }, `options of ${what}`);
  if (options.file !== undefined) assertText(options.file, `file of ${what}`);
  for (const each of diagnostics as readonly Partial<Diagnostic>[]) {
    assertRecord(each, `a diagnostic of ${what}`);
    const { code, message, severity, range } = each as Partial<Diagnostic>;
    assertText(code, `code of a diagnostic of ${what}`);
    assertText(message, `message of a diagnostic of ${what}`);
    const numbers = [range?.start?.line, range?.start?.column, range?.end?.line, range?.end?.column];
    if (severities.includes(severity) && numbers.every(Number.isInteger)) continue;
    throw new PgHostsslError('argument-invalid', `A diagnostic of ${what} has no severity, or no range`);
  }
}
