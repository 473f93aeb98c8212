import { capitalized } from '../../c/ascii.ts';
import { findSecrets } from '../../find-secrets.ts';
import { type Diagnostic, type Severity, wholeFile } from '../../text/diagnostic.ts';
import { namedLookAlike, withoutLookAlikes } from '../../text/look-alikes.ts';
import { applyChanges } from '../../text/pieces.ts';
import type { LineFix, Span } from '../../text/span.ts';
import type { PgMajor } from '../../version.ts';
import { settingDefinition } from '../catalogue/catalogue.ts';
import { explainUnknownName } from '../catalogue/renamed.ts';
import { secretSettings } from '../catalogue/secret-names.ts';
import { type ConfSetting, readEntry, settingSpans } from '../lines/entry.ts';
import { quotedIfNeeded } from '../lines/scan.ts';
import type { SettingItem } from '../lines/sources.ts';
import { acceptanceOf } from './acceptance.ts';
import { diagnosticAt, secretsIn, shownText } from './diagnostic-at.ts';
import { type Judgement, judgeSetting } from './judge-setting.ts';
import { percentageAdvice, withKnownUnit } from './number-advice.ts';
import { refusalWords } from './refusal-words.ts';
import { type Trap, trapOf } from './traps.ts';

/** How a line is read. */
export interface Reading {
  readonly version: PgMajor;
  /** `true` if no file that was not read can override the line. */
  readonly isCertain: boolean;
}

/** Returns the diagnostics of a setting without regard to other settings. */
export function diagnoseSetting(item: SettingItem, reading: Reading): readonly Diagnostic[] {
  const { entry } = item;
  const { version } = reading;
  const spans = settingSpans(entry);
  const judgement = judgeSetting(entry.name, entry.value, version);
  const diagnosis = diagnosisOf(entry.name, judgement, version, () => shownText(item, spans.value));
  const found = trapOf(entry, spans, version);
  // If the server refuses the corrected value, too, the trap does not explain the line.
  const trap = found === undefined || isRefusedWith(entry, found.fix, version) ? undefined : found;
  // The error of a refused value explains the trap, so the trap gets no diagnostic of its own.
  const isRefused = judgement.kind === 'refused';
  const diagnostics =
    diagnosis === undefined ? [] : [diagnosticOf(item, diagnosis, reading, isRefused ? trap : undefined)];
  if (trap === undefined || isRefused) return diagnostics;
  const fix = certain(entry, trap.fix, version);
  return [...diagnostics, diagnosticAt(item, spans.value, trap.code, 'warning', trap.message, { fix })];
}

/**
 * Makes the diagnostic of a setting.
 *
 * @param trap the trap that explains why the server refuses the value
 */
function diagnosticOf(
  item: SettingItem,
  diagnosis: Diagnosis,
  { version, isCertain }: Reading,
  trap: Trap | undefined,
): Diagnostic {
  const { entry } = item;
  const { code, severity, at, message } = diagnosis;
  const { fix, advice } = remedyOf(entry, diagnosis, version, trap);
  // An error about a value becomes a warning if a file that was not read may override the line, because the server does
  // not check overridden values. The server checks the names of overridden lines.
  const isOpen = severity === 'error' && !isCertain && code !== 'setting-unknown';
  const sentences = [
    at === 'value' && secretsIn(item).length > 0 ? withoutQuotations(message) : message,
    isOpen ? 'A file that was not read may override the line' : undefined,
    advice,
  ].filter((sentence) => sentence !== undefined);
  const text = `${sentences.join('. ')}${lookAlikeIn(entry.value)}`;
  return diagnosticAt(item, settingSpans(entry)[at], code, isOpen ? 'warning' : severity, text, {
    fix: certain(entry, fix, version),
  });
}

/** Returns the fix of a diagnostic, and the sentence that tells what to write instead. */
function remedyOf(
  entry: ConfSetting,
  { code, severity }: Diagnosis,
  version: PgMajor,
  trap: Trap | undefined,
): { readonly fix?: LineFix | undefined; readonly advice?: string | undefined } {
  const { name, value } = entry;
  const spans = settingSpans(entry);
  if (code === 'setting-unknown') return { fix: nameFix(entry, spans.name, version) };
  const amount = code === 'setting-unit-invalid' ? amountIn(name, value, version) : undefined;
  if (amount !== undefined) {
    const fix = { title: `write ${amount}`, ...spans.value, text: quotedIfNeeded(amount) };
    return { fix, advice: `Write ${amount}` };
  }
  const percentage = severity === 'error' && /%[ \t]*$/.test(value) ? percentageIn(name, value, version) : undefined;
  return { fix: trap?.fix, advice: percentage ?? trap?.message };
}

/** Returns the diagnostics of a setting that the server's command line sets. */
export function diagnoseText(name: string, text: string, version: PgMajor): readonly Diagnostic[] {
  const diagnosis = diagnosisOf(name, judgeSetting(name, text, version), version, () => 'this value');
  if (diagnosis === undefined || diagnosis.severity !== 'error') return [];
  const hasSecret = findSecrets(text, secretSettings).length > 0;
  const message = `On the command line: ${hasSecret ? withoutQuotations(diagnosis.message) : diagnosis.message}`;
  return [{ code: diagnosis.code, severity: diagnosis.severity, message, ...wholeFile }];
}

/** Leaves out what a message quotes of a value, such as a URL with a password in `listen_addresses`. */
function withoutQuotations(message: string): string {
  return message.replace(/".*"/s, '"***"');
}

/** A diagnostic of a setting, before its place in the line is known. */
interface Diagnosis extends Pick<Diagnostic, 'code' | 'message'> {
  readonly severity: Severity;
  readonly at: 'name' | 'value';
}

/** Returns the diagnostic for a judgement; `undefined` if the judgement needs no diagnostic. */
function diagnosisOf(name: string, judgement: Judgement, version: PgMajor, shown: () => string): Diagnosis | undefined {
  const refusal = refusalWords(name, judgement, version);
  switch (judgement.kind) {
    case 'accepted':
    case 'custom':
      return undefined;
    case 'refused': {
      const { code } = judgement;
      return { code, severity: 'error', message: refusal!, at: code === 'setting-unknown' ? 'name' : 'value' };
    }
    case 'unknown': {
      const message = `${refusal}. A server that does not know the name does not start`;
      return { code: 'setting-unknown', severity: 'warning', message, at: 'name' };
    }
    case 'unknown-to-module': {
      const message = `${refusal}. The server accepts the line and ignores the setting`;
      return { code: 'setting-unknown', severity: 'warning', message, at: 'name' };
    }
    case 'refused-by-module': {
      const { code, because, module } = judgement;
      const message = `${module} refuses this value of ${name}, so its default stays in effect: ${because}`;
      return { code, severity: 'warning', message, at: 'value' };
    }
    case 'doubtful': {
      const message = `This value of ${name} is probably a mistake: ${judgement.because}`;
      return { code: 'setting-value-invalid', severity: 'warning', message, at: 'value' };
    }
    case 'no-effect': {
      const message = `${name} has no effect: ${judgement.because}`;
      return { code: 'setting-no-effect', severity: 'warning', message, at: 'name' };
    }
    case 'unchecked': {
      const message = `${name} = ${shown()} is unchecked: ${judgement.because}`;
      return { code: 'setting-unchecked', severity: 'info', message, at: 'value' };
    }
  }
}

/** Returns the fix for a misspelled or renamed setting, if the value is valid for the correct name. */
function nameFix(entry: ConfSetting, span: Span, version: PgMajor): LineFix | undefined {
  const { name } = entry;
  const plain = withoutLookAlikes(name).replaceAll(' ', '');
  const isKnown = plain !== name && settingDefinition(plain, version) !== undefined;
  const meant = isKnown ? plain : explainUnknownName(plain, version).meant;
  if (meant === undefined) return undefined;
  const fix = { title: `write ${meant}`, ...span, text: meant };
  return isRefusedWith(entry, fix, version) ? undefined : fix;
}

/** Returns whether the server refuses the setting of a changed line. */
function isRefusedWith({ text }: ConfSetting, fix: LineFix, version: PgMajor): boolean {
  const entry = readEntry(applyChanges(text, [fix]), 'utf-8');
  return entry.kind !== 'setting' || judgeSetting(entry.name, entry.value, version).kind === 'refused';
}

/** Returns a fix of a line, unless only the server can tell whether it accepts the changed line. */
function certain({ text }: ConfSetting, fix: LineFix | undefined, version: PgMajor): LineFix | undefined {
  return fix === undefined || acceptanceOf(applyChanges(text, [fix]), version) === 'unchecked' ? undefined : fix;
}

function lookAlikeIn(value: string): string {
  const named = namedLookAlike(value);
  return named === undefined ? '' : `. The value holds ${named}`;
}

/** Returns the advice for a percentage in quotes. */
function percentageIn(name: string, value: string, version: PgMajor): string | undefined {
  const definition = settingDefinition(name, version);
  const hint = definition && percentageAdvice(definition, value, version)?.hint;
  return hint && capitalized(hint);
}

/** Returns a refused amount with the unit that the server knows. */
function amountIn(name: string, value: string, version: PgMajor): string | undefined {
  const definition = settingDefinition(name, version);
  return definition && withKnownUnit(definition, value, version);
}
