import { pgAsciiToLower } from '../../c/ascii.ts';
import { settingDefinition } from '../../conf/catalogue/catalogue.ts';
import type { ConfTree } from '../../conf/tree.ts';
import { readValue, type SettingValue } from '../../conf/values/value.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { firstLineRange } from '../../text/position.ts';

/**
 * Returns a diagnostic for each number that two major versions read differently. Major version 11 cuts off fractions of
 * the setting's unit, and major version 12 rounds them.
 */
export function confValueChanges(before: ConfTree, after: ConfTree): Diagnostic[] {
  const settings = before.files.flatMap((file) => file.settings);
  const names = new Set(settings.map(({ name }) => pgAsciiToLower(name)));
  return [...names].flatMap((name): Diagnostic[] => {
    const { value, entry, line, file } = before.effective(name) ?? {};
    if (value === undefined || entry === undefined || line === undefined) return [];
    const [old, now] = [before, after].map(({ version }) => numberOf(name, value, version));
    if (old === undefined || now === undefined || old === now) return [];
    const path = file?.options.file;
    return [
      {
        code: 'upgrade-setting',
        severity: 'warning',
        message: `PostgreSQL ${after.version} reads ${JSON.stringify(value)} of ${name} as ${now}, but PostgreSQL ${before.version} reads ${old}. Write ${old} to keep the value`,
        range: firstLineRange(entry.text, line),
        ...(path === undefined ? {} : { file: path }),
      },
    ];
  });
}

/**
 * Returns the number that a server of the major version reads, in the setting's own unit; `undefined` for a value that
 * is not a number.
 */
function numberOf(name: string, value: string, version: ConfTree['version']): string | undefined {
  const definition = settingDefinition(name, version);
  const reading = definition && readValue(definition, value, version);
  return reading?.ok === true ? shownNumber(reading.value) : undefined;
}

function shownNumber(value: SettingValue): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || !('amount' in value)) return undefined;
  // If the unit of a setting begins with a digit, such as 8kB, the number counts blocks.
  return /^\d/.test(value.unit) ? `${value.amount} (of ${value.unit})` : `${value.amount}${value.unit}`;
}
