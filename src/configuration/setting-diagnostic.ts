import { given } from '../arguments.ts';
import { settingSpans } from '../conf/lines/entry.ts';
import type { ConfTree } from '../conf/tree.ts';
import { withoutControls } from '../text/control-characters.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { rangeAt, startOfFile } from '../text/position.ts';

/** A diagnostic without its place. */
export type PlacelessDiagnostic = Pick<Diagnostic, 'code' | 'severity' | 'message'>;

/**
 * A diagnostic whose range is the value of a setting. If no line sets the setting, the range is the start of
 * postgresql.conf.
 */
export function settingDiagnostic(
  conf: ConfTree,
  setting: string | undefined,
  { code, severity, message: text }: PlacelessDiagnostic,
): Diagnostic {
  const message = withoutControls(text);
  const { entry, file, line } = (setting === undefined ? undefined : conf.effective(setting)) ?? {};
  if (entry !== undefined && line !== undefined) {
    const { value } = settingSpans(entry);
    const range = rangeAt(entry.text, value.start, value.end, line);
    return { code, severity, message, range, ...given({ file: file?.options.file }) };
  }
  return { code, severity, message, range: startOfFile, ...given({ file: conf.main.options.file }) };
}
