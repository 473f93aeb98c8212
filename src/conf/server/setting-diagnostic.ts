import { given } from '../../arguments.ts';
import { withoutControls } from '../../text/control-characters.ts';
import { type Diagnostic, wholeFile } from '../../text/diagnostic.ts';
import type { LineFix } from '../../text/span.ts';
import { diagnosticAt } from '../check/diagnostic-at.ts';
import { settingSpans } from '../lines/entry.ts';
import type { ConfTree } from '../tree.ts';

/** A diagnostic without its place. */
export type PlacelessDiagnostic = Pick<Diagnostic, 'code' | 'severity' | 'message'>;

/**
 * A diagnostic whose range is the value of a setting. If no line sets the setting, the range is the start of
 * postgresql.conf.
 *
 * @param fixedValue the text that replaces the value, with the title of this fix
 */
export function settingDiagnostic(
  conf: ConfTree,
  setting: string | undefined,
  { code, severity, message }: PlacelessDiagnostic,
  fixedValue?: Pick<LineFix, 'title' | 'text'>,
): Diagnostic {
  const { entry, file, line } = (setting === undefined ? undefined : conf.effective(setting)) ?? {};
  if (entry === undefined || file === undefined || line === undefined) {
    return {
      code,
      severity,
      message: withoutControls(message),
      ...wholeFile,
      ...given({ file: conf.main.options.file }),
    };
  }
  const isIncluded = file !== conf.main && file !== conf.auto;
  const place = { file: { path: file.options.file, entries: file.entries, isIncluded }, line };
  const { value } = settingSpans(entry);
  const fix = fixedValue && { ...fixedValue, ...value };
  return diagnosticAt(place, value, code, severity, message, { fix });
}
