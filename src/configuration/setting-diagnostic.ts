import { settingSpans } from '../conf/lines/entry.ts';
import type { ConfTree } from '../conf/tree.ts';
import { withoutControls } from '../text/control-characters.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { rangeAt } from '../text/position.ts';

/**
 * A diagnostic whose range is the value of a setting. If no line sets the setting, the range is the start of
 * postgresql.conf.
 */
export function settingDiagnostic(
  conf: ConfTree,
  setting: string | undefined,
  { code, severity, message: given }: Pick<Diagnostic, 'code' | 'severity' | 'message'>,
): Diagnostic {
  const message = withoutControls(given);
  const { entry, file, line } = (setting === undefined ? undefined : conf.effective(setting)) ?? {};
  if (entry !== undefined && line !== undefined) {
    const { value } = settingSpans(entry);
    const range = rangeAt(entry.text, value.start, value.end, line);
    return { code, severity, message, range, ...fileOf(file?.options.file) };
  }
  const start = { line: 1, column: 1 };
  return { code, severity, message, range: { start, end: start }, ...fileOf(conf.main.options.file) };
}

function fileOf(file: string | undefined): { readonly file?: string } {
  return file === undefined ? {} : { file };
}
