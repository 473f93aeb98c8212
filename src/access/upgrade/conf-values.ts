import { pgAsciiToLower } from '../../c/ascii.ts';
import { settingDefinition } from '../../conf/catalogue/catalogue.ts';
import { settingDiagnostic } from '../../conf/server/setting-diagnostic.ts';
import type { ConfTree } from '../../conf/tree.ts';
import { shownQuantity, sizeOf } from '../../conf/values/units.ts';
import { amountOf, readValue, type SettingValue } from '../../conf/values/value.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';

/**
 * Returns a diagnostic for each number that two major versions read differently. Major version 11 cuts off fractions of
 * the setting's unit, and major version 12 rounds them. A number without a unit changes if the setting's unit changes.
 */
export function confValueChanges(before: ConfTree, after: ConfTree): Diagnostic[] {
  const settings = before.files.flatMap((file) => file.settings);
  const names = new Set(settings.map(({ name }) => pgAsciiToLower(name)));
  return [...names].flatMap((name): Diagnostic[] => {
    const { value, entry } = before.effective(name) ?? {};
    if (value === undefined || entry === undefined) return [];
    const [old, now] = [before, after].map(({ version }) => numberOf(name, value, version));
    if (old === undefined || now === undefined || isSame(old, now)) return [];
    const text = shownNumber(old);
    const message = `PostgreSQL ${after.version} reads ${JSON.stringify(value)} of ${name} as ${shownNumber(now)}, but PostgreSQL ${before.version} reads ${text}. Write ${text} to keep the value`;
    const fix = { title: `write ${text}`, text };
    return [settingDiagnostic(before, name, { code: 'upgrade-setting', severity: 'warning', message }, fix)];
  });
}

/** A number in the setting's own unit, if the setting has a unit. */
type SettingNumber = Extract<SettingValue, number | { readonly amount: number }>;

/** Returns the number that a server of the major version reads; `undefined` for a value that is not a number. */
function numberOf(name: string, value: string, version: ConfTree['version']): SettingNumber | undefined {
  const definition = settingDefinition(name, version);
  const reading = definition && readValue(definition, value, version);
  if (reading?.ok !== true) return undefined;
  const { value: read } = reading;
  return typeof read === 'number' || (typeof read === 'object' && 'amount' in read) ? read : undefined;
}

/**
 * Returns whether two major versions read the same number. The unit of a setting can differ between the versions. A
 * setting that has a unit only in one version is in this unit in both versions. Negative numbers have no unit: -1 is a
 * special value.
 */
function isSame(a: SettingNumber, b: SettingNumber): boolean {
  if (typeof a === 'number' || typeof b === 'number' || a.amount < 0) return amountOf(a) === amountOf(b);
  return sizeOf(a) === sizeOf(b);
}

function shownNumber(number: SettingNumber): string {
  return typeof number === 'number' || number.amount < 0 ? String(amountOf(number)) : shownQuantity(number);
}
